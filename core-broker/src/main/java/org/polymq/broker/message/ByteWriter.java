/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Grows as bytes are put. Big endian. */
final class ByteWriter {
    private ByteBuffer out = ByteBuffer.allocate(128);

    private ByteBuffer room(int bytes) {
        if (out.remaining() < bytes) {
            int size = Math.max(out.position() + bytes, 2 * out.capacity());
            out = ByteBuffer.wrap(Arrays.copyOf(out.array(), size)).position(out.position());
        }
        return out;
    }

    void put(int oneByte) {
        room(1).put((byte) oneByte);
    }

    void putShort(int value) {
        room(2).putShort((short) value);
    }

    void putInt(int value) {
        room(4).putInt(value);
    }

    void putLong(long value) {
        room(8).putLong(value);
    }

    void put(byte[] bytes) {
        room(bytes.length).put(bytes);
    }

    /** Int length and UTF-8. */
    void putString(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        putInt(bytes.length);
        put(bytes);
    }

    int length() {
        return out.position();
    }

    /** Replaces an int written before. */
    void setInt(int at, int value) {
        out.putInt(at, value);
    }

    byte[] toBytes() {
        return Arrays.copyOf(out.array(), out.position());
    }
}
