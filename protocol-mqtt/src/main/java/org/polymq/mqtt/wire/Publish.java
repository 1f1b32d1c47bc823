/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

import java.nio.ByteBuffer;

/**
 * PUBLISH as a client sent it.
 *
 * @param topic empty if only an alias was sent
 * @param packetId 1 to 65535; 0 with QoS 0
 * @param topicAlias 1 to 65535; 0 if not sent
 * @param payload read-only by agreement; may be kept
 */
public record Publish(
        String topic,
        int qos,
        boolean retain,
        boolean dup,
        int packetId,
        int topicAlias,
        MessageProperties properties,
        ByteBuffer payload)
        implements Packet {

    Publish withPayload(ByteBuffer bytes) {
        return new Publish(topic, qos, retain, dup, packetId, topicAlias, properties, bytes);
    }
}
