/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.List;

/** Writes what a client sends, as a gateway does in a client's name. Safe from any thread. */
public final class ClientEncoder {
    private static final int DEFAULT_RECEIVE_MAXIMUM = 65_535;

    private ClientEncoder() {}

    /** Appends CONNECT; its client id is not empty. */
    public static void connect(Connect connect, ByteBuf out) {
        MqttVersion version = connect.version();
        ByteWriter body = new ByteWriter(128)
                .writeString(version == MqttVersion.MQTT_3_1 ? "MQIsdp" : "MQTT")
                .writeByte(version.level())
                .writeByte(flags(connect))
                .writeShort(connect.keepAlive());
        if (version.isV5()) {
            properties(connect).writeTo(body);
        }
        body.writeString(connect.clientId());
        Will will = connect.will();
        if (will != null) {
            if (version.isV5()) {
                properties(will).writeTo(body);
            }
            body.writeString(will.topic()).writeBinary(will.payload());
        }
        String user = connect.userName();
        if (user != null) {
            body.writeString(user);
        }
        ByteBuffer password = connect.password();
        if (password != null) {
            body.writeBinary(password);
        }
        write(0x10, body, out);
    }

    private static int flags(Connect connect) {
        int flags = connect.cleanStart() ? 0x02 : 0;
        Will will = connect.will();
        if (will != null) {
            flags |= 0x04 | will.qos() << 3 | (will.retain() ? 0x20 : 0);
        }
        return flags
                | (connect.userName() != null ? 0x80 : 0)
                | (connect.password() != null ? 0x40 : 0)
                | (connect.assigned() ? ConnectDecoder.ASSIGNED : 0);
    }

    private static PropertyWriter properties(Connect connect) {
        PropertyWriter properties = new PropertyWriter();
        Long expiry = connect.sessionExpiry();
        if (expiry != null) {
            properties.unsigned(PropertyId.SESSION_EXPIRY_INTERVAL, expiry);
        }
        if (connect.receiveMaximum() != DEFAULT_RECEIVE_MAXIMUM) {
            properties.number(PropertyId.RECEIVE_MAXIMUM, connect.receiveMaximum());
        }
        if (connect.maximumPacketSize() != Integer.MAX_VALUE) {
            properties.number(PropertyId.MAXIMUM_PACKET_SIZE, connect.maximumPacketSize());
        }
        if (connect.topicAliasMaximum() != 0) {
            properties.number(PropertyId.TOPIC_ALIAS_MAXIMUM, connect.topicAliasMaximum());
        }
        if (connect.requestResponseInformation()) {
            properties.number(PropertyId.REQUEST_RESPONSE_INFORMATION, 1);
        }
        if (!connect.requestProblemInformation()) {
            properties.number(PropertyId.REQUEST_PROBLEM_INFORMATION, 0);
        }
        properties
                .string(PropertyId.AUTHENTICATION_METHOD, connect.authenticationMethod())
                .binary(PropertyId.AUTHENTICATION_DATA, connect.authenticationData());
        connect.userProperties().forEach(properties::user);
        return properties;
    }

    private static PropertyWriter properties(Will will) {
        PropertyWriter properties = new PropertyWriter();
        if (will.delaySeconds() != 0) {
            properties.unsigned(PropertyId.WILL_DELAY_INTERVAL, will.delaySeconds());
        }
        return properties.message(will.properties(), List.of());
    }

    /** Appends SUBSCRIBE. */
    public static void subscribe(Subscribe packet, MqttVersion version, ByteBuf out) {
        ByteWriter body = begin(packet.packetId(), packet.identifier(), version);
        for (Subscription each : packet.subscriptions()) {
            body.writeString(each.filter()).writeByte(version.isV5() ? options(each) : each.qos());
        }
        write(0x82, body, out);
    }

    /** Appends UNSUBSCRIBE. */
    public static void unsubscribe(int packetId, List<String> filters, MqttVersion version, ByteBuf out) {
        ByteWriter body = begin(packetId, 0, version);
        filters.forEach(body::writeString);
        write(0xA2, body, out);
    }

    private static ByteWriter begin(int packetId, int identifier, MqttVersion version) {
        ByteWriter body = new ByteWriter(64).writeShort(packetId);
        if (version.isV5()) {
            PropertyWriter properties = new PropertyWriter();
            if (identifier != 0) {
                properties.number(PropertyId.SUBSCRIPTION_IDENTIFIER, identifier);
            }
            properties.writeTo(body);
        }
        return body;
    }

    static int options(Subscription subscription) {
        int retained = switch (subscription.retainHandling()) {
            case SEND -> 0;
            case SEND_IF_NEW -> 1;
            case DO_NOT_SEND -> 2;
        };
        return subscription.qos()
                | (subscription.noLocal() ? 4 : 0)
                | (subscription.retainAsPublished() ? 8 : 0)
                | (retained << 4);
    }

    private static void write(int firstByte, ByteWriter body, ByteBuf out) {
        out.writeByte(firstByte);
        PacketEncoder.writeBody(body, out);
    }
}
