/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.faults;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;
import java.util.function.Predicate;
import org.eclipse.paho.client.mqttv3.DisconnectedBufferOptions;
import org.eclipse.paho.client.mqttv3.IMqttActionListener;
import org.eclipse.paho.client.mqttv3.IMqttToken;
import org.eclipse.paho.client.mqttv3.MqttAsyncClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.polymq.tck.ledger.Verdict;
import org.polymq.tck.server.ClusterProcess;
import org.polymq.tck.server.Endpoints;
import org.polymq.tck.server.Relay;

/**
 * Many persistent MQTT sessions, while each is sent a message: how long until all are connected again, with their
 * subscriptions, and until each has what was acknowledged for it. They are on the three nodes of a cluster, of which
 * one that leads is killed; or on gateways without a log, of which every second one is killed, those that have them
 * all.
 */
final class SessionsMove {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final int IN_FLIGHT = 200;
    private static final int AT_ONCE = 200;
    private static final int BEFORE = 0;
    private static final int MEANWHILE = 1;
    /** Each session is a connection of its client and a stream to each group: so many files one gateway may open. */
    private static final int MOST_FILES = 16_000;

    private final List<SessionClient> sessions = new ArrayList<>();
    private final List<Set<Integer>> acknowledged =
            List.of(ConcurrentHashMap.newKeySet(), ConcurrentHashMap.newKeySet());
    private final Semaphore inFlight = new Semaphore(IN_FLIGHT);

    private final ClusterProcess cluster;
    private final List<InetSocketAddress> servers;
    private final IntUnaryOperator first;
    private final Killing killing;

    /** Kills processes, and says which. */
    private interface Killing {
        String kill() throws InterruptedException;
    }

    private SessionsMove(ClusterProcess cluster, List<String> servers, IntUnaryOperator first, Killing killing) {
        this.cluster = cluster;
        this.servers = servers.stream()
                .map(each -> new InetSocketAddress(InetAddress.getLoopbackAddress(), Endpoints.port(each)))
                .toList();
        this.first = first;
        this.killing = killing;
    }

    /** From a node that leads; with several groups as many as the two nodes that are left may open files for. */
    static Outcome fromLeader(Path directory, int most, int groups) throws Exception {
        int count = groups == 1 ? most : Math.min(most, 2 * MOST_FILES / (1 + groups));
        try (ClusterProcess cluster = ClusterProcess.in(directory, 3, null, groups)
                .with("cluster.election-timeout", ClusterFaults.ELECTION)) {
            return new SessionsMove(cluster, cluster.mqtt(), number -> number, () -> {
                        int leader = cluster.awaitLeader(PATIENCE);
                        cluster.node(leader).kill();
                        return "the leader, node " + (leader + 1) + ",";
                    })
                    .run(cluster.mqtt(), count);
        }
    }

    /** From as many gateways as it takes to have so many sessions, to as many others. */
    static Outcome fromGateways(Path directory, int count, int groups) throws Exception {
        int killed = (count * (1 + groups) + MOST_FILES - 1) / MOST_FILES;
        try (ClusterProcess cluster = ClusterProcess.withGateways(directory, 3, groups, 2 * killed)
                .with("cluster.election-timeout", ClusterFaults.ELECTION)) {
            List<String> gateways = cluster.gatewaysMqtt();
            return new SessionsMove(cluster, gateways, number -> number % killed * 2, () -> {
                        for (int i = 0; i < killed; i++) {
                            cluster.killGateway(2 * i);
                        }
                        return killed + " of " + 2 * killed + " gateways, with all sessions,";
                    })
                    .run(gateways, count);
        }
    }

