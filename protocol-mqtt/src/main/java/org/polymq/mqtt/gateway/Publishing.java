/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.polymq.mqtt.wire.PacketException;
import org.polymq.mqtt.wire.Publish;
import org.polymq.mqtt.wire.ReasonCode;

/**
 * Which group has which message of a client. Acknowledgements leave in the order of the publishes (MQTT 5, 4.6.0-2 and
 * 4.6.0-3), whichever group they come from. Confined to the client's event loop.
 */
final class Publishing {
    private final ClientOutput output;
    private final int receiveMaximum;
    /** PUBACKs and PUBRECs to come, oldest first. */
    private final ArrayDeque<Pending> pending = new ArrayDeque<>(4);
    /** QoS 1 messages among them. */
    private int unanswered;
    /** QoS 2 messages between PUBLISH and PUBREL, with their groups. */
    private final Map<Integer, Integer> unreleased = new HashMap<>();
    /** How many groups PUBCOMP is awaited from, where it is more than one. */
    private final Map<Integer, Integer> releasing = new HashMap<>();

    private static final class Pending {
        private final int slot;
        private final int packetId;
        private final int qos;
        private byte @Nullable [] answer;

        private Pending(int slot, int packetId, int qos) {
            this.slot = slot;
            this.packetId = packetId;
            this.qos = qos;
        }
    }

    /**
     * Nothing is on its way.
     *
     * @param receiveMaximum how many messages of QoS 1 and 2 a client of 5.0 may leave unanswered
     */
    Publishing(ClientOutput output, int receiveMaximum) {
        this.output = output;
        this.receiveMaximum = receiveMaximum;
    }

    /** The group that has a QoS 2 message of this identifier already; null if none has. */
    @Nullable
    Integer slotOf(Publish publish) {
        return publish.qos() == 2 ? unreleased.get(publish.packetId()) : null;
    }

    /** Waiting acknowledgements. */
    int waiting() {
        return pending.size();
    }

    /**
     * A message of QoS 1 or 2 goes to a group.
     *
     * @throws PacketException if the client leaves more unanswered than it may
     */
    void sends(int slot, Publish publish) {
        int packetId = publish.packetId();
        boolean again = publish.qos() == 2 && unreleased.containsKey(packetId);
        if (again && isPending(packetId)) {
            return; // the answer to the first one is on its way, and there will be one only
        }
        if (!again && output.version().isV5() && unanswered + unreleased.size() >= receiveMaximum) {
            throw new PacketException( // MQTT 5, 3.3.4-9
                    ReasonCode.RECEIVE_MAXIMUM_EXCEEDED,
                    "more than " + receiveMaximum + " messages without acknowledgement");
        }
        pending.add(new Pending(slot, packetId, publish.qos()));
        if (publish.qos() == 2) {
            unreleased.put(packetId, slot);
        } else {
            unanswered++;
        }
    }

    private boolean isPending(int packetId) {
        return pending.stream().anyMatch(each -> each.qos == 2 && each.packetId == packetId);
    }

    /** PUBACK or PUBREC of a group. */
    void answered(int slot, int qos, ByteBuf frame) {
        int packetId = Frames.packetId(frame);
        Pending first = pending.peek();
        if (first != null && first.slot == slot && first.packetId == packetId && first.qos == qos) {
            pending.remove();
            leave(first, frame);
            sendAnswered();
            return;
        }
        for (Pending each : pending) {
            if (each.slot == slot && each.packetId == packetId && each.qos == qos && each.answer == null) {
                each.answer = ByteBufUtil.getBytes(frame);
                return;
            }
        }
        output.pass(frame);
    }

    private void sendAnswered() {
        for (Iterator<Pending> oldest = pending.iterator(); oldest.hasNext(); ) {
            Pending next = oldest.next();
            if (next.answer == null) {
                return;
            }
            oldest.remove();
            leave(next, Unpooled.wrappedBuffer(next.answer));
        }
    }

    private void leave(Pending message, ByteBuf answer) {
        if (message.qos == 1) {
            unanswered--;
        } else if (Frames.refuses(answer)) {
            unreleased.remove(message.packetId);
        }
        output.pass(answer);
    }

    /** PUBREL of the client: the group that it is for, or null if that is not known. */
    @Nullable
    Integer releases(int packetId) {
        return unreleased.remove(packetId);
    }

    /** PUBREL went to so many groups. */
    void releasedBy(int packetId, int groups) {
        if (groups > 1) {
            releasing.put(packetId, groups);
        }
    }

    /** PUBCOMP of a group. */
    void completed(ByteBuf frame) {
        int packetId = Frames.packetId(frame);
        Integer groups = releasing.isEmpty() ? null : releasing.remove(packetId);
        if (groups != null && groups > 1) {
            releasing.put(packetId, groups - 1);
        } else {
            output.pass(frame);
        }
    }
}
