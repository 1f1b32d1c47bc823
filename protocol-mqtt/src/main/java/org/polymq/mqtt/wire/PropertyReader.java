/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

import static org.polymq.mqtt.wire.PacketException.malformed;
import static org.polymq.mqtt.wire.PacketException.protocolError;
import static org.polymq.mqtt.wire.PropertyId.AUTHENTICATION_DATA;
import static org.polymq.mqtt.wire.PropertyId.AUTHENTICATION_METHOD;
import static org.polymq.mqtt.wire.PropertyId.CONTENT_TYPE;
import static org.polymq.mqtt.wire.PropertyId.CORRELATION_DATA;
import static org.polymq.mqtt.wire.PropertyId.MESSAGE_EXPIRY_INTERVAL;
import static org.polymq.mqtt.wire.PropertyId.PAYLOAD_FORMAT_INDICATOR;
import static org.polymq.mqtt.wire.PropertyId.REASON_STRING;
import static org.polymq.mqtt.wire.PropertyId.RESPONSE_TOPIC;
import static org.polymq.mqtt.wire.PropertyId.SERVER_REFERENCE;
import static org.polymq.mqtt.wire.PropertyId.SESSION_EXPIRY_INTERVAL;
import static org.polymq.mqtt.wire.PropertyId.SUBSCRIPTION_IDENTIFIER;
import static org.polymq.mqtt.wire.PropertyId.TOPIC_ALIAS;
import static org.polymq.mqtt.wire.PropertyId.USER_PROPERTY;
import static org.polymq.mqtt.wire.PropertyId.WILL_DELAY_INTERVAL;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The properties of one packet while it is being decoded. */
final class PropertyReader {
    static final Set<PropertyId> IN_CONNECT = EnumSet.of(
            SESSION_EXPIRY_INTERVAL,
            PropertyId.RECEIVE_MAXIMUM,
            PropertyId.MAXIMUM_PACKET_SIZE,
            PropertyId.TOPIC_ALIAS_MAXIMUM,
            PropertyId.REQUEST_RESPONSE_INFORMATION,
            PropertyId.REQUEST_PROBLEM_INFORMATION,
            USER_PROPERTY,
            AUTHENTICATION_METHOD,
            AUTHENTICATION_DATA);
    static final Set<PropertyId> IN_WILL = EnumSet.of(
            WILL_DELAY_INTERVAL,
            PAYLOAD_FORMAT_INDICATOR,
            MESSAGE_EXPIRY_INTERVAL,
            CONTENT_TYPE,
            RESPONSE_TOPIC,
            CORRELATION_DATA,
            USER_PROPERTY);
    // A client must not send a subscription identifier; that is a protocol error, not an unknown identifier (3.3.4-6).
    static final Set<PropertyId> IN_PUBLISH = EnumSet.of(
            PAYLOAD_FORMAT_INDICATOR,
            MESSAGE_EXPIRY_INTERVAL,
            TOPIC_ALIAS,
            RESPONSE_TOPIC,
            CORRELATION_DATA,
            USER_PROPERTY,
            SUBSCRIPTION_IDENTIFIER,
            CONTENT_TYPE);
    /** Of servers: what they say at CONNACK. */
    static final Set<PropertyId> IN_CONNACK = EnumSet.complementOf(EnumSet.of(TOPIC_ALIAS));

    static final Set<PropertyId> IN_ACK = EnumSet.of(REASON_STRING, USER_PROPERTY);
    static final Set<PropertyId> IN_SUBSCRIBE = EnumSet.of(SUBSCRIPTION_IDENTIFIER, USER_PROPERTY);
    static final Set<PropertyId> IN_UNSUBSCRIBE = EnumSet.of(USER_PROPERTY);
    static final Set<PropertyId> IN_DISCONNECT =
            EnumSet.of(SESSION_EXPIRY_INTERVAL, REASON_STRING, USER_PROPERTY, SERVER_REFERENCE);
    static final Set<PropertyId> IN_AUTH =
            EnumSet.of(AUTHENTICATION_METHOD, AUTHENTICATION_DATA, REASON_STRING, USER_PROPERTY);

    private final Map<PropertyId, Object> values = new EnumMap<>(PropertyId.class);
    private final List<UserProperty> userProperties = new ArrayList<>();

    private PropertyReader() {}

