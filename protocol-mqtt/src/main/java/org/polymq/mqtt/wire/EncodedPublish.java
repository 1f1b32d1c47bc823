/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * One PUBLISH as bytes, for all subscribers that get the same variant of it: only the packet identifier and the DUP
 * flag differ between them. Immutable; safe from any thread. The payload is shared, not copied.
 */
public final class EncodedPublish {
    private final byte[] head;
    private final int headSize;
    private final int packetIdAt;
    private final ByteBuffer payload;
    private final int qos;

    private EncodedPublish(byte[] head, int headSize, int packetIdAt, ByteBuffer payload, int qos) {
        this.head = head;
        this.headSize = headSize;
        this.packetIdAt = packetIdAt;
        this.payload = payload;
        this.qos = qos;
    }

    /**
     * Encodes one variant of a message.
     *
     * @param properties left out for 3.1 and 3.1.1; the expiry is what remains of it
     * @param identifiers of the subscriptions that match, in no order; left out for 3.1 and 3.1.1
     * @param payload not changed afterwards
     */
    public static EncodedPublish of(
            MqttVersion version,
            String topic,
            int qos,
            boolean retain,
            MessageProperties properties,
            List<Integer> identifiers,
            ByteBuffer payload) {
        ByteWriter variable = new ByteWriter(topic.length() + 16).writeString(topic);
        int packetIdAt = variable.size();
        if (qos > 0) {
            variable.writeShort(0);
        }
        if (version.isV5()) {
            writeProperties(properties, identifiers, variable);
        }
        int length = variable.size() + payload.remaining();
        int fixed = 1 + ByteWriter.varIntSize(length);
        ByteWriter head = new ByteWriter(fixed + variable.size())
                .writeByte(0x30 | (qos << 1) | (retain ? 1 : 0))
                .writeVarInt(length)
                .write(variable);
        return new EncodedPublish(head.array(), head.size(), fixed + packetIdAt, payload.slice(), qos);
    }

    private static void writeProperties(MessageProperties from, List<Integer> identifiers, ByteWriter out) {
        if (from.equals(MessageProperties.NONE) && identifiers.isEmpty()) {
            out.writeByte(0);
            return;
        }
        PropertyWriter properties = new PropertyWriter();
        Integer format = from.payloadFormat();
        if (format != null) {
            properties.number(PropertyId.PAYLOAD_FORMAT_INDICATOR, format);
        }
        Long expiry = from.expirySeconds();
        if (expiry != null) {
            properties.unsigned(PropertyId.MESSAGE_EXPIRY_INTERVAL, expiry);
        }
        properties
                .string(PropertyId.CONTENT_TYPE, from.contentType())
                .string(PropertyId.RESPONSE_TOPIC, from.responseTopic())
                .binary(PropertyId.CORRELATION_DATA, from.correlationData());
        identifiers.forEach(identifier -> properties.number(PropertyId.SUBSCRIPTION_IDENTIFIER, identifier));
        from.userProperties().forEach(properties::user);
        properties.writeTo(out);
    }

    /** 0 to 2. */
    public int qos() {
        return qos;
    }

    /** The whole packet in bytes, to be held against the client's maximum packet size. */
    public int size() {
        return headSize + payload.remaining();
    }

    /** Bytes of the packet before its payload. */
    public int headSize() {
        return headSize;
    }

    /** The payload alone; a view that may be wrapped instead of copied. */
    public ByteBuffer payload() {
        return payload.duplicate();
    }

    /**
     * Appends everything before the payload.
     *
     * @param packetId 1 to 65535; ignored with QoS 0
     */
    public void writeHead(int packetId, boolean dup, ByteBuf out) {
        int start = out.writerIndex();
        out.writeBytes(head, 0, headSize);
        if (qos > 0) {
            out.setShort(start + packetIdAt, packetId);
            if (dup) {
                out.setByte(start, head[0] | 0x08);
            }
        }
    }

    /** Appends the whole packet. */
    public void writeTo(int packetId, boolean dup, ByteBuf out) {
        writeHead(packetId, dup, out);
        out.writeBytes(payload.duplicate());
    }
}
