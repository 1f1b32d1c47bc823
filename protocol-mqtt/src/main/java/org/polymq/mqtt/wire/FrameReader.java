/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

import static org.polymq.mqtt.wire.PacketException.malformed;

import java.nio.ByteBuffer;

/** Reads one packet's variable header and payload, and never beyond its end. */
final class FrameReader {
    private final byte[] bytes;
    private int at;
    private int end;

    FrameReader(byte[] bytes) {
        this.bytes = bytes;
        this.end = bytes.length;
    }

    int remaining() {
        return end - at;
    }

    int position() {
        return at;
    }

    /** Narrows the reader to the next {@code length} bytes; {@link #widen} undoes it. Returns the old end. */
    int narrow(int length) {
        need(length);
        int old = end;
        end = at + length;
        return old;
    }

    void widen(int oldEnd) {
        end = oldEnd;
    }

    int readByte() {
        need(1);
        return bytes[at++] & 0xFF;
    }

    int readShort() {
        need(2);
        int value = ((bytes[at] & 0xFF) << 8) | (bytes[at + 1] & 0xFF);
        at += 2;
        return value;
    }

    long readInt() {
        return ((long) readShort() << 16) | readShort();
    }

    /** A variable byte integer in its shortest form. MQTT 5, 1.5.5. */
    int readVarInt() {
        int value = 0;
        for (int shift = 0; shift < 28; shift += 7) {
            int next = readByte();
            value |= (next & 0x7F) << shift;
            if (next < 0x80) {
                if (next == 0 && shift > 0) {
                    throw malformed("a variable byte integer is not in its shortest form");
                }
                return value;
            }
        }
        throw malformed("a variable byte integer is longer than 4 bytes");
    }

    String readText() {
        int length = readShort();
        need(length);
        String text = Utf8.text(bytes, at, length);
        at += length;
        return text;
    }

    String readName(ReasonCode ifBad) {
        int length = readShort();
        need(length);
        String name = Utf8.name(bytes, at, length, ifBad);
        at += length;
        return name;
    }

    ByteBuffer readBinary() {
        int length = readShort();
        need(length);
        ByteBuffer binary = ByteBuffer.wrap(bytes, at, length).slice();
        at += length;
        return binary;
    }

    ByteBuffer readRest() {
        ByteBuffer rest = ByteBuffer.wrap(bytes, at, end - at).slice();
        at = end;
        return rest;
    }

    void expectEnd(String packet) {
        if (at != end) {
            throw malformed(packet + " has " + (end - at) + " bytes too many");
        }
    }

    private void need(int count) {
        if (count > end - at) {
            throw malformed("a field ends beyond its packet");
        }
    }
}
