/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

import org.jspecify.annotations.Nullable;

/**
 * PUBACK, PUBREC, PUBREL or PUBCOMP.
 *
 * @param packetId 1 to 65535
 * @param reasonString sent with errors, null if there is nothing to say
 */
public record Ack(
        Kind kind,
        int packetId,
        ReasonCode reason,
        @Nullable String reasonString) implements Packet {
    /** Which of the four. */
    public enum Kind {
        PUBACK(4, 0),
        PUBREC(5, 0),
        PUBREL(6, 2),
        PUBCOMP(7, 0);

        private final int firstByte;

        Kind(int type, int flags) {
            this.firstByte = (type << 4) | flags;
        }

        int firstByte() {
            return firstByte;
        }
    }

    @Override
    public Packet withoutReasonString() {
        return reasonString == null ? this : new Ack(kind, packetId, reason, null);
    }

    public static Ack of(Kind kind, int packetId) {
        return new Ack(kind, packetId, ReasonCode.SUCCESS, null);
    }
}
