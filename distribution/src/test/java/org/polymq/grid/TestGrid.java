/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.grid;

import static org.awaitility.Awaitility.await;

import com.hazelcast.cluster.Member;
import com.hazelcast.cluster.impl.MemberImpl;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.instance.impl.HazelcastInstanceProxy;
import com.hazelcast.internal.cluster.impl.ClusterServiceImpl;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.cluster.NodePresence;
import org.polymq.broker.cluster.UserConnections.Place;

/** Some nodes of one process that share their state, each with what Hazelcast calls a member. */
final class TestGrid implements AutoCloseable {
    private static final GridSettings.Pace QUICK = new GridSettings.Pace(
            Duration.ofMillis(200),
            Duration.ofSeconds(1),
            Duration.ofSeconds(30),
            Duration.ofSeconds(20),
            Duration.ofSeconds(5));
    private static final Duration LONG = Duration.ofMinutes(3);

    private final String cluster = "test-" + Long.toHexString(System.nanoTime());
    private final int perUser;
    private final int[] ports;
    private final Map<Integer, GridState> nodes = new ConcurrentHashMap<>();
    private final Map<Integer, SimpleMeterRegistry> registries = new ConcurrentHashMap<>();

    TestGrid(int size, int perUser) {
        this.perUser = perUser;
        this.ports = freePorts(size);
    }

    private static int[] freePorts(int count) {
        List<ServerSocket> open = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                open.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return open.stream().mapToInt(ServerSocket::getLocalPort).toArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            open.forEach(TestGrid::close);
        }
    }

    private static void close(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The port of a node, from 1. */
    int port(int number) {
        return ports[number - 1];
    }

    void startAll() {
        for (int number = 1; number <= ports.length; number++) {
            start(number);
        }
        awaitTogether();
    }

    void start(int number) {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        registries.put(number, registry);
        List<String> members = new ArrayList<>();
        for (int port : ports) {
            members.add("127.0.0.1:" + port);
        }
        InetSocketAddress bind = new InetSocketAddress(InetAddress.getLoopbackAddress(), port(number));
        GridState state = new GridState(
                new GridSettings(cluster, bind, "127.0.0.1:" + port(number), members, QUICK),
                perUser,
                InstantSource.system(),
                registry);
        state.presence()
                .say(() -> new NodePresence(
                        Integer.toString(number), List.of("mqtt 127.0.0.1:1883"), 10 * number, 0.5, 1));
        state.start();
        nodes.put(number, state);
    }

    /** Waits until all that were started are members of one grid, and know it. */
    void awaitTogether() {
        await().atMost(LONG)
                .until(() -> nodes.values().stream()
                        .allMatch(each -> each.member().live().size() == nodes.size()));
    }

    /** Lets a user in at a node. */
    Place enter(int number, String user) {
        return node(number)
                .users()
                .enter(user)
                .toCompletableFuture()
                .orTimeout(60, TimeUnit.SECONDS)
                .join();
    }

    GridState node(int number) {
        GridState node = nodes.get(number);
        if (node == null) {
            throw new IllegalStateException("no node " + number);
        }
        return node;
    }

    long id(int number) {
        return node(number).member().id();
    }

    double counted(int number, String counter) {
        SimpleMeterRegistry registry = registries.get(number);
        return registry == null ? 0 : registry.get(counter).counter().count();
    }

    /** Waits until the node has asked the grid all that it was to ask until now. */
    void settle(int number) {
        AtomicReference<Object> answer = new AtomicReference<>();
        node(number)
                .member()
                .ask(there -> there.getMap(GridClaims.MAP).getAsync("nobody"))
                .whenComplete((value, failure) -> answer.set(failure == null ? "done" : failure));
        await().atMost(LONG).until(() -> "done".equals(answer.get()));
    }

    private HazelcastInstance hazelcast(int number) {
        HazelcastInstance there = Hazelcast.getHazelcastInstanceByName("polymq-" + Long.toHexString(id(number)));
        if (there == null) {
            throw new IllegalStateException("node " + number + " is no member");
        }
        return there;
    }

    private HazelcastInstance any() {
        return hazelcast(nodes.keySet().iterator().next());
    }

    @Nullable
    Owner owner(String clientId) {
        return any().<String, Owner>getMap(GridClaims.MAP).get(clientId);
    }

    @Nullable
    Owner owner(int number, String clientId) {
        return hazelcast(number).<String, Owner>getMap(GridClaims.MAP).get(clientId);
    }

    @Nullable
    Shares shares(String user) {
        return any().<String, Shares>getMap(GridUsers.MAP).get(user);
    }

    @Nullable
    Failures failures(String user, String address) {
        return any().<String, Failures>getMap(GridLogins.MAP).get(address + " " + user);
    }

    /** All that is shared is lost. */
    void wipe() {
        List.of(GridClaims.MAP, GridUsers.MAP, GridLogins.MAP, GridPresence.MAP)
                .forEach(each -> any().getMap(each).clear());
    }

    /** Ends a node without a goodbye. */
    void kill(int number) {
        hazelcast(number).getLifecycleService().terminate();
        node(number).close();
        nodes.remove(number);
    }

    /** Has a node and all others take each other for gone. */
    void split(int number) {
        for (int other : nodes.keySet()) {
            if (other != number) {
                suspect(number, other);
                suspect(other, number);
            }
        }
        await().atMost(LONG)
                .until(() -> hazelcast(number).getCluster().getMembers().size() == 1);
    }

    private void suspect(int number, int other) {
        String name = Long.toString(id(other));
        ClusterServiceImpl service =
                ((HazelcastInstanceProxy) hazelcast(number)).getOriginal().node.getClusterService();
        for (Member each : service.getMembers()) {
            if (name.equals(each.getAttribute(HazelcastConfig.ID))) {
                service.suspectMember((MemberImpl) each, "the test splits them", true);
            }
        }
    }

    @Override
    public void close() {
        nodes.values().parallelStream().forEach(GridState::close);
    }
}
