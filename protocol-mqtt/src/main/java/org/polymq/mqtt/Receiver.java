/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.message.Message;
import org.polymq.broker.publish.Outgoing;
import org.polymq.broker.publish.Publisher;
import org.polymq.broker.publish.Stored;
import org.polymq.broker.publish.Upload;
import org.polymq.broker.session.DurableSession;
import org.polymq.broker.topic.TopicKind;
import org.polymq.mqtt.wire.Ack;
import org.polymq.mqtt.wire.LargePublish;
import org.polymq.mqtt.wire.PacketException;
import org.polymq.mqtt.wire.PayloadPart;
import org.polymq.mqtt.wire.Publish;
import org.polymq.mqtt.wire.ReasonCode;

/**
 * Takes the messages of one client. An acknowledgement leaves when the log has the message, in the order in which the
 * client sent them. Confined to the connection's event loop.
 */
final class Receiver {
    private static final String SYSTEM = "$SYS/";
    /** Messages that may wait for the log before the client is not read from. */
    private static final int MAX_WAITING = 1_024;
    /** Bytes of a large message that may wait for the log before the client is not read from. */
    private static final int MAX_UNSTORED = 1 << 20;

    private final Translation.Client client;
    private final Permits permits;
    private final Publisher publisher;
    private final Translation translation;
    private final MqttMetrics metrics;
    private final Lane lane;
    private final Outbox outbox;
    private final Connection connection;
    private final @Nullable DurableSession session;
    private final int receiveMaximum;
    private final ClientAliases aliases;
    /** Acknowledgements to come, oldest first. */
    private final ArrayDeque<Pending> pending = new ArrayDeque<>();
    /** QoS 1 messages among them. */
    private int unanswered;
    /** QoS 2 packet identifiers between PUBLISH and PUBREL. */
    private final Set<Integer> unreleased = new HashSet<>();

    private static final class Pending {
        private final int packetId;
        private final int qos;
        private @Nullable ReasonCode reason;
        private @Nullable String reasonString;

        private Pending(int packetId, int qos) {
            this.packetId = packetId;
            this.qos = qos;
        }
    }

    /** A large message whose payload is arriving. */
    private @Nullable Incoming incoming;

    /**
     * A large message on its way in.
     *
     * @param upload null if its payload is thrown away
     * @param refusal why, if the message is refused
     */
    private record Incoming(
            Publish head, @Nullable Upload upload, @Nullable BrokerException refusal) {}

    /** What a receiver needs of its connection. */
    record Setting(
            Translation.Client client,
            Permits permits,
            Lane lane,
            Outbox outbox,
            Connection connection,
            @Nullable DurableSession session) {}

    Receiver(Setting setting, Publisher publisher, Translation translation, MqttMetrics metrics, MqttConfig config) {
        this.client = setting.client();
        this.permits = setting.permits();
        this.lane = setting.lane();
        this.outbox = setting.outbox();
        this.connection = setting.connection();
        this.session = setting.session();
        this.publisher = publisher;
        this.translation = translation;
        this.metrics = metrics;
        this.receiveMaximum = config.receiveMaximum();
        this.aliases = new ClientAliases(config.topicAliasMaximum());
    }

    /** Whether so many messages wait for the log that the client is not to be read from. */
    boolean isFull() {
        return pending.size() >= MAX_WAITING || isUploadFull();
    }

    private boolean isUploadFull() {
        Incoming now = incoming;
        return now != null && now.upload() != null && now.upload().unstored() >= MAX_UNSTORED;
    }

    void publish(Publish publish) {
        publish(new Incoming(publish, null, null));
    }

    /** The beginning of a large message: it counts when its last part is there. */
    void begin(LargePublish large) {
        Publish head = large.head();
        if (head.qos() == 2 && isUnreleased(head.packetId())) {
            incoming = new Incoming(head, null, null); // stored already
            return;
        }
        try {
            if (!head.topic().isEmpty()) {
                permits.publish(head.topic());
            }
            Upload upload = publisher.begin(lane);
            upload.onProgress(connection::resumeReading);
            incoming = new Incoming(head, upload, null);
        } catch (BrokerException refused) {
            incoming = new Incoming(head, null, refused);
        }
    }

    /** More of the message that {@link #begin} began. */
    void part(PayloadPart part) {
        Incoming now = incoming;
        if (now == null) {
            throw new IllegalStateException("a payload without its message");
        }
        Upload upload = now.upload();
        if (upload != null) {
            try {
                upload.part(part.bytes());
            } catch (BrokerException refused) {
                now = new Incoming(now.head(), null, refused);
                incoming = now;
            }
        }
        if (part.last()) {
            incoming = null;
            publish(now);
        }
    }

    /** The connection is over. */
    void close() {
        Incoming now = incoming;
        incoming = null;
        if (now != null && now.upload() != null) {
            now.upload().abort();
        }
    }

    private void publish(Incoming message) {
        Publish publish = message.head();
        metrics.received();
        String topic = aliases.topicOf(publish);
        if (publish.qos() == 0) {
            publishOnce(message, topic);
            return;
        }
        boolean again = publish.qos() == 2 && isUnreleased(publish.packetId());
        if (!again && outbox.version().isV5() && unanswered + unreleased.size() >= receiveMaximum) {
            throw new PacketException( // MQTT 5, 3.3.4-9
                    ReasonCode.RECEIVE_MAXIMUM_EXCEEDED,
                    "more than " + receiveMaximum + " messages without acknowledgement");
        }
        Pending ack = new Pending(publish.packetId(), publish.qos());
        if (again) {
            if (isPending(publish.packetId())) {
                return; // the answer to the first one is on its way
            }
            pending.add(ack);
            answer(ack, ReasonCode.SUCCESS, null);
            return;
        }
        pending.add(ack);
        if (publish.qos() == 2) {
            unreleased.add(publish.packetId());
        } else {
            unanswered++;
        }
        store(message, topic, ack);
    }

