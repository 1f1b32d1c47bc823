/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

import static org.polymq.mqtt.wire.PacketException.malformed;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the packets of a server that a gateway looks into: CONNACK, SUBACK, UNSUBACK and those for gateways only.
 * Safe from any thread.
 */
public final class ServerPackets {
    private static final DecoderLimits LIMITS =
            new DecoderLimits(65_535, 268_435_460, 65_535, 65_535, 65_535, 65_535, 268_435_460);

    private ServerPackets() {}

    /** What CONNACK says that a gateway has to know. */
    public record Answer(
            boolean sessionPresent,
            boolean accepted,
            @Nullable Integer serverKeepAlive) {}

    /**
     * Decodes CONNACK.
     *
     * @param frame the whole packet; its indices do not move
     * @throws PacketException if it is none
     */
    public static Answer connAck(ByteBuf frame, MqttVersion version) {
        FrameReader body = body(frame);
        boolean present = (body.readByte() & 1) != 0;
        int code = body.readByte();
        PropertyReader properties =
                version.isV5() ? PropertyReader.read(body, PropertyReader.IN_CONNACK, LIMITS) : null;
        Integer keepAlive = properties == null ? null : properties.shortOrNull(PropertyId.SERVER_KEEP_ALIVE);
        return new Answer(present, code == 0, keepAlive);
    }

    /**
     * Decodes SUBACK, and UNSUBACK, which has no reasons before 5.0.
     *
     * @param frame the whole packet; its indices do not move
     * @throws PacketException if it is none
     */
    public static SubAck reasons(ByteBuf frame, MqttVersion version) {
        FrameReader body = body(frame);
        int packetId = body.readShort();
        PropertyReader properties = version.isV5() ? PropertyReader.read(body, PropertyReader.IN_ACK, LIMITS) : null;
        List<ReasonCode> reasons = new ArrayList<>(body.remaining());
        while (body.remaining() > 0) {
            ReasonCode reason = ReasonCode.of(body.readByte());
            reasons.add(reason == null ? ReasonCode.UNSPECIFIED_ERROR : reason);
        }
        return new SubAck(packetId, reasons, properties == null ? null : properties.string(PropertyId.REASON_STRING));
    }

    /**
     * Decodes a packet for gateways: {@link Admitted} or {@link Kept}.
     *
     * @param frame the whole packet; its indices do not move
     * @throws PacketException if it is none
     */
    public static Packet ofGateways(ByteBuf frame) {
        FrameReader body = body(frame);
        int kind = body.readByte();
        if (kind == PacketEncoder.ADMITTED) {
            return new Admitted(body.readByte() == 1, body.readText());
        }
        if (kind != PacketEncoder.KEPT) {
            throw malformed("a packet for gateways of kind " + kind);
        }
        List<Subscribe> subscriptions = new ArrayList<>();
        while (body.remaining() > 0) {
            int identifier = (int) body.readInt();
            int options = body.readByte();
            Subscription each = PacketDecoder.subscription(body.readText(), options, true);
            subscriptions.add(new Subscribe(0, identifier, List.of(each)));
        }
        return new Kept(subscriptions);
    }

    private static FrameReader body(ByteBuf frame) {
        int start = frame.readerIndex() + 1;
        while (frame.getByte(start++) < 0) {
            // the rest of the remaining length
        }
        byte[] body = new byte[frame.writerIndex() - start];
        frame.getBytes(start, body);
        return new FrameReader(body);
    }
}
