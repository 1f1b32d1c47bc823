/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.live.LiveMessage;
import org.polymq.broker.live.LiveSubscriber;
import org.polymq.broker.message.Origin;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.state.MessageReader;
import org.polymq.mqtt.MqttMetrics.Drop;
import org.polymq.mqtt.wire.EncodedPublish;

/**
 * The messages of a session that ends with its connection, fed from the append. QoS 0 goes out at once or is dropped;
 * QoS 1 and 2 wait for room in a bounded backlog, by their place in the log. Confined to the connection's event loop.
 */
final class LiveFeed implements LiveSubscriber, InFlight.Source {
    /** So much of the backlog is kept in memory; beyond it messages are read again from the log. */
    private static final int KEPT = 64;

    private final String clientId;
    private final Lane lane;
    private final Sender sender;
    private final MessageReader messages;
    private final int maxBacklog;
    private final ArrayDeque<Waiting> backlog = new ArrayDeque<>(0);

    /** A message without room; its content, or where it is. */
    private record Waiting(@Nullable LiveMessage message, long position, int qos, boolean retain, Match match) {}

    LiveFeed(String clientId, Lane lane, Sender sender, MessageReader messages, int maxBacklog) {
        this.clientId = clientId;
        this.lane = lane;
        this.sender = sender;
        this.messages = messages;
        this.maxBacklog = maxBacklog;
    }

    @Override
    public Lane lane() {
        return lane;
    }

    @Override
    public boolean needsStored() {
        return false; // QoS 1 and 2 are in the log as it is, and nobody comes back to QoS 0
    }

    @Override
    public void deliver(LiveMessage live, List<Object> tags) {
        List<SubscriptionOptions> options = options(tags);
        Match match = Match.of(options, Match.dependsOnPublisher(options) && isOwn(live));
        if (match == null) {
            return;
        }
        StoredMessage stored = live.stored();
        int qos = Math.min(stored == null ? live.message().qos() : stored.qos(), match.qos());
        boolean retain =
                match.retainAsPublished() && (stored == null ? live.message().retain() : stored.isRetain());
        if (qos == 0) {
            if (sender.outbox().isWritable()) {
                EncodedPublish publish = encode(live, 0, retain, match);
                if (publish != null) {
                    sender.following().delivered(live);
                    sender.sendOnce(publish);
                }
            } else {
                sender.metrics().dropped(Drop.SLOW_CONSUMER);
            }
        } else if (backlog.isEmpty() && sender.hasRoom(qos)) {
            send(live, qos, retain, match);
        } else {
            queue(live, qos, retain, match);
        }
    }

    /** Sends a message of QoS 0 that a new subscription brings. */
    void deliverRetained(LiveMessage message, SubscriptionOptions options) {
        Match match = Match.of(List.of(options), false);
        EncodedPublish publish = match == null ? null : sender.encode(message, 0, true, match.identifiers());
        if (publish != null) {
            sender.sendOnce(publish);
        }
    }

    private boolean isOwn(LiveMessage live) {
        return live.message().origin() == Origin.MQTT
                && clientId.equals(live.message().producer());
    }

    private static List<SubscriptionOptions> options(List<Object> tags) {
        List<SubscriptionOptions> options = new ArrayList<>(tags.size());
        for (Object tag : tags) {
            options.add((SubscriptionOptions) tag);
        }
        return options;
    }

    private void queue(LiveMessage live, int qos, boolean retain, Match match) {
        if (backlog.size() >= maxBacklog) {
            sender.metrics().dropped(Drop.BACKLOG_FULL);
            return;
        }
        StoredMessage stored = live.stored();
        boolean keep = stored == null || backlog.size() < KEPT;
        backlog.add(new Waiting(keep ? live : null, stored == null ? -1 : stored.position(), qos, retain, match));
    }

    /** Sends what waits while there is room. */
    void pump() {
        while (!backlog.isEmpty() && sender.hasRoom(1)) {
            Waiting next = backlog.remove();
            try {
                LiveMessage live = next.message();
                if (live == null) {
                    StoredMessage stored = messages.read(next.position());
                    live = new LiveMessage(stored.address().name(), stored);
                }
                send(live, next.qos(), next.retain(), next.match());
            } catch (BrokerException unreadable) {
                sender.metrics().dropped(Drop.UNREADABLE);
            }
        }
    }

    private void send(LiveMessage live, int qos, boolean retain, Match match) {
        EncodedPublish publish = encode(live, qos, retain, match);
        if (publish != null) {
            sender.following().delivered(live);
            sender.send(publish, this, sender.following().any() ? live : null);
        }
    }

    /** One encoding for all subscribers of the same variant; identifiers are each session's own. */
    private @Nullable EncodedPublish encode(LiveMessage live, int qos, boolean retain, Match match) {
        boolean v5 = sender.outbox().version().isV5();
        if (v5 && !match.identifiers().isEmpty()) {
            return sender.encode(live, qos, retain, match.identifiers());
        }
        int variant = (v5 ? 1 : 0) | (qos << 1) | (retain ? 8 : 0);
        if (live.encoded(variant) instanceof EncodedPublish shared) {
            return shared;
        }
        EncodedPublish made = sender.encode(live, qos, retain, List.of());
        if (made != null) {
            live.keepEncoded(variant, made);
        }
        return made;
    }

    @Override
    public void acknowledged(InFlight message) {
        tellAcknowledged(message);
    }

    @Override
    public void received(InFlight message, Runnable release) {
        tellAcknowledged(message);
        release.run();
    }

    // Nothing is kept of it but for those who follow.
    private void tellAcknowledged(InFlight message) {
        if (message.ticket instanceof LiveMessage live) {
            sender.following().acknowledged(live);
        }
    }

    @Override
    public void completed(InFlight message) {
        // Nothing is kept of it.
    }
}
