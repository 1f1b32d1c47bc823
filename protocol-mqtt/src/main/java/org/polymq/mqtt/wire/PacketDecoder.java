/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

import static org.polymq.mqtt.wire.PacketException.malformed;
import static org.polymq.mqtt.wire.PacketException.protocolError;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns the bytes of one client into packets. The fixed header is judged before the rest of a packet is waited for, so
 * a peer cannot make the server hold more than one allowed packet; a packet is decoded only within its own bytes.
 * Confined to its connection's event loop. After an exception the decoder is not used again.
 */
public final class PacketDecoder {
    private static final int MAX_HEADER = 5;
    /** A PUBLISH from this size on is handed over in pieces. */
    private static final int LARGE = 4 << 20;
    /** More than everything before a payload can take. */
    private static final int LARGE_HEAD = 512 << 10;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private static final int MAX_PART = 64 << 10;
    private static final PingRequest PING = new PingRequest();

    private final DecoderLimits limits;
    private final ConnectDecoder connectDecoder;
    private @Nullable MqttVersion version;
    /** Bytes of a large payload that are still to come. */
    private int payloadLeft;

    public PacketDecoder(DecoderLimits limits) {
        this(limits, false);
    }

    private PacketDecoder(DecoderLimits limits, boolean ofGateway) {
        this.limits = limits;
        this.connectDecoder = new ConnectDecoder(limits, ofGateway);
    }

    /** A decoder of what a gateway sends for a client. */
    public static PacketDecoder ofGateway(DecoderLimits limits) {
        return new PacketDecoder(limits, true);
    }

    /** A decoder of what a client of this version may send after CONNECT. */
    PacketDecoder(DecoderLimits limits, MqttVersion version) {
        this(limits, false);
        this.version = version;
    }

    /** The form in which the client must be answered; null as long as it has not named a version. */
    public @Nullable MqttVersion version() {
        return version != null ? version : connectDecoder.version();
    }

    /**
     * The next whole packet, or null if more bytes are needed; then nothing was read.
     *
     * @throws PacketException if the bytes are not a packet that the client may send now
     */
    public @Nullable Packet decode(ByteBuf in) {
        int readable = in.readableBytes();
        if (readable == 0) {
            return null;
        }
        if (payloadLeft > 0) {
            return payloadPart(in);
        }
        int start = in.readerIndex();
        int first = in.getUnsignedByte(start);
        checkFirstByte(first);
        int length = 0;
        int headerSize = 1;
        while (true) {
            if (headerSize == MAX_HEADER) { // MQTT 5, 1.5.5
                throw malformed("the remaining length is longer than 4 bytes");
            }
            if (headerSize == readable) {
                return null;
            }
            int next = in.getUnsignedByte(start + headerSize);
            length |= (next & 0x7F) << (7 * (headerSize - 1));
            headerSize++;
            if (next < 0x80) {
                checkShortest(next, headerSize);
                break;
            }
        }
        int limit = version == null ? limits.maxConnectSize() : limits.maxPacketSize();
        if (headerSize + length > limit) {
            throw new PacketException(
                    ReasonCode.PACKET_TOO_LARGE,
                    "a packet of " + (headerSize + length) + " bytes exceeds the limit of " + limit);
        }
        if (headerSize + length > LARGE && first >> 4 == 3 && version != null) {
            return readable < LARGE_HEAD ? null : largePublish(first, headerSize, length, version.isV5(), in);
        }
        if (headerSize + length > readable) {
            return null;
        }
        byte[] body = new byte[length];
        in.skipBytes(headerSize).readBytes(body);
        return decode(first, new FrameReader(body));
    }

    private LargePublish largePublish(int first, int headerSize, int length, boolean v5, ByteBuf in) {
        byte[] begin = new byte[LARGE_HEAD - headerSize];
        int start = in.readerIndex();
        in.getBytes(start + headerSize, begin);
        FrameReader frame = new FrameReader(begin);
        Publish head = decodePublishHead(frame, first & 0x0F, v5);
        in.skipBytes(headerSize + frame.position());
        payloadLeft = length - frame.position();
        return new LargePublish(head, payloadLeft);
    }

