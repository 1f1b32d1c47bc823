/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.wire;

import io.netty.buffer.ByteBuf;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.wire.WireDestination.Kind;

/** The fields of a message within a frame, in their order. */
@SuppressWarnings("EnumOrdinal") // the order is the byte on the wire, as the enums say
final class MessageFields {
    /** No message is shorter, in bytes. */
    static final int SHORTEST = 44;

    private static final int PERSISTENT = 1;
    private static final int REPLY_TO = 2;
    private static final int TYPE = 4;
    private static final int CORRELATION = 8;

    private MessageFields() {}

    static void write(WireMessage message, ByteBuf out) {
        int flags = (message.persistent() ? PERSISTENT : 0)
                | (message.replyTo() != null ? REPLY_TO : 0)
                | (message.jmsType() != null ? TYPE : 0)
                | (message.correlation() != null ? CORRELATION : 0);
        out.writeByte(flags).writeByte(message.type().ordinal()).writeByte(message.priority());
        out.writeLong(message.timestamp()).writeLong(message.expiration()).writeLong(message.deliveryTime());
        writeDestination(message.destination(), out);
        Values.writeString(out, message.id());
        if (message.replyTo() != null) {
            writeDestination(message.replyTo(), out);
        }
        if (message.jmsType() != null) {
            Values.writeString(out, message.jmsType());
        }
        if (message.correlation() != null) {
            Values.write(out, message.correlation());
        }
        out.writeInt(message.properties().size());
        message.properties().forEach((name, value) -> {
            Values.writeString(out, name);
            Values.write(out, value);
        });
        Values.writeBytes(out, message.body());
    }

    static WireMessage read(ByteBuf in) {
        Values.need(in, 27);
        int flags = in.readByte();
        BodyType type = BodyType.of(in.readByte());
        int priority = in.readByte();
        if (priority < 0 || priority > 9) {
            throw new ProtocolException("a priority of " + priority);
        }
        long timestamp = in.readLong();
        long expiration = in.readLong();
        long deliveryTime = in.readLong();
        WireDestination destination = readDestination(in);
        String id = Values.readString(in);
        WireDestination replyTo = (flags & REPLY_TO) != 0 ? readDestination(in) : null;
        String jmsType = (flags & TYPE) != 0 ? Values.readString(in) : null;
        Object correlation = (flags & CORRELATION) != 0 ? readCorrelation(in) : null;
        Map<String, @Nullable Object> properties = readProperties(in);
        byte[] body = Values.readBytes(in);
        return new WireMessage(
                destination,
                id,
                type,
                body,
                (flags & PERSISTENT) != 0,
                priority,
                timestamp,
                expiration,
                deliveryTime,
                correlation,
                replyTo,
                jmsType,
                properties);
    }

    static void writeDestination(WireDestination destination, ByteBuf out) {
        out.writeByte(destination.kind().ordinal());
        Values.writeString(out, destination.name());
    }

    static WireDestination readDestination(ByteBuf in) {
        Values.need(in, 1);
        return new WireDestination(Kind.of(in.readByte()), Values.readString(in));
    }

    private static Object readCorrelation(ByteBuf in) {
        Object correlation = Values.read(in);
        if (correlation instanceof String || correlation instanceof byte[]) {
            return correlation;
        }
        throw new ProtocolException("a correlation id is text or bytes");
    }

    private static Map<String, @Nullable Object> readProperties(ByteBuf in) {
        int count = Values.readCount(in, 5);
        if (count == 0) {
            return Map.of();
        }
        Map<String, @Nullable Object> properties = new LinkedHashMap<>(count * 2);
        for (int i = 0; i < count; i++) {
            properties.put(Values.readString(in), Values.read(in));
        }
        return properties;
    }
}