    private boolean isUnreleased(int packetId) {
        return unreleased.contains(packetId) || (session != null && session.isReceived(packetId));
    }

    private boolean isPending(int packetId) {
        return pending.stream().anyMatch(each -> each.qos == 2 && each.packetId == packetId);
    }

    private void publishOnce(Incoming message, String topic) {
        try {
            Outgoing outgoing = translate(message, topic);
            if (outgoing.kind() == TopicKind.QUEUE || outgoing.upload() != null) {
                publisher.publish(outgoing, lane, Reply.of(stored -> {}, this::refusedOnce));
            } else {
                publisher.publishUnacknowledged(outgoing.message(), lane, Reply.of(stored -> {}, this::refusedOnce));
            }
        } catch (BrokerException refused) {
            refusedOnce(refused);
        }
    }

    private void refusedOnce(BrokerException refused) {
        metrics.refused("publish");
    }

    private void store(Incoming incomingMessage, String topic, Pending ack) {
        Publish publish = incomingMessage.head();
        Outgoing outgoing;
        try {
            outgoing = translate(incomingMessage, topic);
        } catch (BrokerException refused) {
            refused(ack, Reasons.ofPublish(refused.reason()), refused.getMessage());
            return;
        }
        if (session != null && publish.qos() == 2) {
            Message message = outgoing.message().toBuilder()
                    .qosTwoId(session.qosTwoId(publish.packetId()))
                    .build();
            outgoing = outgoing.withMessage(message);
        }
        publisher.publish(outgoing, lane, new Reply<Stored>() {
            @Override
            public void ok(Stored stored) {
                answer(ack, ReasonCode.SUCCESS, null);
            }

            @Override
            public void failed(BrokerException cause) {
                if (Reasons.isForAnotherConnection(cause.reason())) {
                    lost(cause); // without an answer: the client sends it again, and QoS 2 is stored once all the same
                } else {
                    refused(ack, Reasons.ofPublish(cause.reason()), cause.getMessage());
                }
            }
        });
    }

    private Outgoing translate(Incoming message, String topic) {
        Upload upload = message.upload();
        try {
            Outgoing outgoing = translate(message.head(), message.refusal(), topic);
            return upload == null ? outgoing : outgoing.withBody(upload);
        } catch (BrokerException refused) {
            if (upload != null) {
                upload.abort();
            }
            throw refused;
        }
    }

    private Outgoing translate(Publish publish, @Nullable BrokerException refusal, String topic) {
        if (refusal != null) {
            throw refusal;
        }
        if (topic.startsWith(SYSTEM)) {
            throw new BrokerException(Reason.NO_PERMISSION, "topics under " + SYSTEM + " are the broker's own");
        }
        permits.publish(topic);
        return translation.toCore(
                client, topic, publish.qos(), publish.retain(), publish.properties(), publish.payload());
    }

    private void refused(Pending ack, ReasonCode reason, @Nullable String message) {
        metrics.refused("publish");
        if (!outbox.version().isV5()) {
            // 3.1.1, 3.3.5-2: it can only be acknowledged or the connection closed, and it is not stored.
            connection.fail(reason, message == null ? "a message was refused" : message);
            return;
        }
        unreleased.remove(ack.packetId);
        answer(ack, reason, message);
    }

    private void answer(Pending ack, ReasonCode reason, @Nullable String reasonString) {
        ack.reason = reason;
        ack.reasonString = reasonString;
        boolean wasFull = isFull();
        for (Pending first = pending.peek(); first != null && first.reason != null; first = pending.peek()) {
            pending.remove();
            Ack.Kind kind = first.qos == 1 ? Ack.Kind.PUBACK : Ack.Kind.PUBREC;
            if (first.qos == 1) {
                unanswered--;
            }
            outbox.send(new Ack(kind, first.packetId, first.reason, first.reasonString));
        }
        if (wasFull && !isFull()) {
            connection.resumeReading();
        }
    }

    /** PUBREL: the identifier is free for another message. Unknown ones are answered alike, as after a lost PUBCOMP. */
    void release(int packetId) {
        if (isPending(packetId)) { // MQTT 5, 4.3.3-8; the message would be stored behind its release
            throw new PacketException(
                    ReasonCode.PROTOCOL_ERROR, "PUBREL for packet identifier " + packetId + " before its PUBREC");
        }
        unreleased.remove(packetId);
        Ack done = Ack.of(Ack.Kind.PUBCOMP, packetId);
        if (session == null || !session.isReceived(packetId)) {
            outbox.send(done);
            return;
        }
        session.release(packetId, Reply.of(stored -> outbox.send(done), this::lost));
    }

    private void lost(BrokerException cause) {
        if (Reasons.isForAnotherConnection(cause.reason())) {
            metrics.refused("publish");
            connection.stop();
            return;
        }
        connection.fail(Reasons.ofPublish(cause.reason()), String.valueOf(cause.getMessage()));
    }
}
