/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes what a server sends, except PUBLISH (see {@link EncodedPublish}). A reason string that would make the packet
 * larger than the client allows is left out (MQTT 5, 3.1.2.11.4). Safe from any thread.
 */
public final class PacketEncoder {
    /** First byte of the packets between a gateway and a group: the type that MQTT reserves. */
    static final int OF_GATEWAYS = 0;

    static final int ADMITTED = 1;
    static final int KEPT = 2;

    private PacketEncoder() {}

    /**
     * Appends the packet.
     *
     * @param maxSize the largest packet the client takes, in bytes
     * @return false if even the shortest form is larger than that; then nothing was written
     * @throws IllegalArgumentException for a packet that servers do not send
     */
    public static boolean encode(Packet packet, MqttVersion version, int maxSize, ByteBuf out) {
        int start = out.writerIndex();
        write(packet, version, true, out);
        if (out.writerIndex() - start <= maxSize) {
            return true;
        }
        out.writerIndex(start);
        write(packet, version, false, out);
        if (out.writerIndex() - start <= maxSize) {
            return true;
        }
        out.writerIndex(start);
        return false;
    }

    private static void write(Packet packet, MqttVersion version, boolean withReason, ByteBuf out) {
        if (packet instanceof Ack ack) {
            writeAck(ack, version, withReason, out);
        } else if (packet instanceof PingResponse) {
            out.writeShort(0xD000);
        } else if (packet instanceof SubAck ack) {
            writeReasons(0x90, ack.packetId(), ack.reasons(), reason(ack.reasonString(), withReason), version, out);
        } else if (packet instanceof UnsubAck ack) {
            writeReasons(0xB0, ack.packetId(), ack.reasons(), reason(ack.reasonString(), withReason), version, out);
        } else if (packet instanceof ConnAck ack) {
            writeConnAck(ack, version, withReason, out);
        } else if (packet instanceof Disconnect disconnect) {
            writeDisconnect(disconnect, version, withReason, out);
        } else if (packet instanceof Auth auth) {
            writeAuth(auth, out);
        } else if (packet instanceof Admitted admitted) {
            ByteWriter body = new ByteWriter(32).writeByte(ADMITTED).writeByte(admitted.existed() ? 1 : 0);
            out.writeByte(OF_GATEWAYS);
            writeBody(body.writeString(admitted.user()), out);
        } else if (packet instanceof Kept kept) {
            out.writeByte(OF_GATEWAYS);
            writeBody(kept(kept), out);
        } else {
            throw new IllegalArgumentException("a server does not send " + packet);
        }
    }

    private static ByteWriter kept(Kept kept) {
        ByteWriter body = new ByteWriter(256).writeByte(KEPT);
        for (Subscribe each : kept.subscriptions()) {
            Subscription subscription = each.subscriptions().get(0);
            body.writeInt(each.identifier())
                    .writeByte(ClientEncoder.options(subscription))
                    .writeString(subscription.filter());
        }
        return body;
    }

    private static @Nullable String reason(@Nullable String reasonString, boolean withReason) {
        return withReason ? reasonString : null;
    }

    private static void writeAck(Ack ack, MqttVersion version, boolean withReason, ByteBuf out) {
        out.writeByte(ack.kind().firstByte());
        if (!version.isV5() || ack.reason() == ReasonCode.SUCCESS) {
            out.writeByte(2).writeShort(ack.packetId());
            return;
        }
        String reasonString = reason(ack.reasonString(), withReason);
        if (reasonString == null) {
            out.writeByte(3).writeShort(ack.packetId()).writeByte(ack.reason().code());
            return;
        }
        ByteWriter body = new ByteWriter(64)
                .writeShort(ack.packetId())
                .writeByte(ack.reason().code());
        new PropertyWriter().string(PropertyId.REASON_STRING, reasonString).writeTo(body);
        writeBody(body, out);
    }

    private static void writeReasons(
            int firstByte,
            int packetId,
            List<ReasonCode> reasons,
            @Nullable String reasonString,
            MqttVersion version,
            ByteBuf out) {
        ByteWriter body = new ByteWriter(reasons.size() + 8).writeShort(packetId);
        if (version.isV5()) {
            new PropertyWriter().string(PropertyId.REASON_STRING, reasonString).writeTo(body);
        }
        if (version.isV5() || firstByte == 0x90) { // UNSUBACK of 3.1.1 has no payload
            for (ReasonCode reason : reasons) {
                boolean failure = !version.isV5() && reason.isError();
                body.writeByte(failure ? 0x80 : reason.code());
            }
        }
        out.writeByte(firstByte);
        writeBody(body, out);
    }

