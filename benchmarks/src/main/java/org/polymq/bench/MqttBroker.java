/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A broker that accepts MQTT on loopback.
 *
 * @param name how the tables call it
 * @param child its process
 * @param port where it listens
 */
record MqttBroker(String name, Child child, int port) implements AutoCloseable {
    private static final Pattern LISTENER = Pattern.compile("(?i)\\s*mqtt\\s+\\d+\\.\\d+\\.\\d+\\.\\d+:(\\d+).*");
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /**
     * Starts one on an empty directory.
     *
     * @param name {@code mosquitto}, {@code hivemq}, or what {@link BrokerKind#parse} knows PolyMQ by
     */
    static MqttBroker start(String name, Layout layout, Path home) throws IOException, InterruptedException {
        Files.createDirectories(home);
        return switch (name) {
            case "mosquitto" -> mosquitto(home);
            case "hivemq" -> hiveMq(layout, home);
            default -> polyMq(name, layout, home);
        };
    }

    private static MqttBroker polyMq(String name, Layout layout, Path home) throws IOException, InterruptedException {
        if (!(BrokerKind.parse(name) instanceof BrokerKind.PolyMq kind)) {
            throw new IllegalArgumentException(
                    "no MQTT broker '" + name + "': there are polymq, NAME=CHECKOUT, mosquitto and hivemq");
        }
        Path checkout = kind.checkout();
        Child child = BrokerKind.PolyMq.launch(checkout == null ? layout.root() : checkout, home, kind.settings());
        return new MqttBroker(
                kind.name(), child, Integer.parseInt(BrokerKind.PolyMq.address(child, LISTENER, "MQTT listener")));
    }

    private static MqttBroker hiveMq(Layout layout, Path home) throws IOException, InterruptedException {
        Child child = Child.java(
                home.resolve("hivemq.log"),
                List.of("-Xms1g", "-Xmx1g", "-XX:+UseParallelGC"),
                layout.hiveMqClassPath(),
                "org.polymq.bench.peer.HiveMqPeer",
                home.resolve("data").toString());
        String ready = child.await(PATIENCE, "READY port=");
        return new MqttBroker("hivemq", child, Integer.parseInt(ready.substring("READY port=".length())));
    }

    private static MqttBroker mosquitto(Path home) throws IOException, InterruptedException {
        Path program = Stream.of("/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/usr/bin/mosquitto")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "mosquitto is not installed (Debian: apt-get install mosquitto); or say"
                                + " brokers=polymq,hivemq"));
        int port = FreePorts.block(1);
        Path configuration = Files.writeString(
                home.resolve("mosquitto.conf"), """
                    listener %d 127.0.0.1
                    allow_anonymous true
                    persistence true
                    persistence_location %s/
                    max_queued_messages 0
                    set_tcp_nodelay true
                    log_dest stderr
                    log_timestamp false
                    user %s
                    """.formatted(port, home, System.getProperty("user.name")));
        Child child =
                Child.start(home.resolve("mosquitto.log"), List.of(program.toString(), "-c", configuration.toString()));
        awaitListener(child, port);
        return new MqttBroker("mosquitto", child, port);
    }

    /** Mosquitto says nothing on its standard output before its buffer is full: a connection tells that it is ready. */
    private static void awaitListener(Child child, int port) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            try {
                new Socket(InetAddress.getLoopbackAddress(), port).close();
                return;
            } catch (IOException notYet) {
                Thread.sleep(50);
            }
        }
        throw new IllegalStateException("mosquitto (process " + child.pid() + ") does not listen on port " + port);
    }

    @Override
    public void close() {
        child.close();
    }
}