    /** Reads the property length and exactly that many bytes. Null if there are no properties. */
    static @Nullable PropertyReader read(FrameReader frame, Set<PropertyId> allowed, DecoderLimits limits) {
        int length = frame.readVarInt();
        if (length == 0) {
            return null;
        }
        PropertyReader properties = new PropertyReader();
        int end = frame.narrow(length);
        int userBytes = 0;
        while (frame.remaining() > 0) {
            int code = frame.readVarInt();
            PropertyId id = PropertyId.of(code);
            if (id == null) {
                throw malformed(String.format("unknown property 0x%02X", code));
            }
            int start = frame.position();
            Object value = readValue(frame, id);
            if (!allowed.contains(id)) { // MQTT 5, 2.2.2.2
                throw malformed(id + " does not belong in this packet");
            }
            if (value instanceof UserProperty property) {
                properties.userProperties.add(property);
                userBytes += frame.position() - start;
                checkUserProperties(properties.userProperties.size(), userBytes, limits);
            } else if (properties.values.put(id, value) != null) {
                throw protocolError(id + " is there twice");
            }
        }
        frame.widen(end);
        return properties;
    }

    private static void checkUserProperties(int count, int bytes, DecoderLimits limits) {
        if (count > limits.maxUserProperties() || bytes > limits.maxUserPropertyBytes()) {
            throw new PacketException(
                    ReasonCode.QUOTA_EXCEEDED,
                    "more than " + limits.maxUserProperties() + " user properties or " + limits.maxUserPropertyBytes()
                            + " bytes of them in a packet");
        }
    }

    private static Object readValue(FrameReader frame, PropertyId id) {
        return switch (id.type) {
            case BYTE -> checkByte(id, frame.readByte());
            case SHORT -> checkShort(id, frame.readShort());
            case INT -> checkInt(id, frame.readInt());
            case VAR_INT -> checkVarInt(id, frame.readVarInt());
            case STRING ->
                id == RESPONSE_TOPIC
                        ? TopicRules.checkResponseTopic(frame.readName(ReasonCode.MALFORMED_PACKET))
                        : frame.readText();
            case BINARY -> frame.readBinary();
            case PAIR -> new UserProperty(frame.readText(), frame.readText());
        };
    }

    private static Object checkByte(PropertyId id, int value) { // every byte property is 0 or 1
        if (value > 1) {
            throw protocolError(id + " must be 0 or 1, not " + value);
        }
        return value;
    }

    private static Object checkShort(PropertyId id, int value) {
        if (id == PropertyId.RECEIVE_MAXIMUM && value == 0) {
            throw protocolError("the receive maximum must not be 0");
        }
        if (id == TOPIC_ALIAS && value == 0) { // MQTT 5, 3.3.2.3.4
            throw new PacketException(ReasonCode.TOPIC_ALIAS_INVALID, "a topic alias must not be 0");
        }
        return value;
    }

    private static Object checkInt(PropertyId id, long value) {
        if (id == PropertyId.MAXIMUM_PACKET_SIZE && value == 0) {
            throw protocolError("the maximum packet size must not be 0");
        }
        return value;
    }

    private static Object checkVarInt(PropertyId id, int value) {
        if (value == 0) {
            throw protocolError(id + " must not be 0");
        }
        return value;
    }

    boolean has(PropertyId id) {
        return values.containsKey(id);
    }

    int number(PropertyId id, int otherwise) {
        return values.get(id) instanceof Integer number ? number : otherwise;
    }

    @Nullable
    Integer byteOrNull(PropertyId id) {
        return (Integer) values.get(id);
    }

    @Nullable
    Integer shortOrNull(PropertyId id) {
        return (Integer) values.get(id);
    }

    @Nullable
    Long longOrNull(PropertyId id) {
        return (Long) values.get(id);
    }

    @Nullable
    String string(PropertyId id) {
        return (String) values.get(id);
    }

    @Nullable
    ByteBuffer binary(PropertyId id) {
        return (ByteBuffer) values.get(id);
    }

    List<UserProperty> userProperties() {
        return userProperties;
    }

    MessageProperties message() {
        return new MessageProperties(
                byteOrNull(PAYLOAD_FORMAT_INDICATOR),
                longOrNull(MESSAGE_EXPIRY_INTERVAL),
                string(CONTENT_TYPE),
                string(RESPONSE_TOPIC),
                binary(CORRELATION_DATA),
                userProperties);
    }
}
