/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

/**
 * What an MQTT QoS 2 publisher called its message. It is stored inside the message record, so that whoever applies the
 * record can remove doubles.
 *
 * @param session the client id of the publishing session
 * @param epoch the session's epoch: how often it was begun anew
 * @param packetId 1 to 65535
 */
public record QosTwoId(String session, long epoch, int packetId) {
    public QosTwoId {
        if (packetId < 1 || packetId > 0xFFFF) {
            throw new IllegalArgumentException("packet id " + packetId);
        }
    }
}
