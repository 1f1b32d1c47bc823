/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.session;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.message.QosTwoId;
import org.polymq.broker.state.Committer;
import org.polymq.broker.state.RecordType;
import org.polymq.broker.subscription.Consumer;
import org.polymq.broker.subscription.ConsumerOptions;
import org.polymq.broker.subscription.Delivery;
import org.polymq.broker.subscription.Settlement;
import org.polymq.broker.subscription.SubscriptionKey;
import org.polymq.broker.subscription.Subscriptions;

/**
 * One connection's hold on a persistent session. Everything it writes carries the epoch it was opened with, so that
 * after a takeover the old connection changes nothing (its requests fail with CLOSED). Replies run on the connection's
 * lane.
 */
public final class DurableSession {
    private final SessionState state;
    private final long epoch;
    private final Lane lane;
    private final Committer committer;
    private final Subscriptions subscriptions;

    DurableSession(SessionState state, long epoch, Lane lane, Committer committer, Subscriptions subscriptions) {
        this.state = state;
        this.epoch = epoch;
        this.lane = lane;
        this.committer = committer;
        this.subscriptions = subscriptions;
    }

    public String clientId() {
        return state.clientId;
    }

    public long epoch() {
        return epoch;
    }

    /** Subscription options by filter, as given to {@link #subscribe}: a live, read-only view. */
    public Map<String, byte[]> filters() {
        return Collections.unmodifiableMap(state.filters);
    }

    /**
     * Adds filters or changes their options. A filter that is there keeps its position. {@code $queue/NAME} is kept
     * with the session but not read through it: attach to the queue's own subscription.
     */
    public void subscribe(Map<String, byte[]> added, Reply<Done> reply) {
        commit(SessionsView.filters(state.clientId, epoch, added, List.of()), reply);
    }

    public void unsubscribe(Collection<String> removed, Reply<Done> reply) {
        commit(SessionsView.filters(state.clientId, epoch, Map.of(), removed), reply);
    }

    /**
     * Starts to receive what the session's filters matched, what was in flight before first.
     *
     * @throws org.polymq.broker.BrokerException SUBSCRIPTION_IN_USE while another connection's consumer is not closed
     */
    public Consumer attach(Consumer.Listener listener) {
        return subscriptions.attach(
                SubscriptionKey.mqttSession(state.clientId), ConsumerOptions.exclusive(lane), listener);
    }

    /** The id under which a QoS 2 PUBLISH of this session is stored, so that doubles are removed. */
    public QosTwoId qosTwoId(int packetId) {
        return new QosTwoId(state.clientId, epoch, packetId);
    }

    /** Whether a QoS 2 PUBLISH with this packet id was stored and not yet released. */
    public boolean isReceived(int packetId) {
        return state.received.contains(packetId);
    }

    /** PUBREL: the packet id may be used for another message. */
    public void release(int packetId, Reply<Done> reply) {
        commit(SessionsView.packet(RecordType.PACKET_RELEASED, state.clientId, epoch, packetId, 0), reply);
    }

    /**
     * QoS 2 messages are about to be sent under these packet ids: send them when the reply comes, so that a crash in
     * between resends them under the same ids. One atomic entry.
     */
    public void assign(Collection<OutboundPacket> packets, Reply<Done> reply) {
        List<ByteBuffer> records = new ArrayList<>(packets.size());
        for (OutboundPacket packet : packets) {
            records.add(SessionsView.assigned(state.clientId, epoch, packet));
        }
        committer.control(records, lane, reply, results -> Done.DONE);
    }

    /**
     * The same for messages that many sessions compete for: from here on they are this session's own, whatever becomes
     * of its connection.
     */
    public void assign(
            Collection<OutboundPacket> packets, Consumer consumer, Collection<Delivery> deliveries, Reply<Done> reply) {
        List<ByteBuffer> records = new ArrayList<>(packets.size() + 1);
        for (OutboundPacket packet : packets) {
            records.add(SessionsView.assigned(state.clientId, epoch, packet));
        }
        settle(records, consumer, deliveries, reply);
    }

    /** PUBREC: the client has the message; it is acknowledged and only its release is left. One atomic entry. */
    public void received(int packetId, Consumer consumer, Delivery delivery, Reply<Done> reply) {
        List<ByteBuffer> records = new ArrayList<>(2);
        records.add(
                SessionsView.packet(RecordType.PACKET_RECEIVED, state.clientId, epoch, packetId, delivery.position()));
        settle(records, consumer, List.of(delivery), reply);
    }

    /** Stores the records with the acknowledgement of the deliveries, as one entry. */
    private void settle(
            List<ByteBuffer> records, Consumer consumer, Collection<Delivery> deliveries, Reply<Done> reply) {
        Settlement settlement = consumer.settle(deliveries);
        records.addAll(settlement.records());
        committer.<Done>control(
                records,
                lane,
                Reply.of(
                        done -> {
                            settlement.stored().run();
                            reply.ok(Done.DONE);
                        },
                        refused -> {
                            settlement.refused().run();
                            reply.failed(refused);
                        }),
                results -> Done.DONE);
    }

    /** PUBREC for a message that no delivery stands for (a retained one): only its release is left. */
    public void received(int packetId, long position, Reply<Done> reply) {
        commit(SessionsView.packet(RecordType.PACKET_RECEIVED, state.clientId, epoch, packetId, position), reply);
    }

    /** PUBCOMP, or a packet that will not be sent after all: the packet id is free. */
    public void completed(int packetId, Reply<Done> reply) {
        commit(SessionsView.packet(RecordType.PACKET_COMPLETED, state.clientId, epoch, packetId, 0), reply);
    }

    /**
     * QoS 2 packets sent and not completed, in the order of the log: what to resend after a reconnection. Packet ids
     * begin again with each connection, so they do not tell which was first.
     */
    public List<OutboundPacket> outbound() {
        return state.outbound.values().stream()
                .sorted(Comparator.comparingLong(OutboundPacket::position))
                .toList();
    }

    private void commit(ByteBuffer record, Reply<Done> reply) {
        committer.<Done>control(List.of(record), lane, reply, results -> Done.DONE);
    }
}
