/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing byte array for the parts of a packet whose length must be known first. */
final class ByteWriter {
    private byte[] bytes;
    private int size;

    ByteWriter(int capacity) {
        this.bytes = new byte[capacity];
    }

    int size() {
        return size;
    }

    byte[] array() {
        return bytes;
    }

    ByteWriter writeByte(int value) {
        room(1);
        bytes[size++] = (byte) value;
        return this;
    }

    ByteWriter writeShort(int value) {
        room(2);
        bytes[size++] = (byte) (value >> 8);
        bytes[size++] = (byte) value;
        return this;
    }

    ByteWriter writeInt(long value) {
        return writeShort((int) (value >>> 16)).writeShort((int) value);
    }

    ByteWriter writeVarInt(int value) {
        int rest = value;
        while (rest > 0x7F) {
            writeByte((rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        return writeByte(rest);
    }

    ByteWriter writeString(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        return writeShort(utf8.length).writeBytes(utf8, utf8.length);
    }

    ByteWriter writeBinary(ByteBuffer value) {
        writeShort(value.remaining());
        room(value.remaining());
        value.get(value.position(), bytes, size, value.remaining());
        size += value.remaining();
        return this;
    }

    ByteWriter write(ByteWriter other) {
        return writeBytes(other.bytes, other.size);
    }

    private ByteWriter writeBytes(byte[] from, int count) {
        room(count);
        System.arraycopy(from, 0, bytes, size, count);
        size += count;
        return this;
    }

    private void room(int count) {
        if (size + count > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + count));
        }
    }

    static int varIntSize(int value) {
        return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : 4;
    }
}
