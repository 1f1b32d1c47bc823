/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.session;

/**
 * A QoS 2 message on its way to a session.
 *
 * @param packetId 1 to 65535
 * @param position the message's log position
 * @param received whether the client said that it has it (PUBREC): only the release is left
 */
public record OutboundPacket(int packetId, long position, boolean received) {}
