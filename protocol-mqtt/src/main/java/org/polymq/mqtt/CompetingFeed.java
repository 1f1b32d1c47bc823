/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Reply;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.session.DurableSession;
import org.polymq.broker.session.OutboundPacket;
import org.polymq.broker.subscription.Delivery;
import org.polymq.mqtt.MqttMetrics.Drop;
import org.polymq.mqtt.wire.EncodedPublish;

/**
 * One session's share of messages that many clients compete for: a queue's, or a shared subscription's. A QoS 1 message
 * that is unanswered when the connection ends goes to another client. A QoS 2 message stays with its session from the
 * moment its packet identifier is in the log (MQTT 5, 4.8.2-4). Confined to the connection's event loop.
 */
final class CompetingFeed extends ConsumerFeed {
    private final SubscriptionOptions options;
    private final Match match;
    private final @Nullable DurableSession session;
    private final Competing.Gone gone;
    /** QoS 2 messages whose packet identifiers are on their way into the log. */
    private List<Unassigned> unassigned = new ArrayList<>(0);

    private record Unassigned(EncodedPublish publish, InFlight message, Delivery delivery) {}

    /**
     * A feed of what the filter names.
     *
     * @param session null if the client's session ends with its connection
     * @param gone told when the subscription is deleted
     */
    CompetingFeed(SubscriptionOptions options, Sender sender, @Nullable DurableSession session, Competing.Gone gone) {
        super(sender);
        this.options = options;
        this.session = session;
        this.gone = gone;
        List<Integer> identifiers = options.identifier() == 0 ? List.of() : List.of(options.identifier());
        this.match = new Match(options.qos(), options.retainAsPublished(), identifiers);
    }

    @Override
    int creditMessages() {
        return sender().window().limit(); // what waits here could be sent to somebody else
    }

    @Override
    Routed route(StoredMessage message) {
        boolean queue = Competing.isQueue(options.filter());
        return new Routed(queue ? options.filter() : message.address().name(), match);
    }

    @Override
    public void ended() {
        super.ended();
        gone.gone(options, this);
    }

    @Override
    boolean sendUnanswered(EncodedPublish publish, Delivery delivery) {
        if (publish.qos() == 1 || (session == null && Competing.isQueue(options.filter()))) {
            return super.sendUnanswered(publish, delivery);
        }
        if (session == null) {
            // MQTT 5, 4.8.2-5: when the session ends, and it does with the connection, nobody else may get it.
            sender().send(publish, this, null);
            return false;
        }
        InFlight opened = sender().open(publish, new OwnedPackets(session), delivery.position());
        if (opened == null) {
            return false;
        }
        unassigned.add(new Unassigned(publish, opened, delivery));
        sender().outbox().flushSoon();
        return true;
    }

    /** The packet identifiers are in the log before their packets leave. */
    @Override
    void flushMore() {
        DurableSession owner = session;
        if (unassigned.isEmpty() || owner == null) {
            return;
        }
        List<Unassigned> now = unassigned;
        unassigned = new ArrayList<>(0);
        List<OutboundPacket> packets = new ArrayList<>(now.size());
        List<Delivery> deliveries = new ArrayList<>(now.size());
        for (Unassigned each : now) {
            packets.add(new OutboundPacket(
                    each.message().packetId, each.delivery().position(), false, false, options.filter()));
            deliveries.add(each.delivery());
        }
        owner.assign(
                packets,
                consumer(),
                deliveries,
                Reply.of(
                        done -> now.forEach(each -> sender().sendOpened(each.publish(), each.message())),
                        sender()::notAssigned));
        deliveries.forEach(this::free);
    }

    /** What was not sent goes to somebody else; what was sent and ends with the session is counted. */
    @Override
    void beforeClose() {
        unassigned.clear();
        for (InFlight each : sender().window().all()) {
            if (each.source == this && each.qos == 2 && each.ticket == null && !each.received) {
                sender().metrics().dropped(Drop.SESSION_ENDED);
            }
        }
    }

    @Override
    public void received(InFlight message, Runnable release) {
        if (message.ticket instanceof Delivery delivery) {
            message.ticket = null;
            free(delivery);
            // The client has it: nobody else may get it, so the release waits for the record. Failed means that the
            // connection is ending.
            consumer().accept(List.of(delivery), true, Reply.of(stored -> release.run(), refused -> {}));
        } else {
            release.run();
        }
    }

    @Override
    public void completed(InFlight message) {
        // It was accepted with PUBREC, or before.
    }
}
