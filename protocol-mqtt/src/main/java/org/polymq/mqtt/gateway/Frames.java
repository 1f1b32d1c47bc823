/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.gateway;

import io.netty.buffer.ByteBuf;

/** Where things stand in a packet that a group sent. Reads by index only. */
final class Frames {
    private static final int LONGEST_HEADER = 5;

    private Frames() {}

    /** 0 to 15. */
    static int type(ByteBuf frame) {
        return frame.getUnsignedByte(frame.readerIndex()) >> 4;
    }

    /** The QoS of a PUBLISH. */
    static int qos(ByteBuf frame) {
        return frame.getUnsignedByte(frame.readerIndex()) >> 1 & 3;
    }

    /** Bytes of the whole packet; -1 if its length is not there yet. */
    static int size(ByteBuf in) {
        int length = 0;
        for (int i = 1; i < Math.min(in.readableBytes(), LONGEST_HEADER); i++) {
            int next = in.getUnsignedByte(in.readerIndex() + i);
            length |= (next & 0x7F) << (7 * (i - 1));
            if (next < 0x80) {
                return 1 + i + length;
            }
        }
        return -1;
    }

    /** The index of what follows the fixed header. */
    static int bodyAt(ByteBuf frame) {
        int at = frame.readerIndex() + 1;
        while (frame.getByte(at) < 0) {
            at++;
        }
        return at + 1;
    }

    /** The index of what follows the topic of a PUBLISH. */
    static int behindTopic(ByteBuf frame) {
        int body = bodyAt(frame);
        return body + 2 + frame.getUnsignedShort(body);
    }

    /** Whether a PUBLISH is there up to its packet identifier. */
    static boolean hasHead(ByteBuf in) {
        return in.readableBytes() >= LONGEST_HEADER + 2 && in.writerIndex() >= behindTopic(in) + 2;
    }

    /** The packet identifier of any packet but PUBLISH that has one. */
    static int packetId(ByteBuf frame) {
        return frame.getUnsignedShort(bodyAt(frame));
    }

    /** Whether PUBREC refuses its message. */
    static boolean refuses(ByteBuf frame) {
        int reason = bodyAt(frame) + 2;
        return reason < frame.writerIndex() && frame.getUnsignedByte(reason) >= 0x80;
    }

    static int varInt(ByteBuf in, int from) {
        int value = 0;
        for (int i = 0; ; i++) {
            int next = in.getByte(from + i);
            value |= (next & 0x7F) << (7 * i);
            if (next >= 0) {
                return value;
            }
        }
    }

    static int varIntSize(int value) {
        return value < 1 << 7 ? 1 : value < 1 << 14 ? 2 : value < 1 << 21 ? 3 : 4;
    }
}
