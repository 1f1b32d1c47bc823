/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.session;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.state.ControlRecord;
import org.polymq.broker.state.Keeper;
import org.polymq.broker.state.RecordType;
import org.polymq.broker.state.View;
import org.polymq.broker.subscription.SubscriptionKey;
import org.polymq.broker.subscription.SubscriptionsView;

/** All persistent MQTT sessions. Changed by apply; lookups are safe from any thread. */
public final class SessionsView implements View, Keeper {
    static final String QUEUE_PREFIX = "$queue/";
    static final String SHARE_PREFIX = "$share/";

    private static final int OPEN = 0;
    private static final int LEFT = 1;

    /** What an opened session is, and whether it was there before. */
    record Opened(SessionState state, long epoch, boolean present) {}

    private final SubscriptionsView subscriptions;
    private final Map<String, SessionState> byClient = new ConcurrentHashMap<>();
    /** How many sessions hold each shared filter. */
    private final Map<String, Integer> sharedHolders = new ConcurrentHashMap<>();
    /** Since when a shared subscription has had no member, ms since the epoch. */
    private final Map<SubscriptionKey, Long> sharedUnusedSince = new ConcurrentHashMap<>();

    public SessionsView(SubscriptionsView subscriptions) {
        this.subscriptions = subscriptions;
    }

    @Nullable
    SessionState get(String clientId) {
        return byClient.get(clientId);
    }

    Collection<SessionState> all() {
        return Collections.unmodifiableCollection(byClient.values());
    }

    static ByteBuffer open(String clientId, boolean cleanStart, long expirySeconds, String owner) {
        return ControlRecord.of(RecordType.SESSION, out -> {
            out.writeByte(OPEN);
            out.writeUTF(clientId);
            out.writeBoolean(cleanStart);
            out.writeLong(expirySeconds);
            ControlRecord.writeText(out, owner);
        });
    }

    static ByteBuffer left(String clientId, long epoch, long expirySeconds, long at) {
        return ControlRecord.of(RecordType.SESSION, out -> {
            out.writeByte(LEFT);
            out.writeUTF(clientId);
            out.writeLong(epoch);
            out.writeLong(expirySeconds);
            out.writeLong(at);
        });
    }

    /** @param epoch the session's epoch, or 0 for whatever it is */
    static ByteBuffer ended(String clientId, long epoch) {
        return ControlRecord.of(RecordType.SESSION_ENDED, out -> {
            out.writeUTF(clientId);
            out.writeLong(epoch);
        });
    }

    static ByteBuffer filters(String clientId, long epoch, Map<String, byte[]> added, Collection<String> removed) {
        return ControlRecord.of(RecordType.SESSION_FILTERS, out -> {
            out.writeUTF(clientId);
            out.writeLong(epoch);
            out.writeInt(added.size());
            for (Map.Entry<String, byte[]> filter : added.entrySet()) {
                out.writeUTF(filter.getKey());
                ControlRecord.writeBytes(out, filter.getValue());
            }
            out.writeInt(removed.size());
            for (String filter : removed) {
                out.writeUTF(filter);
            }
        });
    }

    static ByteBuffer assigned(String clientId, long epoch, OutboundPacket packet) {
        return ControlRecord.of(RecordType.PACKET_ASSIGNED, out -> {
            out.writeUTF(clientId);
            out.writeLong(epoch);
            out.writeShort(packet.packetId());
            out.writeLong(packet.position());
            out.writeBoolean(packet.retained());
            ControlRecord.writeText(out, packet.filter());
            out.writeByte(packet.qos());
        });
    }

    /** A shared subscription has had no member since then (ms since the epoch), or has one again (0). */
    static ByteBuffer sharedUnused(String shareName, String filter, long since) {
        return ControlRecord.of(RecordType.SHARED_UNUSED, out -> {
            out.writeUTF(shareName);
            out.writeUTF(filter);
            out.writeLong(since);
        });
    }

    /** A record about one packet id of a session that is assigned already. */
    static ByteBuffer packet(RecordType type, String clientId, long epoch, int packetId, long position) {
        return ControlRecord.of(type, out -> {
            out.writeUTF(clientId);
            out.writeLong(epoch);
            out.writeShort(packetId);
            out.writeLong(position);
        });
    }

    /** Whether many clients compete for what matches: the session does not read it through its own subscription. */
    static boolean isCompetedFor(String filter) {
        return filter.startsWith(QUEUE_PREFIX) || filter.startsWith(SHARE_PREFIX);
    }

