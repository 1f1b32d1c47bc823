/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

import static org.polymq.mqtt.wire.PacketException.malformed;
import static org.polymq.mqtt.wire.PacketException.protocolError;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decodes CONNECT. Remembers the version as soon as it is known, so that a refusal has the right form. */
final class ConnectDecoder {
    /** A bit that clients have to leave 0: a gateway has chosen the client id. */
    static final int ASSIGNED = 0x01;

    private final DecoderLimits limits;
    private final boolean ofGateway;
    private @Nullable MqttVersion version;

    ConnectDecoder(DecoderLimits limits, boolean ofGateway) {
        this.limits = limits;
        this.ofGateway = ofGateway;
    }

    /** The form a refusal takes; null if the bytes are not MQTT at all. */
    @Nullable
    MqttVersion version() {
        return version;
    }

    Connect decode(FrameReader frame, int flags) {
        MqttVersion spoken = readVersion(frame);
        if (flags != 0 && spoken != MqttVersion.MQTT_3_1) { // 3.1 calls these bits unused
            throw malformed("the flags of CONNECT are not 0");
        }
        int connectFlags = frame.readByte();
        boolean assigned = ofGateway && (connectFlags & ASSIGNED) != 0;
        checkFlags(assigned ? connectFlags & ~ASSIGNED : connectFlags, spoken);
        int keepAlive = frame.readShort();
        PropertyReader properties =
                spoken.isV5() ? PropertyReader.read(frame, PropertyReader.IN_CONNECT, limits) : null;
        if (properties != null
                && properties.has(PropertyId.AUTHENTICATION_DATA)
                && !properties.has(PropertyId.AUTHENTICATION_METHOD)) { // MQTT 5, 3.1.2.11.10
            throw protocolError("authentication data without a method");
        }
        boolean clean = (connectFlags & 0x02) != 0;
        // 3.1.1, 3.1.4-1: what is not well-formed gets no CONNACK.
        String clientId =
                frame.readName(spoken.isV5() ? ReasonCode.CLIENT_IDENTIFIER_NOT_VALID : ReasonCode.MALFORMED_PACKET);
        checkClientId(clientId, clean, spoken);
        Will will = (connectFlags & 0x04) != 0 ? readWill(frame, connectFlags, spoken) : null;
        // 3.1 allows the flag to be set and the name to be missing.
        boolean cutShort = spoken == MqttVersion.MQTT_3_1 && frame.remaining() == 0;
        String userName = (connectFlags & 0x80) != 0 && !cutShort ? frame.readName(ReasonCode.MALFORMED_PACKET) : null;
        cutShort = spoken == MqttVersion.MQTT_3_1 && frame.remaining() == 0;
        ByteBuffer password = (connectFlags & 0x40) != 0 && !cutShort ? frame.readBinary() : null;
        frame.expectEnd("CONNECT");
        if (properties == null) {
            return new Connect(
                    spoken,
                    clientId,
                    clean,
                    keepAlive,
                    will,
                    userName,
                    password,
                    null,
                    65535,
                    Integer.MAX_VALUE,
                    0,
                    false,
                    true,
                    null,
                    null,
                    List.of(),
                    assigned);
        }
        Long maximumPacketSize = properties.longOrNull(PropertyId.MAXIMUM_PACKET_SIZE);
        return new Connect(
                spoken,
                clientId,
                clean,
                keepAlive,
                will,
                userName,
                password,
                properties.longOrNull(PropertyId.SESSION_EXPIRY_INTERVAL),
                properties.number(PropertyId.RECEIVE_MAXIMUM, 65535),
                maximumPacketSize == null ? Integer.MAX_VALUE : (int) Math.min(maximumPacketSize, Integer.MAX_VALUE),
                properties.number(PropertyId.TOPIC_ALIAS_MAXIMUM, 0),
                properties.number(PropertyId.REQUEST_RESPONSE_INFORMATION, 0) == 1,
                properties.number(PropertyId.REQUEST_PROBLEM_INFORMATION, 1) == 1,
                properties.string(PropertyId.AUTHENTICATION_METHOD),
                properties.binary(PropertyId.AUTHENTICATION_DATA),
                properties.userProperties(),
                assigned);
    }

    private MqttVersion readVersion(FrameReader frame) {
        String protocol = frame.readName(ReasonCode.MALFORMED_PACKET);
        int level = frame.readByte();
        MqttVersion spoken = null;
        if (protocol.equals("MQTT")) {
            spoken = level == 5 ? MqttVersion.MQTT_5 : level == 4 ? MqttVersion.MQTT_3_1_1 : null;
        } else if (protocol.equals("MQIsdp")) {
            spoken = level == 3 ? MqttVersion.MQTT_3_1 : null;
        } else {
            throw malformed("the protocol is not MQTT");
        }
        if (spoken == null) {
            // Old levels are answered as 3.1.1 says (3.1.2.2), newer ones as 5.0 does.
            version = level < 5 ? MqttVersion.MQTT_3_1_1 : MqttVersion.MQTT_5;
            throw new PacketException(
                    ReasonCode.UNSUPPORTED_PROTOCOL_VERSION, protocol + " level " + level + " is not supported");
        }
        version = spoken;
        return spoken;
    }

    private static void checkFlags(int flags, MqttVersion version) {
        boolean will = (flags & 0x04) != 0;
        int willQos = (flags >> 3) & 3;
        if ((flags & 0x01) != 0 && version != MqttVersion.MQTT_3_1) {
            throw malformed("the reserved flag of CONNECT is not 0");
        }
        if (willQos == 3 || (!will && (willQos != 0 || (flags & 0x20) != 0))) {
            throw malformed("the will flags of CONNECT do not fit together");
        }
        if ((flags & 0x40) != 0 && (flags & 0x80) == 0 && !version.isV5()) { // 3.1.1, 3.1.2.9
            throw malformed("a password without a user name");
        }
    }

    private static void checkClientId(String clientId, boolean clean, MqttVersion version) {
        boolean needed = version == MqttVersion.MQTT_3_1 || (version == MqttVersion.MQTT_3_1_1 && !clean);
        if (needed && clientId.isEmpty()) { // 3.1.1, 3.1.3.1
            throw new PacketException(
                    ReasonCode.CLIENT_IDENTIFIER_NOT_VALID, "an empty client id without a clean session");
        }
    }

    private Will readWill(FrameReader frame, int flags, MqttVersion version) {
        PropertyReader properties = version.isV5() ? PropertyReader.read(frame, PropertyReader.IN_WILL, limits) : null;
        String topic = frame.readName(ReasonCode.MALFORMED_PACKET);
        if (topic.isEmpty()) {
            throw malformed("the topic of the will is empty");
        }
        TopicRules.checkName(topic, limits);
        ByteBuffer payload = frame.readBinary();
        Long delay = properties == null ? null : properties.longOrNull(PropertyId.WILL_DELAY_INTERVAL);
        return new Will(
                topic,
                payload,
                (flags >> 3) & 3,
                (flags & 0x20) != 0,
                delay == null ? 0 : delay,
                properties == null ? MessageProperties.NONE : properties.message());
    }
}
