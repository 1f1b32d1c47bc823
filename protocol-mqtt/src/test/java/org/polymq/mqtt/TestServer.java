/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.polymq.broker.Broker;
import org.polymq.broker.net.Limits;
import org.polymq.broker.net.Listener;
import org.polymq.broker.net.Listeners;
import org.polymq.broker.net.Transport;
import org.polymq.broker.publish.Publisher;
import org.polymq.broker.state.Retention;
import org.polymq.storage.Failpoints;
import org.polymq.storage.LogConfig;
import org.polymq.storage.NioDisk;

/** A broker on a directory with both MQTT listeners on free loopback ports. */
final class TestServer implements AutoCloseable {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Transport transport = Transport.open(2);
    private final Listeners listeners = new Listeners(transport, Limits.defaults(), registry);
    private final Broker broker;
    private final MqttBroker mqtt;
    private final Listener tcp;
    private final Listener webSocket;

    TestServer(Path directory) throws IOException {
        this(directory, MqttConfig.defaults(), 0);
    }

    TestServer(Path directory, MqttConfig config, int port) throws IOException {
        this(open(directory), config, port);
    }

    private static Broker open(Path directory) throws IOException {
        return Broker.open(
                new Broker.Settings(
                        "TestCluster",
                        new Publisher.Settings(4, 4 << 20),
                        new Retention.Settings(Duration.ofHours(72), Duration.ofHours(24))),
                LogConfig.defaults(directory),
                new NioDisk(),
                Clock.systemUTC(),
                Failpoints.NONE);
    }

    TestServer(Broker broker, MqttConfig config, int port) throws IOException {
        this.broker = broker;
        mqtt = new MqttBroker(MqttServices.of(broker, Clock.systemUTC()), config, registry);
        mqtt.start(transport.workers());
        tcp = listeners.bind("mqtt", loopback(port), mqtt.tcp());
        webSocket = listeners.bind("mqtt-websocket", loopback(0), mqtt.webSocket());
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    Broker broker() {
        return broker;
    }

    int port() {
        return tcp.port();
    }

    int webSocketPort() {
        return webSocket.port();
    }

    String uri() {
        return "tcp://127.0.0.1:" + port();
    }

    /** How many clients have a session right now. */
    double connected() {
        return registry.get("polymq.mqtt.connected").gauge().value();
    }

    double counted(String name, String... tags) {
        return registry.get(name).tags(tags).counter().count();
    }

    @Override
    public void close() {
        listeners.close(Duration.ofSeconds(5));
        mqtt.close();
        broker.close();
        transport.close();
    }

    /** Runs by hand, for the judges that are no Java programs: directory and port. */
    public static void main(String[] args) throws Exception {
        TestServer server = new TestServer(Path.of(args[0]), MqttConfig.defaults(), Integer.parseInt(args[1]));
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
        System.out.println("mqtt " + server.port() + " websocket " + server.webSocketPort());
        Thread.currentThread().join();
    }
}
