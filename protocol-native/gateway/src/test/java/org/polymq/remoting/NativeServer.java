/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelPipeline;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.polymq.broker.Broker;
import org.polymq.broker.TestBroker;
import org.polymq.broker.net.Limits;
import org.polymq.broker.net.Listener;
import org.polymq.broker.net.Listeners;
import org.polymq.broker.net.Protocol;
import org.polymq.broker.net.Transport;
import org.polymq.nameserver.BrokerProof;
import org.polymq.nameserver.NameServer;
import org.polymq.nameserver.NameServerConfig;
import org.polymq.nameserver.Registration;
import org.polymq.nameserver.RequestGuard;
import org.polymq.nameserver.TopicTable;
import org.polymq.remoting.wire.body.DataVersion;
import org.polymq.remoting.wire.body.RegisterBrokerBody;
import org.polymq.remoting.wire.header.BrokerIdentity;

/** A broker with its native gateway and a name server, on free ports and a directory of a test. */
final class NativeServer implements AutoCloseable {
    private final Transport transport = Transport.open(2);
    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final Listeners listeners = new Listeners(transport, Limits.defaults(), registry);
    private final Broker broker;
    private final NativeGateway gateway;
    private final NameServer nameServer;
    private final Registration registration;
    private final int port;
    private final int nameServerPort;

    NativeServer(Path directory) throws Exception {
        this(directory, 0, 0);
    }

    NativeServer(Path directory, int nativePort, int routesPort) throws Exception {
        this(directory, nativePort, routesPort, TransactionSettings.DEFAULT);
    }

    NativeServer(Path directory, int nativePort, int routesPort, TransactionSettings transactions) throws Exception {
        this(TestBroker.open(directory.resolve("data")), directory, nativePort, routesPort, transactions);
    }

    /** A broker that asks everybody who they are. */
    static NativeServer secured(Path directory) throws Exception {
        return new NativeServer(
                TestBroker.openSecured(directory.resolve("data")), directory, 0, 0, TransactionSettings.DEFAULT);
    }

    private NativeServer(
            Broker broker, Path directory, int nativePort, int routesPort, TransactionSettings transactions)
            throws Exception {
        this.broker = broker;
        NativeConfig usual = NativeConfig.of("DefaultCluster", "broker-a");
        NativeConfig config = new NativeConfig(
                usual.clusterName(),
                usual.brokerName(),
                usual.autoCreateTopics(),
                usual.maxAutoQueues(),
                usual.maxDeliverSize(),
                usual.clientTimeout(),
                usual.lockTime(),
                usual.delayLevels(),
                transactions,
                Optional.empty(),
                usual.limits(),
                Map.of());
        gateway = NativeGateway.open(
                broker,
                config,
                InstantSource.system(),
                registry,
                transport.workers().next());
        Listener nativeListener = listeners.bind("native", loopback(nativePort), gateway.protocol());
        port = nativeListener.port();
        nameServer = NameServer.open(
                NameServerConfig.of(directory.resolve("kv.json")),
                (channel, reason) -> channel.close(),
                RequestGuard.OPEN);
        nameServerPort =
                listeners.bind("nameserver", loopback(routesPort), new Routes()).port();
        TopicConfigs configs = gateway.topicConfigs();
        registration = Registration.open(
                transport.workers(),
                List.of(loopback(nameServerPort)),
                new BrokerIdentity(config.brokerName(), "127.0.0.1:" + port, config.clusterName(), 0),
                "",
                BrokerProof.NONE,
                new TopicTable() {
                    @Override
                    public DataVersion version() {
                        return configs.version();
                    }

                    @Override
                    public RegisterBrokerBody snapshot() {
                        return configs.snapshot();
                    }
                },
                Registration.INTERVAL);
        configs.onChange(registration::topicChanged, registration::topicsRemoved);
        registration.registered().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private final class Routes implements Protocol {
        @Override
        public String name() {
            return "nameserver";
        }

        @Override
        public int prefixLength() {
            return 4;
        }

        @Override
        public boolean accepts(ByteBuf firstBytes) {
            return true;
        }

        @Override
        public void install(ChannelPipeline pipeline) {
            nameServer.install(pipeline);
        }
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    Broker broker() {
        return broker;
    }

    int routesPort() {
        return nameServerPort;
    }

    int port() {
        return port;
    }

    NativeGateway gateway() {
        return gateway;
    }

    MeterRegistry registry() {
        return registry;
    }

    String nameServerAddress() {
        return "127.0.0.1:" + nameServerPort;
    }

    @Override
    public void close() throws IOException {
        registration.close();
        listeners.close(Duration.ofSeconds(2));
        gateway.close();
        nameServer.close();
        broker.close();
        transport.close();
    }

    /** Runs until it is killed, for trying official programs by hand: directory, native port, name server port. */
    public static void main(String[] arguments) throws Exception {
        NativeServer server =
                new NativeServer(Path.of(arguments[0]), Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]));
        System.out.println("native " + server.port() + " nameserver " + server.nameServerAddress());
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                server.close();
            } catch (IOException e) {
                System.err.println(e);
            }
        }));
        Thread.currentThread().join();
    }
}
