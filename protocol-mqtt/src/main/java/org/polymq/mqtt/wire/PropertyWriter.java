/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects the properties of one packet and writes them with their length. */
final class PropertyWriter {
    private static final int MAX_FIELD = 65535;

    private final ByteWriter out = new ByteWriter(32);

    PropertyWriter number(PropertyId id, int value) {
        out.writeByte(id.code);
        switch (id.type) {
            case BYTE -> out.writeByte(value);
            case SHORT -> out.writeShort(value);
            case VAR_INT -> out.writeVarInt(value);
            case INT -> out.writeInt(value);
            default -> throw new IllegalArgumentException(id + " is not a number");
        }
        return this;
    }

    PropertyWriter unsigned(PropertyId id, long value) {
        out.writeByte(id.code).writeInt(value);
        return this;
    }

    /** Left out if null or if MQTT cannot carry it. */
    PropertyWriter string(PropertyId id, @Nullable String value) {
        if (value != null && fits(value)) {
            out.writeByte(id.code).writeString(value);
        }
        return this;
    }

    PropertyWriter binary(PropertyId id, @Nullable ByteBuffer value) {
        if (value != null && value.remaining() <= MAX_FIELD) {
            out.writeByte(id.code).writeBinary(value);
        }
        return this;
    }

    PropertyWriter user(UserProperty property) {
        if (fits(property.name()) && fits(property.value())) {
            out.writeByte(PropertyId.USER_PROPERTY.code)
                    .writeString(property.name())
                    .writeString(property.value());
        }
        return this;
    }

    /** All that a message has, and the identifiers of the subscriptions that it is sent for. */
    PropertyWriter message(MessageProperties from, List<Integer> identifiers) {
        Integer format = from.payloadFormat();
        if (format != null) {
            number(PropertyId.PAYLOAD_FORMAT_INDICATOR, format);
        }
        Long expiry = from.expirySeconds();
        if (expiry != null) {
            unsigned(PropertyId.MESSAGE_EXPIRY_INTERVAL, expiry);
        }
        string(PropertyId.CONTENT_TYPE, from.contentType());
        string(PropertyId.RESPONSE_TOPIC, from.responseTopic());
        binary(PropertyId.CORRELATION_DATA, from.correlationData());
        identifiers.forEach(identifier -> number(PropertyId.SUBSCRIPTION_IDENTIFIER, identifier));
        from.userProperties().forEach(this::user);
        return this;
    }

    /** Bytes, without the length in front. */
    int size() {
        return out.size();
    }

    void writeTo(ByteWriter packet) {
        packet.writeVarInt(out.size()).write(out);
    }

    // MQTT 5, 1.5.4: at most 65,535 bytes and no U+0000. Other protocols' strings may be anything.
    private static boolean fits(String value) {
        return (value.length() <= MAX_FIELD / 3 || utf8Size(value) <= MAX_FIELD) && value.indexOf(0) < 0;
    }

    private static long utf8Size(String value) {
        return value.codePoints()
                .mapToLong(c -> c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4)
                .sum();
    }
}