    /** Whether a persistent session holds this shared filter. */
    boolean isShareHeld(String filter) {
        return sharedHolders.containsKey(filter);
    }

    /** Since when the shared subscription has had no member, ms since the epoch; null if it has one. */
    @Nullable
    Long unusedSince(SubscriptionKey shared) {
        return sharedUnusedSince.get(shared);
    }

    private void hold(String filter, int more) {
        if (filter.startsWith(SHARE_PREFIX)) {
            sharedHolders.compute(filter, (key, count) -> {
                int holders = (count == null ? 0 : count) + more;
                return holders == 0 ? null : holders;
            });
        }
    }

    private void forget(SessionState state) {
        subscriptions.delete(SubscriptionKey.mqttSession(state.clientId));
        state.filters.keySet().forEach(filter -> hold(filter, -1));
    }

    public void applySharedUnused(DataInput in) throws IOException {
        SubscriptionKey shared = SubscriptionKey.mqttShared(in.readUTF(), in.readUTF());
        long since = in.readLong();
        if (since == 0) {
            sharedUnusedSince.remove(shared);
        } else {
            sharedUnusedSince.put(shared, since);
        }
    }

    public @Nullable Object applySession(DataInput in) throws IOException {
        return in.readByte() == OPEN ? applyOpen(in) : applyLeft(in);
    }

    private Opened applyOpen(DataInput in) throws IOException {
        String clientId = in.readUTF();
        boolean cleanStart = in.readBoolean();
        long expirySeconds = in.readLong();
        String owner = ControlRecord.readText(in);
        SessionState existing = byClient.get(clientId);
        if (existing != null && !cleanStart) {
            existing.epoch = nextEpoch(existing);
            existing.expirySeconds = expirySeconds;
            existing.leftAt = 0;
            if (existing.owner.isEmpty()) {
                existing.owner = owner;
            }
            return new Opened(existing, existing.epoch, true);
        }
        long epoch = existing == null ? 1 : nextEpoch(existing);
        if (existing != null) {
            forget(existing);
        }
        SessionState made = new SessionState(clientId, epoch, expirySeconds);
        made.owner = owner;
        byClient.put(clientId, made);
        subscriptions.change(SubscriptionKey.mqttSession(clientId), List.of(), List.of());
        return new Opened(made, epoch, false);
    }

    private @Nullable Object applyLeft(DataInput in) throws IOException {
        SessionState state = current(in.readUTF(), in.readLong());
        if (state != null) {
            state.expirySeconds = in.readLong();
            state.leftAt = in.readLong();
        }
        return state;
    }

    public @Nullable Object applyEnded(DataInput in) throws IOException {
        String clientId = in.readUTF();
        long epoch = in.readLong();
        SessionState state = byClient.get(clientId);
        if (state == null || (epoch != 0 && state.epoch != epoch)) {
            return null;
        }
        byClient.remove(clientId);
        forget(state);
        return state;
    }

    public @Nullable Object applyFilters(DataInput in) throws IOException {
        String clientId = in.readUTF();
        SessionState state = current(clientId, in.readLong());
        if (state == null) {
            return stale(clientId);
        }
        List<String> added = new ArrayList<>();
        for (int n = in.readInt(); n > 0; n--) {
            String filter = in.readUTF();
            if (state.filters.put(filter, ControlRecord.readBytes(in)) == null) {
                hold(filter, 1);
            }
            if (!isCompetedFor(filter)) {
                added.add(filter);
            }
        }
        List<String> removed = new ArrayList<>();
        for (int n = in.readInt(); n > 0; n--) {
            String filter = in.readUTF();
            if (state.filters.remove(filter) != null) {
                hold(filter, -1);
            }
            removed.add(filter);
        }
        subscriptions.change(SubscriptionKey.mqttSession(clientId), added, removed);
        return null;
    }

    /**
     * Part of applying a message that a QoS 2 publisher sent: true if it is new, false if it is a double.
     *
     * @throws BrokerException CLOSED if the session was taken over or has ended
     */
    public boolean acceptPacket(String clientId, long epoch, int packetId) {
        SessionState state = current(clientId, epoch);
        if (state == null) {
            throw stale(clientId);
        }
        return state.received.add(packetId);
    }