    private Outcome run(List<String> servers, int count) throws Exception {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        cluster.start(PATIENCE);
        try (Relay relay = Relay.to(servers)) {
            return run(relay, loops, count);
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    private Outcome run(Relay relay, EventLoopGroup loops, int count) throws Exception {
        Bootstrap bootstrap = new Bootstrap().group(loops).channel(NioSocketChannel.class);
        long began = System.nanoTime();
        for (int i = 0; i < count; i++) {
            SessionClient session = new SessionClient(bootstrap, servers, first.applyAsInt(i), i);
            sessions.add(session);
            session.connect();
            if (sessions.size() % AT_ONCE == 0) {
                await("are connected", SessionClient::isServed);
            }
        }
        await("are connected", SessionClient::isServed);
        System.out.println("  " + count + " sessions connected and subscribed after " + since(began) + " ms");
        MqttAsyncClient publisher = connect(relay.address());
        try {
            publish(publisher, BEFORE, 0, count);
            await("have their first message", each -> each.has(BEFORE));
            publish(publisher, MEANWHILE, 0, count / 5);

            long killed = System.nanoTime();
            String who = killing.kill();
            publish(publisher, MEANWHILE, count / 5, count);
            await("are connected again", SessionClient::isServed);
            long connected = since(killed);
            inFlight.acquire(IN_FLIGHT); // Paho sends again what was on its way
            inFlight.release(IN_FLIGHT);
            await("have their second message", each -> each.has(MEANWHILE));
            System.out.println("  " + who + " killed: all sessions on the others after " + connected
                    + " ms, all with the messages of that time after " + since(killed) + " ms");
        } finally {
            sessions.forEach(SessionClient::stop);
            publisher.disconnectForcibly(0, 1_000, false);
            publisher.close(true);
        }
        for (int place = 0; place < cluster.size(); place++) {
            if (!cluster.node(place).isAlive()) {
                cluster.node(place).start();
            }
        }
        return judge().and(EqualLogs.check(cluster, PATIENCE));
    }

    private Outcome judge() {
        List<String> lost = new ArrayList<>();
        for (int message = BEFORE; message <= MEANWHILE; message++) {
            for (int each : acknowledged.get(message)) {
                if (!sessions.get(each).has(message)) {
                    lost.add("session " + each + " misses message " + message);
                }
            }
        }
        long sent = acknowledged.stream().mapToLong(Set::size).sum();
        Verdict verdict = new Verdict(
                sent, lost.size(), 0, 0, 0, 0, lost.stream().limit(10).toList());
        Outcome outcome = new Outcome(verdict, Verdict.none(), List.of());
        long forgotten = sessions.stream().filter(SessionClient::wasForgotten).count();
        return forgotten == 0 ? outcome : outcome.and(Outcome.failed(forgotten + " sessions were forgotten"));
    }

    private void publish(MqttAsyncClient publisher, int message, int from, int to)
            throws InterruptedException, MqttException {
        byte[] body = ByteBuffer.allocate(Integer.BYTES).putInt(message).array();
        for (int i = from; i < to; i++) {
            int session = i;
            if (!inFlight.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("nothing is acknowledged within " + PATIENCE);
            }
            publisher.publish(SessionClient.topic(i), body, 1, false, null, new IMqttActionListener() {
                @Override
                public void onSuccess(IMqttToken done) {
                    acknowledged.get(message).add(session);
                    inFlight.release();
                }

                @Override
                public void onFailure(IMqttToken lost, Throwable cause) {
                    inFlight.release(); // it is sent again, and nobody is told of its answer
                }
            });
        }
    }

    private static MqttAsyncClient connect(String address) throws MqttException {
        MqttAsyncClient client = new MqttAsyncClient("tcp://" + address, "sessions-publisher", new MemoryPersistence());
        MqttConnectOptions options = new MqttConnectOptions();
        options.setCleanSession(false);
        options.setAutomaticReconnect(true);
        options.setMaxReconnectDelay(1_000);
        options.setMaxInflight(10 * IN_FLIGHT); // the client frees a place some time after it says that it did
        client.connect(options).waitForCompletion(PATIENCE.toMillis());
        DisconnectedBufferOptions buffer = new DisconnectedBufferOptions();
        buffer.setBufferEnabled(true);
        buffer.setBufferSize(10 * IN_FLIGHT);
        client.setBufferOpts(buffer);
        return client;
    }

    private void await(String what, Predicate<SessionClient> condition) throws InterruptedException {
        if (!Pause.until(PATIENCE, () -> sessions.stream().allMatch(condition))) {
            throw new IllegalStateException(
                    sessions.stream().filter(condition.negate()).count() + " sessions, which do not: " + what
                            + ", after " + PATIENCE);
        }
    }

    private static long since(long moment) {
        return (System.nanoTime() - moment) / 1_000_000;
    }
}