    private PayloadPart payloadPart(ByteBuf in) {
        byte[] bytes = new byte[Math.min(Math.min(in.readableBytes(), payloadLeft), MAX_PART)];
        in.readBytes(bytes);
        payloadLeft -= bytes.length;
        return new PayloadPart(ByteBuffer.wrap(bytes), payloadLeft == 0);
    }

    private void checkShortest(int lastByte, int headerSize) {
        // Only 5.0 demands it (1.5.5-1), and before CONNECT we do not know.
        if (lastByte == 0 && headerSize > 2 && version == MqttVersion.MQTT_5) {
            throw malformed("the remaining length is not in its shortest form");
        }
    }

    private void checkFirstByte(int first) {
        int type = first >> 4;
        if (version == null) {
            if (type != 1) { // 3.1.0-1
                throw protocolError("the first packet is not CONNECT");
            }
            return;
        }
        int flags = first & 0x0F;
        boolean duplicated = version == MqttVersion.MQTT_3_1 && flags == 0x0A; // 3.1 resends these with DUP
        switch (type) {
            case 1 -> throw protocolError("a second CONNECT");
            case 3 -> checkPublishFlags(flags);
            case 6, 8, 10 -> {
                if (flags != 2 && !duplicated) {
                    throw malformed(String.format("packet type %d with flags 0x%X", type, flags));
                }
            }
            case 4, 5, 7, 12, 14 -> checkNoFlags(type, flags);
            case 15 -> {
                if (version != MqttVersion.MQTT_5) {
                    throw malformed("packet type 15");
                }
                checkNoFlags(type, flags);
            }
            default -> throw protocolError("packet type " + type + " from a client");
        }
    }

    private static void checkNoFlags(int type, int flags) { // MQTT 5, 2.1.3-1
        if (flags != 0) {
            throw malformed(String.format("packet type %d with flags 0x%X", type, flags));
        }
    }

    private void checkPublishFlags(int flags) {
        int qos = (flags >> 1) & 3;
        if (qos == 3) {
            throw malformed("PUBLISH with QoS 3");
        }
        if (qos == 0 && (flags & 8) != 0 && version != MqttVersion.MQTT_3_1) {
            throw malformed("PUBLISH with DUP and QoS 0");
        }
    }

    private Packet decode(int first, FrameReader frame) {
        MqttVersion spoken = version;
        if (spoken == null) {
            Connect connect = connectDecoder.decode(frame, first & 0x0F);
            version = connect.version();
            return connect;
        }
        boolean v5 = spoken.isV5();
        return switch (first >> 4) {
            case 3 -> decodePublish(frame, first & 0x0F, v5);
            case 4 -> decodeAck(frame, Ack.Kind.PUBACK, v5);
            case 5 -> decodeAck(frame, Ack.Kind.PUBREC, v5);
            case 6 -> decodeAck(frame, Ack.Kind.PUBREL, v5);
            case 7 -> decodeAck(frame, Ack.Kind.PUBCOMP, v5);
            case 8 -> decodeSubscribe(frame, v5);
            case 10 -> decodeUnsubscribe(frame, v5);
            case 12 -> {
                frame.expectEnd("PINGREQ");
                yield PING;
            }
            case 14 -> decodeDisconnect(frame, v5);
            case 15 -> decodeAuth(frame);
            default -> throw malformed("packet type " + (first >> 4));
        };
    }

    private Publish decodePublish(FrameReader frame, int flags, boolean v5) {
        return decodePublishHead(frame, flags, v5).withPayload(frame.readRest());
    }

