/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.polymq.broker.Awaited;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.connector.lend.Borrowing;
import org.polymq.broker.connector.lend.Lending;
import org.polymq.broker.connector.lend.LendingProtocol;
import org.polymq.broker.connector.lend.LentSource;
import org.polymq.broker.connector.lend.SourceLog;
import org.polymq.broker.group.Group;
import org.polymq.broker.message.Message;
import org.polymq.broker.publish.Outgoing;
import org.polymq.broker.publish.Stored;
import org.polymq.broker.security.Access;
import org.polymq.broker.subscription.Settlement;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.TopicKind;

/**
 * What a running connector has of the broker: its configuration, the way in and out for messages under its user's
 * permissions, and its positions. Methods that wait must not be called on event loops. Safe from any thread.
 */
public final class ConnectorContext implements SourceLog {
    private final Connector connector;
    private final Map<String, String> config;
    private final ConnectorBroker broker;
    private final Access access;
    private final ConnectorCounters counters;
    private final InstantSource clock;
    private final Optional<Spread> spread;
    private final AtomicInteger threads = new AtomicInteger();

    /** Of a connector that is spread: the groups, and where their leaders ask for its tasks. */
    record Spread(ConnectorGroups groups, LendingProtocol streams) {}

    ConnectorContext(
            Connector connector,
            Map<String, String> config,
            ConnectorBroker broker,
            Access access,
            ConnectorCounters counters,
            InstantSource clock,
            Optional<Spread> spread) {
        this.connector = connector;
        this.config = Map.copyOf(config);
        this.broker = broker;
        this.access = access;
        this.counters = counters;
        this.clock = clock;
        this.spread = spread;
    }

    public String name() {
        return connector.name();
    }

    /** The slot of this group, if the connector is spread over the groups of a cluster; else 0. */
    public int slot() {
        return spread.map(each -> each.groups().slot()).orElse(0);
    }

    /** For the tasks of a source that is spread, in the group that defines it: begins to lend them. */
    public Optional<Lending> lend() {
        return spread.filter(each -> each.groups().slot() == 0).map(each -> {
            Lending lending = new Lending(lent(), each.groups(), each.streams(), System::nanoTime);
            each.streams().add(name(), lending);
            return lending;
        });
    }

    /** How tasks of a source that is spread are borrowed, in every other group; empty: this one runs them all. */
    public Optional<Borrowing> borrow() {
        return spread.filter(each -> each.groups().slot() > 0).map(each -> new Borrowing(name(), each.groups()));
    }

    /** Whether nothing is to move before {@link RunningConnector#resume}. */
    public boolean startsPaused() {
        return connector.target() == Connector.Target.PAUSED;
    }

    /** The configuration with its secrets in their places: not for logs. */
    public Map<String, String> config() {
        return config;
    }

    /** The broker's parts, for what this class has no method for; {@link #access} has to be asked then. */
    public ConnectorBroker broker() {
        return broker;
    }

    /** What the connector's user may do. */
    public Access access() {
        return access;
    }

    public ConnectorCounters counters() {
        return counters;
    }

    public InstantSource clock() {
        return clock;
    }

    /**
     * Stores messages together with positions in one entry: after a crash both are there or neither is, so nothing is
     * lost and nothing doubled. Waits until they are stored, as durably as the log's mode says.
     *
     * @param positions as of {@link #savePositions}; empty for none
     * @throws BrokerException NO_PERMISSION, or why they were not stored: {@code reason().caller()} says whether to try
     *     again
     */
    public List<Stored> publish(List<Outgoing> messages, Map<String, String> positions) throws InterruptedException {
        return Awaited.get(reply -> publish(messages, positions, reply));
    }

