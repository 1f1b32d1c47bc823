/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.gateway;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.cluster.Placement;
import org.polymq.mqtt.PacketIds;
import org.polymq.mqtt.wire.Ack;

/**
 * The messages that all groups together send one client. No more of QoS 1 and 2 are on their way to it than it allows:
 * each group may send as many, and what is too much waits here in the order in which it came, a little of it; then the
 * groups are not read from. Confined to the client's event loop.
 */
final class Deliveries {
    /** Bytes that may wait. */
    private static final int MAX_HELD = 256 << 10;

    private final ClientOutput output;
    private final int receiveMaximum;
    /** Whether the groups together may send more than the client allows. */
    private final boolean counted;

    private final @Nullable TopicShortener shortener;
    /** Packet identifiers that the client has not answered for good; only if counted. */
    private final Set<Integer> unanswered = new HashSet<>(0);
    /**
     * Slots of packet identifiers that are of another group's class: of sessions that are older than the second group.
     */
    private final Map<Integer, Integer> strangers = new HashMap<>();

    private final ArrayDeque<Held> held = new ArrayDeque<>(0);
    private int heldBytes;
    private boolean begun;

    private record Held(int slot, int packetId, ByteBuf frame) {}

    /**
     * Nothing is sent before {@link #begin}.
     *
     * @param receiveMaximum how many messages of QoS 1 and 2 the client takes at once
     * @param perGroup how many a group sends at most
     * @param aliases topic aliases that the client takes and the gateway uses
     */
    Deliveries(ClientOutput output, int receiveMaximum, int groups, int perGroup, int aliases) {
        this.output = output;
        this.receiveMaximum = receiveMaximum;
        this.counted = output.version().isV5() && (long) groups * perGroup > receiveMaximum;
        this.shortener = aliases > 0 ? new TopicShortener(aliases, output) : null;
    }

    /** CONNACK has been sent. */
    void begin() {
        begun = true;
        sendHeld();
    }

    /** A whole PUBLISH of a group; false if it cannot be taken now. */
    boolean publish(int slot, ByteBuf frame) {
        int qos = Frames.qos(frame);
        if (qos == 0) {
            if (begun) { // before CONNACK nobody is subscribed yet
                send(frame);
            }
            return true;
        }
        int packetId = frame.getUnsignedShort(Frames.behindTopic(frame));
        if (maySend(slot, packetId)) {
            sent(slot, packetId);
            send(frame);
            return true;
        }
        int size = frame.readableBytes();
        if (begun && heldBytes > 0 && heldBytes + size > MAX_HELD) {
            return false;
        }
        heldBytes += size;
        held.add(new Held(slot, packetId, frame.copy()));
        return true;
    }

    /** The head of a large PUBLISH; false if it cannot be taken now, and later ones of its group neither. */
    boolean begins(int slot, ByteBuf head) {
        if (Frames.qos(head) == 0) {
            return begun;
        }
        int packetId = head.getUnsignedShort(Frames.behindTopic(head));
        if (!maySend(slot, packetId)) {
            return false;
        }
        sent(slot, packetId);
        return true;
    }

    private boolean maySend(int slot, int packetId) {
        return begun && held.isEmpty() && hasRoom(slot, packetId);
    }

    private boolean hasRoom(int slot, int packetId) {
        if (counted && unanswered.size() >= receiveMaximum && !unanswered.contains(packetId)) {
            return false;
        }
        Integer other = strangers.get(packetId);
        return other == null || other == slot;
    }

    private void sent(int slot, int packetId) {
        if (counted) {
            unanswered.add(packetId);
        }
        known(slot, packetId);
    }

    /** A group goes on with a packet identifier, by PUBLISH or PUBREL. */
    void known(int slot, int packetId) {
        if (PacketIds.slotOf(packetId) != slot) {
            strangers.put(packetId, slot);
        }
    }

    /** The slot of the group that the client answers; it need not be one that there is. */
    int slotOf(Ack ack) {
        Integer stranger = strangers.get(ack.packetId());
        return stranger == null ? PacketIds.slotOf(ack.packetId()) % Placement.MOST_GROUPS : stranger;
    }

    /**
     * The client has answered.
     *
     * @return whether more may be sent than before
     */
    boolean answered(Ack ack) {
        boolean last = ack.kind() != Ack.Kind.PUBREC || ack.reason().isError();
        if (!last) {
            return false;
        }
        boolean freed = !strangers.isEmpty() && strangers.remove(ack.packetId()) != null;
        freed |= counted && unanswered.remove(ack.packetId());
        if (freed) {
            sendHeld();
        }
        return freed;
    }

    private void sendHeld() {
        for (Held next = held.peek(); next != null && hasRoom(next.slot(), next.packetId()); next = held.peek()) {
            held.remove();
            heldBytes -= next.frame().readableBytes();
            sent(next.slot(), next.packetId());
            send(next.frame());
            next.frame().release();
        }
    }

    private void send(ByteBuf frame) {
        if (shortener == null || !shortener.send(frame)) {
            output.pass(frame);
        }
    }

    void close() {
        held.forEach(each -> each.frame().release());
        held.clear();
    }
}
