/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Broker;
import org.polymq.broker.cluster.ClientClaims;
import org.polymq.broker.net.Limits;
import org.polymq.broker.net.Listener;
import org.polymq.broker.net.Listeners;
import org.polymq.broker.net.Protocol;
import org.polymq.broker.net.Transport;
import org.polymq.broker.publish.Publisher;
import org.polymq.broker.state.Retention;
import org.polymq.mqtt.gateway.MqttGateway;
import org.polymq.storage.Failpoints;
import org.polymq.storage.LogConfig;
import org.polymq.storage.NioDisk;

/**
 * A broker on a directory with both MQTT listeners on free loopback ports. With {@code -Dpolymq.test.groups=N} it is a
 * gateway over N groups instead, and the broker that of the first group.
 */
final class TestServer implements AutoCloseable {
    static final int GROUPS = Integer.getInteger("polymq.test.groups", 0);

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Transport transport = Transport.open(2);
    private final Listeners listeners = new Listeners(transport, Limits.defaults(), registry);
    private final List<Broker> brokers = new ArrayList<>();
    private final List<MqttBroker> groups = new ArrayList<>();
    private final Listener tcp;
    private @Nullable TestGroups links;
    private final Listener webSocket;

    TestServer(Path directory) throws IOException {
        this(directory, MqttConfig.defaults(), 0);
    }

    TestServer(Path directory, MqttConfig config, int port) throws IOException {
        this(openAll(directory, Math.max(1, GROUPS)), config, port);
    }

    /** A gateway over so many groups, each on a directory of its own. */
    static TestServer ofGroups(Path directory, int count, MqttConfig config) throws IOException {
        return new TestServer(openAll(directory, count), config, 0);
    }

    /** The groups behind the gateway. */
    TestGroups groups() {
        return Objects.requireNonNull(links, "no gateway");
    }

    private static List<Broker> openAll(Path directory, int count) throws IOException {
        List<Broker> opened = new ArrayList<>();
        opened.add(open(directory));
        for (int i = 1; i < count; i++) {
            opened.add(open(directory.resolve("group-" + i)));
        }
        return opened;
    }

    private static Broker open(Path directory) throws IOException {
        return Broker.open(
                new Broker.Settings(
                        "TestCluster",
                        new Publisher.Settings(4, 16 << 20),
                        new Retention.Settings(Duration.ofHours(72), Duration.ofHours(24))),
                LogConfig.defaults(directory),
                new NioDisk(),
                Clock.systemUTC(),
                Failpoints.NONE);
    }

    TestServer(Broker broker, MqttConfig config, int port) throws IOException {
        this(List.of(broker), config, port);
    }

    /** Each broker is one group of a cluster; a single one is served directly. */
    TestServer(List<Broker> brokers, MqttConfig config, int port) throws IOException {
        this.brokers.addAll(brokers);
        for (Broker each : brokers) {
            PacketIds ids = brokers.size() == 1 ? PacketIds.ALL : PacketIds.of(groups.size());
            MqttBroker group = new MqttBroker(MqttServices.of(each, Clock.systemUTC()), config, ids, registry);
            group.start(transport.workers());
            groups.add(group);
        }
        Protocol direct = groups.get(0).tcp();
        Protocol framed = groups.get(0).webSocket();
        if (GROUPS > 0 || groups.size() > 1) {
            TestGroups links = new TestGroups(listeners, groups);
            MqttGateway gateway = new MqttGateway(links, config, ClientClaims.untold(), registry);
            this.links = links;
            direct = gateway.tcp();
            framed = gateway.webSocket();
        }
        tcp = listeners.bind("mqtt", loopback(port), direct);
        webSocket = listeners.bind("mqtt-websocket", loopback(0), framed);
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    Broker broker() {
        return brokers.get(0);
    }

    /** Of all groups. */
    List<Broker> brokers() {
        return brokers;
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
        groups.forEach(MqttBroker::close);
        brokers.forEach(Broker::close);
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
