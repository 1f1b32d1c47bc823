/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

import java.time.Duration;
import java.util.List;
import org.polymq.broker.Awaited;
import org.polymq.broker.Done;
import org.polymq.broker.connector.ConnectorBroker;
import org.polymq.broker.connector.ConnectorContext;
import org.polymq.broker.message.Destination;
import org.polymq.broker.publish.Outgoing;
import org.polymq.broker.publish.Stored;
import org.polymq.broker.security.Access;
import org.polymq.broker.subscription.ConsumerOptions;
import org.polymq.broker.subscription.Delivery;
import org.polymq.broker.subscription.SubscriptionKey;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.TopicSpec;

/**
 * The broker's core as the links of a bridge use it: each call waits for its answer. Safe from any thread but the
 * bridge's lane.
 */
final class LocalLog {
    private final ConnectorBroker broker;
    private final Access access;
    private final BridgeLane lane;
    private final String bridge;

    LocalLog(ConnectorContext context, BridgeLane lane) {
        this.broker = context.broker();
        this.access = context.access();
        this.lane = lane;
        this.bridge = context.name();
    }

    /** The subscription that keeps what an entry has still to send. A queue has its own, which others may use too. */
    SubscriptionKey key(Destination from) {
        return from.kind().isQueue()
                ? SubscriptionKey.queue(from.name())
                : SubscriptionKey.connector(bridge, from.name());
    }

    /** Makes the subscription unless it is there. From now on everything is kept until it was sent. */
    void keep(Destination from) throws InterruptedException {
        if (from.kind().isQueue()) {
            access.consumeQueue(from.name());
            TopicSpec queue = TopicSpec.queue(from.name(), Topic.Origin.JMS);
            Awaited.<Topic>get(reply -> broker.topics().ensure(queue, lane, reply));
        } else {
            access.subscribe(from.name());
            Awaited.<Done>get(
                    reply -> broker.subscriptions().subscribe(key(from), List.of(from.name()), "", lane, reply));
        }
    }

    /** Forgets what the subscription kept. */
    void forget(SubscriptionKey key) throws InterruptedException {
        Awaited.<Done>get(reply -> broker.subscriptions().unsubscribe(key, lane, reply));
    }

    /** The subscriptions of this bridge, those of queues excepted. */
    List<SubscriptionKey> kept() {
        return broker.subscriptions().keys(SubscriptionKey.Kind.CONNECTOR).stream()
                .filter(key -> key.owner().equals(bridge))
                .toList();
    }

    /** Messages that wait to be sent. */
    long backlog(Destination from) {
        return broker.subscriptions()
                .find(key(from))
                .map(info -> info.pending())
                .orElse(0L);
    }

    /** Begins to take messages out of the log. */
    Intake open(Destination from, int messages, long bytes) {
        ConsumerOptions options =
                from.kind().isQueue() ? ConsumerOptions.shared(lane) : ConsumerOptions.exclusive(lane);
        Intake intake = new Intake(messages, bytes);
        intake.begin(broker.subscriptions().attach(key(from), options, intake));
        return intake;
    }

    /** Waits so long: for the log to take something again. */
    void pause(Duration time) throws InterruptedException {
        Awaited.<Done>get(reply -> lane.after(time, () -> reply.ok(Done.DONE)));
    }

    /** Stores messages, all or none. */
    void store(List<Outgoing> messages) throws InterruptedException {
        messages.forEach(outgoing -> access.publish(outgoing.message().address()));
        Awaited.<List<Stored>>get(
                reply -> lane.execute(() -> broker.publisher().commit(messages, List.of(), lane, reply)));
    }

    /** Moves a message to the bridge's dead letters. */
    void moveAside(Intake intake, Delivery delivery, String reason) throws InterruptedException {
        Awaited.<Done>get(
                reply -> broker.deadLetters().move(delivery, intake.settle(delivery), deadLetters(), reason, reply));
    }

    /** Stores a message among the bridge's dead letters, which needs no permission. */
    void storeAside(Outgoing letter) throws InterruptedException {
        Awaited.<List<Stored>>get(
                reply -> lane.execute(() -> broker.publisher().commit(List.of(letter), List.of(), lane, reply)));
    }

    /** The queue for what the other side refuses. */
    String deadLetters() {
        return "%DLQ%BRIDGE-" + bridge;
    }
}
