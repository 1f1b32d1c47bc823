/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reply;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.retained.RetainedView;
import org.polymq.broker.retained.RetainedView.Retained;
import org.polymq.broker.session.DurableSession;
import org.polymq.broker.session.OutboundPacket;
import org.polymq.broker.state.MessageReader;
import org.polymq.mqtt.MqttMetrics.Drop;
import org.polymq.mqtt.wire.EncodedPublish;

/**
 * The retained messages that new subscriptions bring: a cursor over their names for each subscription, which moves on
 * as the client takes them. None is left out, however many there are, and only {@value #CHUNK} names are held. Confined
 * to the connection's event loop.
 */
final class RetainedFeed implements InFlight.Source {
    private static final int CHUNK = 64;

    private final RetainedView retained;
    private final MessageReader messages;
    private final Sender sender;
    private final @Nullable DurableSession session;
    /** Subscriptions that have retained messages to come; the first is being served. */
    private final ArrayDeque<SubscriptionOptions> waiting = new ArrayDeque<>(0);
    /** What comes next of the first one. */
    private final ArrayDeque<Retained> next = new ArrayDeque<>(0);
    /** The name that the first one has come to; null at its beginning. */
    private @Nullable String reached;

    /**
     * A feed with nothing in it.
     *
     * @param session null if the client's session ends with its connection
     */
    RetainedFeed(RetainedView retained, MessageReader messages, Sender sender, @Nullable DurableSession session) {
        this.session = session;
        this.retained = retained;
        this.messages = messages;
        this.sender = sender;
    }

    /** Adds the retained messages that match a new subscription. */
    void add(SubscriptionOptions options) {
        waiting.add(options);
    }

    void pump() {
        while (!waiting.isEmpty() && sender.hasRoom(1)) {
            SubscriptionOptions options = waiting.element();
            if (next.isEmpty() && !readOn(options.filter())) {
                waiting.remove();
                reached = null;
                continue;
            }
            Retained each = next.remove();
            reached = each.name();
            send(each, options);
        }
    }

    private boolean readOn(String filter) {
        next.addAll(retained.matching(filter, reached, CHUNK));
        return !next.isEmpty();
    }

    private void send(Retained each, SubscriptionOptions options) {
        StoredMessage message;
        try {
            message = messages.read(each.position());
        } catch (BrokerException unreadable) {
            if (retained.isAt(each.name(), each.position())) { // otherwise another has taken its place meanwhile
                sender.metrics().dropped(Drop.UNREADABLE);
            }
            return;
        }
        send(message, each.name(), options);
    }

    private void send(StoredMessage message, String topic, SubscriptionOptions options) {
        int qos = Math.min(message.qos(), options.qos());
        List<Integer> identifiers = options.identifier() == 0 ? List.of() : List.of(options.identifier());
        EncodedPublish publish = sender.encode(message, topic, qos, true, identifiers);
        if (publish == null) {
            return;
        }
        if (qos == 0) {
            sender.sendOnce(publish);
        } else if (session != null) {
            sendAssigned(publish, message.position(), options.filter(), session);
        } else {
            sender.send(publish, this, null);
        }
    }

    /** The identifier outlives the connection: the client may have the message when it is lost. */
    private void sendAssigned(EncodedPublish publish, long position, String filter, DurableSession owner) {
        InFlight opened = sender.open(publish, new OwnedPackets(owner), position);
        if (opened != null) {
            owner.assign(
                    List.of(new OutboundPacket(opened.packetId, position, false, true, filter, publish.qos())),
                    Reply.of(done -> sender.sendOpened(publish, opened), sender::notAssigned));
        }
    }

    @Override
    public void acknowledged(InFlight message) {
        // It stays retained.
    }

    @Override
    public void received(InFlight message, Runnable release) {
        release.run();
    }

    @Override
    public void completed(InFlight message) {
        // It stays retained.
    }
}
