/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Broker;
import org.polymq.broker.cluster.Placement;
import org.polymq.broker.net.Limits;
import org.polymq.broker.net.Listener;
import org.polymq.broker.net.Listeners;
import org.polymq.broker.net.Transport;
import org.polymq.jms.gateway.cluster.JmsGateway;
import org.polymq.storage.FixedPorts;

/** Three groups of one broker each, and a gateway to them on a loopback port that stays its own. */
final class TestCluster extends JmsServer {
    private static final int GROUPS = 3;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Path directory;
    private final int largest;
    private final Transport transport = Transport.open(2);
    private final Placement placement = new Placement(LoopbackLinks.names(GROUPS));
    private final AtomicReferenceArray<@Nullable Member> members = new AtomicReferenceArray<>(GROUPS);
    private final LoopbackLinks links = new LoopbackLinks(placement, this::group);
    private Gateway gateway;

    /** The leader of a group. */
    private record Member(Broker broker, Listeners listeners, Listener listener) {
        void close() {
            listeners.close(Duration.ZERO);
            broker.close();
        }
    }

    private record Gateway(JmsGateway jms, Listeners listeners, Listener listener) {
        void close() {
            listeners.close(Duration.ZERO);
            jms.close();
        }
    }

    TestCluster(Path directory) throws IOException {
        this(directory, 4 << 20);
    }

    /** One that takes messages of so many bytes. */
    TestCluster(Path directory, int largest) throws IOException {
        this.directory = directory;
        this.largest = largest;
        for (int slot = 0; slot < GROUPS; slot++) {
            lead(slot);
        }
        this.gateway = open(new FixedPorts().block(1)); // it has to come back there
    }

    private Gateway open(int port) throws IOException {
        JmsGateway jms =
                new JmsGateway(links, JmsSettings.defaults(System.nanoTime()), registry, Duration.ofSeconds(1));
        Listeners listeners = new Listeners(transport, Limits.defaults(), registry);
        return new Gateway(jms, listeners, listeners.bind("native", loopback(port), jms.protocol()));
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    private LoopbackLinks.@Nullable Group group(int slot) {
        Member member = members.get(slot);
        return member == null
                ? null
                : new LoopbackLinks.Group(member.broker(), member.listener().port());
    }

    Placement placement() {
        return placement;
    }

    /** A queue that belongs to a group. */
    String queueIn(int slot) {
        return pathIn(slot, "queue");
    }

    /** A name that begins so and belongs to a group. */
    String pathIn(int slot, String begin) {
        int number = 0;
        while (placement.ofPath(begin + number) != slot) {
            number++;
        }
        return begin + number;
    }

    // ---- what goes wrong

    /** A group has a leader, on what was stored there. */
    void lead(int slot) throws IOException {
        Broker broker = TestServer.open(directory.resolve(placement.groups().get(slot)), largest);
        Listeners listeners = new Listeners(transport, Limits.defaults(), registry);
        JmsProtocol protocol = new JmsProtocol(broker, registry, JmsSettings.defaults(System.nanoTime()));
        members.set(
                slot,
                new Member(broker, listeners, listeners.bind("streams", loopback(0), links.taking(slot, protocol))));
    }

    /** The leader of a group is gone. */
    void unlead(int slot) {
        Member member = members.getAndSet(slot, null);
        if (member != null) {
            member.close();
        }
    }

    /** Another leader of a group. */
    void changeLeader(int slot) throws IOException {
        unlead(slot);
        lead(slot);
    }

    /** What happens to the frames of transactions on the streams. */
    TransactionFaults faults() {
        return links.faults();
    }

    /** The streams to a group break. */
    void cut(int slot) {
        links.cut(slot);
    }

    /** Another gateway in place of this one, on the same port. */
    void changeGateway() {
        int port = port();
        gateway.close();
        // The port of a closed channel is free once its event loop has looked again.
        gateway = await().ignoreException(BindException.class).until(() -> open(port), Objects::nonNull);
    }

    // ----

    Broker broker(int slot) {
        Member member = members.get(slot);
        if (member == null) {
            throw new IllegalStateException("group " + slot + " has no leader");
        }
        return member.broker();
    }

    @Override
    Broker brokerOf(String queue) {
        return broker(placement.ofPath(queue));
    }

    @Override
    List<Broker> brokers() {
        return IntStream.range(0, GROUPS).mapToObj(this::broker).toList();
    }

    @Override
    Broker broker() {
        return broker(0);
    }

    @Override
    int port() {
        return gateway.listener().port();
    }

    @Override
    double counted(String name, String... tags) {
        return registry.get(name).tags(tags).counter().count();
    }

    @Override
    public void close() {
        gateway.close();
        for (int slot = 0; slot < GROUPS; slot++) {
            unlead(slot);
        }
        transport.close();
    }
}