    public @Nullable Object applyPacket(RecordType type, DataInput in) throws IOException {
        String clientId = in.readUTF();
        SessionState state = current(clientId, in.readLong());
        int packetId = in.readUnsignedShort();
        long position = in.readLong();
        if (state == null) {
            return stale(clientId);
        }
        if (type == RecordType.PACKET_RELEASED) {
            state.received.remove(packetId);
        } else if (type == RecordType.PACKET_ASSIGNED) {
            boolean retained = in.readBoolean();
            String filter = ControlRecord.readText(in);
            int qos = in.readByte();
            state.outbound.put(packetId, new OutboundPacket(packetId, position, false, retained, filter, qos));
        } else if (type == RecordType.PACKET_RECEIVED) {
            OutboundPacket sent = state.outbound.get(packetId);
            state.outbound.put(
                    packetId,
                    sent == null ? new OutboundPacket(packetId, position, true, false, "") : sent.asReceived());
        } else {
            state.outbound.remove(packetId);
        }
        return null;
    }

    /** The messages of unfinished QoS 2 packets: they are sent again when the client comes back. */
    @Override
    public void needs(long start, long end, LongConsumer positions) {
        for (SessionState state : byClient.values()) {
            for (OutboundPacket packet : state.outbound.values()) {
                if (!packet.received() && packet.position() >= start && packet.position() < end) {
                    positions.accept(packet.position());
                }
            }
        }
    }

    @Override
    public void save(DataOutput out) throws IOException {
        out.writeInt(byClient.size());
        for (SessionState state : byClient.values()) {
            out.writeUTF(state.clientId);
            out.writeLong(state.epoch);
            out.writeLong(state.expirySeconds);
            out.writeLong(state.leftAt);
            ControlRecord.writeText(out, state.owner);
            out.writeInt(state.filters.size());
            for (Map.Entry<String, byte[]> filter : state.filters.entrySet()) {
                out.writeUTF(filter.getKey());
                ControlRecord.writeBytes(out, filter.getValue());
            }
            out.writeInt(state.received.size());
            for (int packetId : state.received) {
                out.writeShort(packetId);
            }
            out.writeInt(state.outbound.size());
            for (OutboundPacket packet : state.outbound.values()) {
                out.writeShort(packet.packetId());
                out.writeLong(packet.position());
                out.writeBoolean(packet.received());
                out.writeBoolean(packet.retained());
                ControlRecord.writeText(out, packet.filter());
                out.writeByte(packet.qos());
            }
        }
        out.writeInt(sharedUnusedSince.size());
        for (Map.Entry<SubscriptionKey, Long> unused : sharedUnusedSince.entrySet()) {
            out.writeUTF(unused.getKey().owner());
            out.writeUTF(unused.getKey().name());
            out.writeLong(unused.getValue());
        }
    }

    @Override
    public void load(DataInput in) throws IOException {
        byClient.clear();
        sharedHolders.clear();
        for (int n = in.readInt(); n > 0; n--) {
            SessionState state = new SessionState(in.readUTF(), in.readLong(), in.readLong());
            state.leftAt = in.readLong();
            state.owner = ControlRecord.readText(in);
            for (int filters = in.readInt(); filters > 0; filters--) {
                state.filters.put(in.readUTF(), ControlRecord.readBytes(in));
            }
            for (int ids = in.readInt(); ids > 0; ids--) {
                state.received.add(in.readUnsignedShort());
            }
            for (int packets = in.readInt(); packets > 0; packets--) {
                int packetId = in.readUnsignedShort();
                state.outbound.put(
                        packetId,
                        new OutboundPacket(
                                packetId,
                                in.readLong(),
                                in.readBoolean(),
                                in.readBoolean(),
                                ControlRecord.readText(in),
                                in.readByte()));
            }
            byClient.put(state.clientId, state);
            state.filters.keySet().forEach(filter -> hold(filter, 1));
        }
        sharedUnusedSince.clear();
        for (int n = in.readInt(); n > 0; n--) {
            sharedUnusedSince.put(SubscriptionKey.mqttShared(in.readUTF(), in.readUTF()), in.readLong());
        }
    }

    private static long nextEpoch(SessionState state) {
        return state.epoch + 1;
    }

    private @Nullable SessionState current(String clientId, long epoch) {
        SessionState state = byClient.get(clientId);
        return state != null && state.epoch == epoch ? state : null;
    }

    private static BrokerException stale(String clientId) {
        return new BrokerException(
                Reason.CLOSED, "session '" + clientId + "' has ended or was taken over by another connection");
    }
}
