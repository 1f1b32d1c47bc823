/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.testcontainers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/**
 * A broker for all three protocols in a container of the test image ({@code polymq-test}): it starts empty, keeps its
 * data in memory and lets everybody in. Ready when {@code start} returns.
 *
 * <pre>{@code
 * try (PolyMQContainer polymq = new PolyMQContainer("polymq-test")) {
 *     polymq.start();
 *     new PolyMQConnectionFactory(polymq.jmsUrl()) ...
 * }
 * }</pre>
 *
 * <p>RocketMQ clients connect to what the name server says; see {@link #forRocketMqClients()}.
 */
public final class PolyMQContainer extends GenericContainer<PolyMQContainer> {
    private static final int NAME_SERVER = 9876;
    private static final int NATIVE = 10911;
    private static final int MQTT = 1883;
    private static final int WEBSOCKET = 8083;
    private static final int DASHBOARD = 8080;

    private int nativePort = NATIVE;

    /** A container of this image, such as {@code polymq-test} or {@code registry.example.com/polymq-test:0.1.0}. */
    public PolyMQContainer(String image) {
        this(DockerImageName.parse(image));
    }

    /** A container of this image. */
    public PolyMQContainer(DockerImageName image) {
        super(image);
        withExposedPorts(NAME_SERVER, NATIVE, MQTT, WEBSOCKET, DASHBOARD);
        withTmpFs(Map.of("/tmp", "rw"));
        waitingFor(Wait.forHttp("/health/ready").forPort(DASHBOARD).withStartupTimeout(Duration.ofMinutes(2)));
    }

    /**
     * Sets a key of the server's configuration; before the start.
     *
     * @param key such as {@code topics.default-queues}
     * @return this
     */
    public PolyMQContainer with(String key, String value) {
        return withEnv(
                "POLYMQ_" + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_'), value);
    }

    /**
     * Lets RocketMQ clients in too; before the start. They connect to the port that the name server tells them, which
     * is the broker's own: so the broker gets a port that is free on this machine now, inside and outside of the
     * container, instead of one that the container engine finds. Its VIP channel, two below, is not published.
     *
     * @return this
     */
    public PolyMQContainer forRocketMqClients() {
        nativePort = freePort();
        setExposedPorts(List.of(NAME_SERVER, MQTT, WEBSOCKET, DASHBOARD));
        addFixedExposedPort(nativePort, nativePort);
        return with("native.port", Integer.toString(nativePort))
                .with("advertise", DockerClientFactory.instance().dockerHostIpAddress());
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException("no port of this machine can be had: " + e.getMessage(), e);
        }
    }

    /** For {@code new PolyMQConnectionFactory(...)}: {@code polymq://HOST:PORT}. */
    public String jmsUrl() {
        return "polymq://" + at(nativePort);
    }

    /** For Eclipse Paho: {@code tcp://HOST:PORT}. */
    public String mqttUrl() {
        return "tcp://" + at(MQTT);
    }

    /** The port of MQTT over TCP, at {@link #getHost()}. */
    public int mqttPort() {
        return getMappedPort(MQTT);
    }

    /** MQTT over WebSocket: {@code ws://HOST:PORT/mqtt}. */
    public String webSocketUrl() {
        return "ws://" + at(WEBSOCKET) + "/mqtt";
    }

    /**
     * For RocketMQ's {@code setNamesrvAddr}: {@code HOST:PORT}.
     *
     * @throws IllegalStateException without {@link #forRocketMqClients()}: clients could not reach the broker
     */
    public String nameServer() {
        if (nativePort == NATIVE) {
            throw new IllegalStateException("RocketMQ clients reach this container only with forRocketMqClients()");
        }
        return at(NAME_SERVER);
    }

    /** The dashboard and the admin API: {@code http://HOST:PORT}. */
    public String dashboardUrl() {
        return "http://" + at(DASHBOARD);
    }

    private String at(int port) {
        return getHost() + ":" + getMappedPort(port);
    }
}