    private static void writeConnAck(ConnAck ack, MqttVersion version, boolean withReason, ByteBuf out) {
        out.writeByte(0x20);
        int flags = ack.sessionPresent() && version != MqttVersion.MQTT_3_1 ? 1 : 0;
        if (!version.isV5()) {
            out.writeByte(2).writeByte(flags).writeByte(returnCode(ack.reason()));
            return;
        }
        ByteWriter body =
                new ByteWriter(64).writeByte(flags).writeByte(ack.reason().code());
        PropertyWriter properties = new PropertyWriter();
        ConnAck.ServerProperties server = ack.properties();
        if (server != null) {
            writeServerProperties(server, properties);
        }
        properties
                .string(PropertyId.SERVER_REFERENCE, reason(ack.serverReference(), withReason))
                .string(PropertyId.REASON_STRING, reason(ack.reasonString(), withReason))
                .writeTo(body);
        writeBody(body, out);
    }

    private static void writeServerProperties(ConnAck.ServerProperties server, PropertyWriter properties) {
        Long expiry = server.sessionExpiry();
        if (expiry != null) {
            properties.unsigned(PropertyId.SESSION_EXPIRY_INTERVAL, expiry);
        }
        properties
                .string(PropertyId.ASSIGNED_CLIENT_IDENTIFIER, server.assignedClientId())
                .number(PropertyId.TOPIC_ALIAS_MAXIMUM, server.topicAliasMaximum())
                .number(PropertyId.MAXIMUM_PACKET_SIZE, server.maximumPacketSize())
                .number(PropertyId.RECEIVE_MAXIMUM, server.receiveMaximum());
        Integer keepAlive = server.serverKeepAlive();
        if (keepAlive != null) {
            properties.number(PropertyId.SERVER_KEEP_ALIVE, keepAlive);
        }
        properties.string(PropertyId.RESPONSE_INFORMATION, server.responseInformation());
        Auth authentication = server.authentication();
        if (authentication != null) {
            properties
                    .string(PropertyId.AUTHENTICATION_METHOD, authentication.method())
                    .binary(PropertyId.AUTHENTICATION_DATA, authentication.data());
        }
    }

    /** The return codes of 3.1.1, 3.2.2.3. */
    private static int returnCode(ReasonCode reason) {
        return switch (reason) {
            case SUCCESS -> 0;
            case UNSUPPORTED_PROTOCOL_VERSION -> 1;
            case CLIENT_IDENTIFIER_NOT_VALID -> 2;
            case BAD_USER_NAME_OR_PASSWORD, BAD_AUTHENTICATION_METHOD -> 4;
            case NOT_AUTHORIZED, BANNED -> 5;
            default -> 3;
        };
    }

    private static void writeDisconnect(Disconnect packet, MqttVersion version, boolean withReason, ByteBuf out) {
        out.writeByte(0xE0);
        String reasonString = reason(packet.reasonString(), withReason);
        String serverReference = reason(packet.serverReference(), withReason);
        if (!version.isV5() || packet.reason() == ReasonCode.SUCCESS) {
            out.writeByte(0);
        } else if (reasonString == null && serverReference == null) {
            out.writeByte(1).writeByte(packet.reason().code());
        } else {
            ByteWriter body = new ByteWriter(64).writeByte(packet.reason().code());
            new PropertyWriter()
                    .string(PropertyId.SERVER_REFERENCE, serverReference)
                    .string(PropertyId.REASON_STRING, reasonString)
                    .writeTo(body);
            writeBody(body, out);
        }
    }

    private static void writeAuth(Auth auth, ByteBuf out) {
        out.writeByte(0xF0);
        ByteWriter body = new ByteWriter(128).writeByte(auth.reason().code());
        new PropertyWriter()
                .string(PropertyId.AUTHENTICATION_METHOD, auth.method())
                .binary(PropertyId.AUTHENTICATION_DATA, auth.data())
                .writeTo(body);
        writeBody(body, out);
    }

    static void writeBody(ByteWriter body, ByteBuf out) {
        writeVarInt(body.size(), out);
        out.writeBytes(body.array(), 0, body.size());
    }

    /** Appends a variable byte integer: MQTT 5, 1.5.5. */
    public static void writeVarInt(int value, ByteBuf out) {
        int rest = value;
        while (rest > 0x7F) {
            out.writeByte((rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        out.writeByte(rest);
    }
}