    private void publish(List<Outgoing> messages, Map<String, String> positions, Reply<List<Stored>> reply) {
        try {
            messages.forEach(outgoing -> access.publish(outgoing.message().address()));
        } catch (BrokerException refused) {
            reply.failed(refused);
            return;
        }
        if (messages.isEmpty() && positions.isEmpty()) {
            reply.ok(List.of());
        } else if (messages.isEmpty()) {
            broker.connectors()
                    .savePositions(
                            name(), positions, Lane.direct(), Reply.of(done -> reply.ok(List.of()), reply::failed));
        } else {
            List<Settlement> saved = positions.isEmpty()
                    ? List.of()
                    : List.of(broker.connectors().positionsWith(name(), positions));
            commit(
                    messages,
                    saved,
                    Reply.of(
                            stored -> {
                                counters.received(messages.size());
                                reply.ok(stored);
                            },
                            reply::failed));
        }
    }

    /** As {@link #publish}: to a queue if there is one of the address's name, else to a topic. */
    @Override
    public List<Stored> store(List<Message> messages, Map<String, String> positions) throws InterruptedException {
        return Awaited.get(reply -> store(messages, positions, reply));
    }

    /** The source as {@link Lending} sees it. */
    LentSource lent() {
        return new Lent();
    }

    private final class Lent implements LentSource {
        @Override
        public String name() {
            return ConnectorContext.this.name();
        }

        @Override
        public Map<String, String> config() {
            return config;
        }

        @Override
        public Map<String, String> positions() {
            return ConnectorContext.this.positions();
        }

        @Override
        public void store(List<Message> messages, Map<String, String> positions, Reply<List<Stored>> reply) {
            ConnectorContext.this.store(messages, positions, reply);
        }

        @Override
        public void failed() {
            counters.error();
        }
    }

    private void store(List<Message> messages, Map<String, String> positions, Reply<List<Stored>> reply) {
        publish(messages.stream().map(this::outgoing).toList(), positions, reply);
    }

    private Outgoing outgoing(Message message) {
        boolean queue =
                message.address().path() == null && isQueue(message.address().topic());
        return queue ? Outgoing.toQueue(message) : Outgoing.toTopic(message);
    }

    /** A large message is stored in pieces: they are counted on one lane, whichever threads answer for them. */
    private void commit(List<Outgoing> messages, List<Settlement> saved, Reply<List<Stored>> reply) {
        Lane lane = new SerialLane();
        lane.execute(() -> {
            try {
                broker.publisher().commit(messages, saved, lane, reply);
            } catch (BrokerException refused) {
                reply.failed(refused);
            } catch (RuntimeException e) {
                reply.failed(new BrokerException(Reason.INTERNAL, String.valueOf(e.getMessage()), e));
            }
        });
    }

    private boolean isQueue(String topic) {
        Topic existing = broker.topics().get(topic);
        return existing != null && existing.kind() == TopicKind.QUEUE;
    }

    /** How far the connector is in what it reads from elsewhere. */
    @Override
    public Map<String, String> positions() {
        return new HashMap<>(broker.connectors().positions(name()));
    }

    /** Stores positions by key; an empty value removes one. Waits until they are stored. */
    public void savePositions(Map<String, String> positions) throws InterruptedException {
        if (!positions.isEmpty()) {
            Awaited.<Done>get(reply -> broker.connectors().savePositions(name(), positions, Lane.direct(), reply));
        }
    }

    /** Reads topics; what is committed through it are the offsets of the group {@link Connector#group}. */
    public TopicReader reader(ReadOptions options) throws InterruptedException {
        Awaited.<Group>get(reply -> broker.groups().ensure(connector.group(), Lane.direct(), reply));
        return new TopicReader(broker, access, counters, connector.group(), options, clock);
    }

    /**
     * A thread for the connector's work, not started.
     *
     * @param role part of its name, such as {@code task-0}
     */
    public Thread thread(String role, Runnable work) {
        Thread thread = new Thread(work, "polymq-connector-" + name() + "-" + role + "-" + threads.incrementAndGet());
        thread.setDaemon(true);
        return thread;
    }

    /** The refusal of a configuration that passed the check and is wrong all the same. */
    public static BrokerException invalid(String message) {
        return new BrokerException(Reason.INVALID_REQUEST, message);
    }
}
