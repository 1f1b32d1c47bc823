/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.session;

/**
 * A message on its way to a session whose packet identifier is in the log: of QoS 2, or a retained one of QoS 1.
 *
 * @param packetId 1 to 65535
 * @param position the message's log position
 * @param received whether the client said that it has it (PUBREC): only the release is left
 * @param retained whether it is sent because it was retained when the filter came
 * @param filter the one filter that it is sent for ({@code $queue/NAME}, {@code $share/NAME/filter}, or of a retained
 *     message); empty if it came through the session's own subscription
 * @param qos 1 or 2
 */
public record OutboundPacket(int packetId, long position, boolean received, boolean retained, String filter, int qos) {
    /** A message of QoS 2. */
    public OutboundPacket(int packetId, long position, boolean received, boolean retained, String filter) {
        this(packetId, position, received, retained, filter, 2);
    }

    /** A message that came through the session's own subscription. */
    public static OutboundPacket of(int packetId, long position) {
        return new OutboundPacket(packetId, position, false, false, "");
    }

    OutboundPacket asReceived() {
        return new OutboundPacket(packetId, position, true, retained, filter, qos);
    }
}
