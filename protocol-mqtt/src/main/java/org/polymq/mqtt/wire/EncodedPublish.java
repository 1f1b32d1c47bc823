/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One PUBLISH as bytes, for all subscribers that get the same variant of it: only the packet identifier and the DUP
 * flag differ between them. Immutable; safe from any thread. The payload is shared, not copied.
 */
public final class EncodedPublish {
    /** Bytes that a topic alias takes. */
    public static final int ALIAS_SIZE = 3;

    private static final int TOPIC_ALIAS = 0x23;
    /** Bytes that the lengths before it may grow by. */
    private static final int GROWTH = 2;

    private final byte[] head;
    private final int headSize;
    private final int packetIdAt;
    /** Where the length of the properties stands; -1 before 5.0. */
    private final int propertiesAt;

    private final String topic;
    private final ByteBuffer payload;
    private final int payloadSize;
    private final @Nullable Supplier<Iterator<ByteBuffer>> slices;
    private final int qos;

    private EncodedPublish(
            byte[] head,
            int headSize,
            int packetIdAt,
            int propertiesAt,
            String topic,
            ByteBuffer payload,
            int payloadSize,
            @Nullable Supplier<Iterator<ByteBuffer>> slices,
            int qos) {
        this.head = head;
        this.headSize = headSize;
        this.packetIdAt = packetIdAt;
        this.propertiesAt = propertiesAt;
        this.topic = topic;
        this.payload = payload;
        this.payloadSize = payloadSize;
        this.slices = slices;
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
        return of(version, topic, qos, retain, properties, identifiers, payload, payload.remaining(), null);
    }

    /**
     * Encodes one variant of a message whose payload is too large to be held.
     *
     * @param payloadSize bytes of all slices together
     * @param slices reads the payload anew, for each connection that it is sent to
     */
    public static EncodedPublish ofLarge(
            MqttVersion version,
            String topic,
            int qos,
            boolean retain,
            MessageProperties properties,
            List<Integer> identifiers,
            int payloadSize,
            Supplier<Iterator<ByteBuffer>> slices) {
        ByteBuffer none = ByteBuffer.allocate(0);
        return of(version, topic, qos, retain, properties, identifiers, none, payloadSize, slices);
    }

    private static EncodedPublish of(
            MqttVersion version,
            String topic,
            int qos,
            boolean retain,
            MessageProperties properties,
            List<Integer> identifiers,
            ByteBuffer payload,
            int payloadSize,
            @Nullable Supplier<Iterator<ByteBuffer>> slices) {
        ByteWriter variable = new ByteWriter(topic.length() + 16).writeString(topic);
        int packetIdAt = variable.size();
        if (qos > 0) {
            variable.writeShort(0);
        }
        int propertiesAt = version.isV5() ? variable.size() : -1;
        if (version.isV5()) {
            writeProperties(properties, identifiers, variable);
        }
        int length = variable.size() + payloadSize;
        int fixed = 1 + ByteWriter.varIntSize(length);
        ByteWriter head = new ByteWriter(fixed + variable.size())
                .writeByte(0x30 | (qos << 1) | (retain ? 1 : 0))
                .writeVarInt(length)
                .write(variable);
        return new EncodedPublish(
                head.array(),
                head.size(),
                fixed + packetIdAt,
                propertiesAt < 0 ? -1 : fixed + propertiesAt,
                topic,
                payload.slice(),
                payloadSize,
                slices,
                qos);
    }

    private static void writeProperties(MessageProperties from, List<Integer> identifiers, ByteWriter out) {
        if (from.equals(MessageProperties.NONE) && identifiers.isEmpty()) {
            out.writeByte(0);
            return;
        }
        PropertyWriter properties = new PropertyWriter();
        properties.message(from, identifiers).writeTo(out);
    }

    /** 0 to 2. */
    public int qos() {
        return qos;
    }

    /** The whole packet in bytes, to be held against the client's maximum packet size. */
    public int size() {
        return headSize + payloadSize;
    }

    /** The most bytes that the packet has with a topic alias. */
    public int sizeWithAlias() {
        return size() + ALIAS_SIZE + GROWTH;
    }

    /** Bytes of the packet before its payload. */
    public int headSize() {
        return headSize;
    }

    /** Reads a large payload from its beginning; null for one that is held, see {@link #payload}. */
    public @Nullable Iterator<ByteBuffer> slices() {
        return slices == null ? null : slices.get();
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

    /** The topic name, as the client is told it. */
    public String topic() {
        return topic;
    }

    /** Whether an alias makes the packet shorter: only 5.0 has them. */
    public boolean gainsByAlias() {
        return propertiesAt >= 0 && topic.length() > ALIAS_SIZE;
    }

    /**
     * Appends everything before the payload, with a topic alias.
     *
     * @param alias 1 to 65535
     * @param known whether the client knows it: then the topic is left out (MQTT 5, 3.3.2.3.4)
     */
    public void writeHead(int packetId, boolean dup, int alias, boolean known, ByteBuf out) {
        int properties = readVarInt(propertiesAt);
        int propertiesFrom = propertiesAt + ByteWriter.varIntSize(properties);
        int longer = properties + ALIAS_SIZE;
        int topicFrom = qos > 0 ? packetIdAt : propertiesAt; // behind the topic
        int topicAt = 1 + ByteWriter.varIntSize(readVarInt(1));
        int topicSize = known ? 2 : topicFrom - topicAt;
        int length = topicSize + (qos > 0 ? 2 : 0) + ByteWriter.varIntSize(longer) + longer + payloadSize;
        out.writeByte(head[0] | (qos > 0 && dup ? 0x08 : 0));
        PacketEncoder.writeVarInt(length, out);
        if (known) {
            out.writeShort(0);
        } else {
            out.writeBytes(head, topicAt, topicSize);
        }
        if (qos > 0) {
            out.writeShort(packetId);
        }
        PacketEncoder.writeVarInt(longer, out);
        out.writeByte(TOPIC_ALIAS).writeShort(alias);
        out.writeBytes(head, propertiesFrom, properties);
    }

    private int readVarInt(int from) {
        int value = 0;
        for (int i = 0; ; i++) {
            int next = head[from + i];
            value |= (next & 0x7F) << (7 * i);
            if (next >= 0) {
                return value;
            }
        }
    }

    /** Appends the whole packet. */
    public void writeTo(int packetId, boolean dup, ByteBuf out) {
        writeHead(packetId, dup, out);
        out.writeBytes(payload.duplicate());
    }
}
