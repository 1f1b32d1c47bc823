/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.junit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A running broker for all three protocols, on free ports of 127.0.0.1, with its data in a temporary directory that
 * goes when it is closed. May be used from any thread.
 *
 * <pre>{@code
 * try (EmbeddedBroker broker = EmbeddedBroker.start(Map.of("topics.default-queues", "1"))) {
 *     new PolyMQConnectionFactory(broker.jmsUrl()) ...
 * }
 * }</pre>
 */
public final class EmbeddedBroker implements AutoCloseable {
    private static final String LOCAL = "127.0.0.1";

    private final Path directory;
    private final ServerCode.Running server;
    private final Map<String, InetSocketAddress> listeners;

    private EmbeddedBroker(Path directory, ServerCode.Running server) {
        this.directory = directory;
        this.server = server;
        this.listeners = server.listeners();
    }

    /** Starts one with the defaults. */
    public static EmbeddedBroker start() {
        return start(Map.of());
    }

    /**
     * Starts one; returns when clients of all protocols are served.
     *
     * @param settings keys of the server's configuration with their values, over those that fit tests
     * @throws IllegalArgumentException if a key or value is not allowed; the message says what is
     */
    public static EmbeddedBroker start(Map<String, String> settings) {
        try {
            Path directory = Files.createTempDirectory("polymq-test");
            try {
                Map<String, String> all = defaults(directory.resolve("data"));
                all.putAll(settings);
                List<String> sets = new ArrayList<>();
                all.forEach((key, value) -> sets.add(key + "=" + value));
                return new EmbeddedBroker(directory, ServerCode.shared().open(sets));
            } catch (IOException | RuntimeException e) {
                TemporaryFiles.delete(directory);
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the broker cannot be started: " + e.getMessage(), e);
        }
    }

    /** Small files, since tests come and go, and nothing on disk but the log, so that no native library is needed. */
    private static Map<String, String> defaults(Path data) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("data", data.toString());
        settings.put("log.level", "warn");
        settings.put("storage.segment-size", "16MB");
        settings.put("storage.views-memory", "4GB");
        settings.put("storage.full-below", "0B");
        settings.put("storage.clean-below", "0B");
        for (String key :
                List.of("nameserver.port", "native.port", "mqtt.port", "mqtt.websocket-port", "dashboard.port")) {
            settings.put(key, "0");
        }
        return settings;
    }

    /** For {@code new PolyMQConnectionFactory(...)}: {@code polymq://127.0.0.1:PORT}. */
    public String jmsUrl() {
        return "polymq://" + LOCAL + ":" + port("native");
    }

    /** For Eclipse Paho: {@code tcp://127.0.0.1:PORT}. */
    public String mqttUrl() {
        return "tcp://" + LOCAL + ":" + mqttPort();
    }

    /** The port of MQTT over TCP. */
    public int mqttPort() {
        return port("mqtt");
    }

    /** MQTT over WebSocket: {@code ws://127.0.0.1:PORT/mqtt}. */
    public String webSocketUrl() {
        return "ws://" + LOCAL + ":" + port("websocket") + "/mqtt";
    }

    /** For RocketMQ's {@code setNamesrvAddr}: {@code 127.0.0.1:PORT}. */
    public String nameServer() {
        return LOCAL + ":" + port("nameserver");
    }

    /** The dashboard and the admin API: {@code http://127.0.0.1:PORT}. */
    public String dashboardUrl() {
        return "http://" + LOCAL + ":" + port("dashboard");
    }

    private int port(String listener) {
        InetSocketAddress address = listeners.get(listener);
        if (address == null) {
            throw new IllegalStateException("the settings of this broker open no listener " + listener);
        }
        return address.getPort();
    }

    /** Says goodbye to the clients, stops the broker and deletes its data. */
    @Override
    public void close() {
        try {
            server.close();
        } finally {
            TemporaryFiles.delete(directory);
        }
    }
}
