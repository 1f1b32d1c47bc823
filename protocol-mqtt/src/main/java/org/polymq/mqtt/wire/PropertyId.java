/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

import org.jspecify.annotations.Nullable;

/** The property identifiers of MQTT 5, 2.2.2.2, and the type of each. */
enum PropertyId {
    PAYLOAD_FORMAT_INDICATOR(0x01, Type.BYTE),
    MESSAGE_EXPIRY_INTERVAL(0x02, Type.INT),
    CONTENT_TYPE(0x03, Type.STRING),
    RESPONSE_TOPIC(0x08, Type.STRING),
    CORRELATION_DATA(0x09, Type.BINARY),
    SUBSCRIPTION_IDENTIFIER(0x0B, Type.VAR_INT),
    SESSION_EXPIRY_INTERVAL(0x11, Type.INT),
    ASSIGNED_CLIENT_IDENTIFIER(0x12, Type.STRING),
    SERVER_KEEP_ALIVE(0x13, Type.SHORT),
    AUTHENTICATION_METHOD(0x15, Type.STRING),
    AUTHENTICATION_DATA(0x16, Type.BINARY),
    REQUEST_PROBLEM_INFORMATION(0x17, Type.BYTE),
    WILL_DELAY_INTERVAL(0x18, Type.INT),
    REQUEST_RESPONSE_INFORMATION(0x19, Type.BYTE),
    RESPONSE_INFORMATION(0x1A, Type.STRING),
    SERVER_REFERENCE(0x1C, Type.STRING),
    REASON_STRING(0x1F, Type.STRING),
    RECEIVE_MAXIMUM(0x21, Type.SHORT),
    TOPIC_ALIAS_MAXIMUM(0x22, Type.SHORT),
    TOPIC_ALIAS(0x23, Type.SHORT),
    MAXIMUM_QOS(0x24, Type.BYTE),
    RETAIN_AVAILABLE(0x25, Type.BYTE),
    USER_PROPERTY(0x26, Type.PAIR),
    MAXIMUM_PACKET_SIZE(0x27, Type.INT),
    WILDCARD_SUBSCRIPTION_AVAILABLE(0x28, Type.BYTE),
    SUBSCRIPTION_IDENTIFIER_AVAILABLE(0x29, Type.BYTE),
    SHARED_SUBSCRIPTION_AVAILABLE(0x2A, Type.BYTE);

    enum Type {
        BYTE,
        SHORT,
        INT,
        VAR_INT,
        STRING,
        BINARY,
        PAIR
    }

    private static final @Nullable PropertyId[] BY_CODE = new @Nullable PropertyId[0x2B];

    static {
        for (PropertyId id : values()) {
            BY_CODE[id.code] = id;
        }
    }

    final int code;
    final Type type;

    PropertyId(int code, Type type) {
        this.code = code;
        this.type = type;
    }

    static @Nullable PropertyId of(int code) {
        return code < BY_CODE.length ? BY_CODE[code] : null;
    }
}