    private Publish decodePublishHead(FrameReader frame, int flags, boolean v5) {
        int qos = (flags >> 1) & 3;
        String topic = frame.readName(ReasonCode.MALFORMED_PACKET);
        TopicRules.checkName(topic, limits);
        int packetId = qos > 0 ? readPacketId(frame, ReasonCode.PROTOCOL_ERROR) : 0;
        PropertyReader properties = v5 ? PropertyReader.read(frame, PropertyReader.IN_PUBLISH, limits) : null;
        int alias = properties == null ? 0 : properties.number(PropertyId.TOPIC_ALIAS, 0);
        if (properties != null && properties.has(PropertyId.SUBSCRIPTION_IDENTIFIER)) { // MQTT 5, 3.3.4-6
            throw protocolError("a client's PUBLISH with a subscription identifier");
        }
        if (topic.isEmpty() && alias == 0) { // MQTT 5, 3.3.2.3.4; 3.1.1, 4.7.3-1
            throw protocolError("PUBLISH without a topic");
        }
        MessageProperties message = properties == null ? MessageProperties.NONE : properties.message();
        return new Publish(topic, qos, (flags & 1) != 0, (flags & 8) != 0, packetId, alias, message, NOTHING);
    }

    private static int readPacketId(FrameReader frame, ReasonCode ifZero) {
        int packetId = frame.readShort();
        if (packetId == 0) { // MQTT 5, 2.2.1
            throw new PacketException(ifZero, "a packet identifier is 0");
        }
        return packetId;
    }

    private Ack decodeAck(FrameReader frame, Ack.Kind kind, boolean v5) {
        int packetId = readPacketId(frame, ReasonCode.PROTOCOL_ERROR);
        ReasonCode reason = ReasonCode.SUCCESS;
        String reasonString = null;
        if (v5 && frame.remaining() > 0) {
            reason = checkAckReason(kind, frame.readByte());
            if (frame.remaining() > 0) {
                PropertyReader properties = PropertyReader.read(frame, PropertyReader.IN_ACK, limits);
                reasonString = properties == null ? null : properties.string(PropertyId.REASON_STRING);
            }
        }
        frame.expectEnd(kind.name());
        return new Ack(kind, packetId, reason, reasonString);
    }

    private static ReasonCode checkAckReason(Ack.Kind kind, int code) {
        ReasonCode reason = ReasonCode.of(code);
        if (reason != null) {
            boolean known = switch (reason) {
                case SUCCESS -> true;
                case PACKET_IDENTIFIER_NOT_FOUND -> kind == Ack.Kind.PUBREL || kind == Ack.Kind.PUBCOMP;
                case NO_MATCHING_SUBSCRIBERS,
                        UNSPECIFIED_ERROR,
                        IMPLEMENTATION_SPECIFIC_ERROR,
                        NOT_AUTHORIZED,
                        TOPIC_NAME_INVALID,
                        PACKET_IDENTIFIER_IN_USE,
                        QUOTA_EXCEEDED,
                        PAYLOAD_FORMAT_INVALID -> kind == Ack.Kind.PUBACK || kind == Ack.Kind.PUBREC;
                default -> false;
            };
            if (known) {
                return reason;
            }
        }
        throw protocolError(String.format("%s with the reason 0x%02X", kind, code));
    }

    private Subscribe decodeSubscribe(FrameReader frame, boolean v5) {
        int packetId = readPacketId(frame, ReasonCode.MALFORMED_PACKET);
        PropertyReader properties = v5 ? PropertyReader.read(frame, PropertyReader.IN_SUBSCRIBE, limits) : null;
        int identifier = properties == null ? 0 : properties.number(PropertyId.SUBSCRIPTION_IDENTIFIER, 0);
        List<Subscription> subscriptions = new ArrayList<>(1);
        while (frame.remaining() > 0) {
            checkFilterCount(subscriptions.size());
            String filter = frame.readName(ReasonCode.MALFORMED_PACKET);
            TopicRules.checkFilter(filter, limits);
            subscriptions.add(subscription(filter, frame.readByte(), v5));
        }
        if (subscriptions.isEmpty()) { // MQTT 5, 3.8.3
            throw protocolError("SUBSCRIBE without a filter");
        }
        return new Subscribe(packetId, identifier, subscriptions);
    }

    private void checkFilterCount(int soFar) {
        if (soFar == limits.maxFilters()) {
            throw new PacketException(
                    ReasonCode.QUOTA_EXCEEDED, "more than " + limits.maxFilters() + " filters in one packet");
        }
    }

