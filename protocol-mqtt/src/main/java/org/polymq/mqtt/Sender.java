/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.follow.ClientFollowing;
import org.polymq.broker.live.LiveMessage;
import org.polymq.broker.message.StoredMessage;
import org.polymq.mqtt.MqttMetrics.Drop;
import org.polymq.mqtt.Translation.Form;
import org.polymq.mqtt.wire.Ack;
import org.polymq.mqtt.wire.EncodedPublish;
import org.polymq.mqtt.wire.PacketException;
import org.polymq.mqtt.wire.ReasonCode;

/** Sends messages to one client and follows their acknowledgements. Confined to the connection's event loop. */
final class Sender {
    private final Outbox outbox;
    private final Window window;
    private final Translation translation;
    private final MqttMetrics metrics;
    private final ClientFollowing following;

    Sender(Outbox outbox, Window window, Translation translation, MqttMetrics metrics, ClientFollowing following) {
        this.following = following;
        this.outbox = outbox;
        this.window = window;
        this.translation = translation;
        this.metrics = metrics;
    }

    Window window() {
        return window;
    }

    Outbox outbox() {
        return outbox;
    }

    MqttMetrics metrics() {
        return metrics;
    }

    /** Who is told what the client gets. */
    ClientFollowing following() {
        return following;
    }

    /** Whether a message of this QoS may be sent now. */
    boolean hasRoom(int qos) {
        return outbox.isWritable() && (qos == 0 || window.hasRoom());
    }

    /** A stored message as this client gets it; null if it has expired. */
    @Nullable
    EncodedPublish encode(StoredMessage stored, String topic, int qos, boolean retain, List<Integer> identifiers) {
        if (isExpired(stored.expiresAt())) {
            return null;
        }
        Form form = new Form(outbox.version(), topic, qos, retain, identifiers);
        return translation.encode(stored, form, stored::toMessage);
    }

    /** A live message as this client gets it; null if it has expired. */
    @Nullable
    EncodedPublish encode(LiveMessage live, int qos, boolean retain, List<Integer> identifiers) {
        StoredMessage stored = live.stored();
        if (isExpired(stored == null ? live.message().expiresAt() : stored.expiresAt())) {
            return null;
        }
        Form form = new Form(outbox.version(), live.name(), qos, retain, identifiers);
        return stored == null
                ? translation.encode(live.message(), form)
                : translation.encode(stored, form, live::message);
    }

    private boolean isExpired(long expiresAt) {
        if (translation.isExpired(expiresAt)) {
            metrics.dropped(Drop.EXPIRED);
            return true;
        }
        return false;
    }

    /** Sends a message of QoS 0, whether or not there is room. */
    void sendOnce(EncodedPublish publish) {
        if (check(publish)) {
            metrics.sent();
            outbox.send(publish, 0, false);
        }
    }

    /**
     * Sends a message of QoS 1 or 2 under the next free identifier.
     *
     * @return null if the client cannot take so large a packet
     */
    @Nullable
    InFlight send(EncodedPublish publish, InFlight.Source source, @Nullable Object ticket) {
        if (!check(publish)) {
            return null;
        }
        InFlight message = window.open(publish.qos(), source, ticket);
        metrics.sent();
        outbox.send(publish, message.packetId, false);
        return message;
    }

    /**
     * Takes the next free identifier for a message of QoS 2 that is sent later, with {@link #sendOpened}.
     *
     * @return null if the client cannot take so large a packet
     */
    @Nullable
    InFlight open(EncodedPublish publish, InFlight.Source source, @Nullable Object ticket) {
        return check(publish) ? window.open(publish.qos(), source, ticket) : null;
    }

    void sendOpened(EncodedPublish publish, InFlight message) {
        metrics.sent();
        outbox.send(publish, message.packetId, false);
    }

    /**
     * Packet identifiers could not be stored. A newer connection may have the session, or the broker is closing; else
     * what they stand for is sent when the client connects again.
     */
    void notAssigned(BrokerException cause) {
        if (cause.reason() != Reason.CLOSED) {
            metrics.refused("send");
            outbox.giveUp();
        }
    }

    /** Sends it again under the identifier it had, with DUP. */
    @Nullable
    InFlight resend(EncodedPublish publish, int packetId, InFlight.Source source, @Nullable Object ticket) {
        if (!check(publish)) {
            return null;
        }
        InFlight message = window.open(packetId, publish.qos(), source, ticket);
        metrics.sent();
        outbox.send(publish, packetId, true);
        return message;
    }

    /** Sends PUBREL for a message that the client had before this connection. */
    void release(int packetId, InFlight.Source source, @Nullable Object ticket) {
        InFlight message = window.open(packetId, 2, source, ticket);
        message.received = true;
        outbox.send(Ack.of(Ack.Kind.PUBREL, packetId));
    }

    // MQTT 5, 3.1.2-25: as if it had been sent.
    private boolean check(EncodedPublish publish) {
        if (outbox.fits(publish)) {
            return true;
        }
        metrics.dropped(Drop.PACKET_TOO_LARGE);
        return false;
    }

    /** PUBACK, PUBREC or PUBCOMP from the client. */
    void acknowledge(Ack ack) {
        InFlight message = window.get(ack.packetId());
        if (message == null) {
            // Unknown: of an earlier connection, or the client is wrong. PUBREC wants an answer all the same.
            if (ack.kind() == Ack.Kind.PUBREC && !ack.reason().isError()) {
                outbox.send(Ack.of(Ack.Kind.PUBREL, ack.packetId()));
            }
            return;
        }
        boolean fits = switch (ack.kind()) {
            case PUBACK -> message.qos == 1;
            case PUBREC -> message.qos == 2;
            case PUBCOMP -> message.received;
            case PUBREL -> false;
        };
        if (!fits) {
            throw new PacketException(
                    ReasonCode.PROTOCOL_ERROR,
                    ack.kind() + " for packet identifier " + ack.packetId() + ", which waits for another answer");
        }
        switch (ack.kind()) {
            case PUBACK -> {
                window.close(message);
                message.source.acknowledged(message);
            }
            case PUBREC -> received(message, ack);
            default -> {
                window.close(message);
                message.source.completed(message);
            }
        }
    }

    private void received(InFlight message, Ack ack) {
        if (ack.reason().isError()) { // MQTT 5, 4.4.0-2: the client will not take it
            window.close(message);
            message.source.acknowledged(message);
        } else if (message.received) {
            outbox.send(Ack.of(Ack.Kind.PUBREL, message.packetId));
        } else {
            message.received = true;
            message.source.received(message, () -> outbox.send(Ack.of(Ack.Kind.PUBREL, message.packetId)));
        }
    }
}