    static Subscription subscription(String filter, int options, boolean v5) {
        int qos = options & 3;
        if (!v5) {
            if (options > 2) { // 3.1.1, 3.8.3-4
                throw malformed(String.format("SUBSCRIBE with the QoS byte 0x%02X", options));
            }
            return new Subscription(filter, qos, false, false, Subscription.RetainHandling.SEND);
        }
        if ((options & 0xC0) != 0) { // MQTT 5, 3.8.3-5
            throw malformed("the reserved bits of a subscription are not 0");
        }
        int handling = (options >> 4) & 3;
        if (qos == 3 || handling == 3) { // MQTT 5, 3.8.3.1
            throw protocolError(String.format("SUBSCRIBE with the options 0x%02X", options));
        }
        boolean noLocal = (options & 4) != 0;
        if (noLocal && TopicRules.isShared(filter)) { // MQTT 5, 3.8.3-4
            throw protocolError("a shared subscription with No Local");
        }
        return new Subscription(filter, qos, noLocal, (options & 8) != 0, retainHandling(handling));
    }

    private static Subscription.RetainHandling retainHandling(int code) {
        return switch (code) {
            case 0 -> Subscription.RetainHandling.SEND;
            case 1 -> Subscription.RetainHandling.SEND_IF_NEW;
            default -> Subscription.RetainHandling.DO_NOT_SEND;
        };
    }

    private Unsubscribe decodeUnsubscribe(FrameReader frame, boolean v5) {
        int packetId = readPacketId(frame, ReasonCode.MALFORMED_PACKET);
        if (v5) {
            PropertyReader.read(frame, PropertyReader.IN_UNSUBSCRIBE, limits);
        }
        List<String> filters = new ArrayList<>(1);
        while (frame.remaining() > 0) {
            checkFilterCount(filters.size());
            String filter = frame.readName(ReasonCode.MALFORMED_PACKET);
            TopicRules.checkFilter(filter, limits);
            filters.add(filter);
        }
        if (filters.isEmpty()) { // MQTT 5, 3.10.3
            throw protocolError("UNSUBSCRIBE without a filter");
        }
        return new Unsubscribe(packetId, filters);
    }

    private Disconnect decodeDisconnect(FrameReader frame, boolean v5) {
        if (!v5 || frame.remaining() == 0) {
            frame.expectEnd("DISCONNECT");
            return Disconnect.of(ReasonCode.SUCCESS, null);
        }
        int code = frame.readByte();
        ReasonCode reason = ReasonCode.of(code);
        if (reason == null || (!reason.isError() && code != 0x00 && code != 0x04)) { // MQTT 5, 3.14.2.1
            throw protocolError(String.format("DISCONNECT with the reason 0x%02X", code));
        }
        PropertyReader properties =
                frame.remaining() > 0 ? PropertyReader.read(frame, PropertyReader.IN_DISCONNECT, limits) : null;
        frame.expectEnd("DISCONNECT");
        if (properties == null) {
            return Disconnect.of(reason, null);
        }
        return new Disconnect(
                reason,
                properties.longOrNull(PropertyId.SESSION_EXPIRY_INTERVAL),
                properties.string(PropertyId.REASON_STRING));
    }

    private Auth decodeAuth(FrameReader frame) {
        if (frame.remaining() == 0) { // MQTT 5, 3.15.2.1
            return new Auth(ReasonCode.SUCCESS, null, null);
        }
        int code = frame.readByte();
        ReasonCode reason = ReasonCode.of(code);
        if (reason != ReasonCode.SUCCESS
                && reason != ReasonCode.CONTINUE_AUTHENTICATION
                && reason != ReasonCode.RE_AUTHENTICATE) {
            throw protocolError(String.format("AUTH with the reason 0x%02X", code));
        }
        PropertyReader properties =
                frame.remaining() > 0 ? PropertyReader.read(frame, PropertyReader.IN_AUTH, limits) : null;
        frame.expectEnd("AUTH");
        if (properties == null) {
            return new Auth(reason, null, null);
        }
        return new Auth(
                reason,
                properties.string(PropertyId.AUTHENTICATION_METHOD),
                properties.binary(PropertyId.AUTHENTICATION_DATA));
    }
}
