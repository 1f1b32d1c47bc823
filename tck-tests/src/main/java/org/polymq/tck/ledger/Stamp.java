/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.ledger;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;
import java.util.zip.CRC32C;

/**
 * What tells a message apart: a stream, within which order must be kept, and a number that rises within the stream. It
 * travels in the body, followed by bytes that look random and a checksum. Immutable.
 *
 * @param stream name of the stream, at most 255 bytes of UTF-8
 * @param number counts from 0
 */
public record Stamp(String stream, long number) {
    private static final int OVERHEAD = 1 + Long.BYTES + Integer.BYTES;

    /** A body of at least the given size that carries this stamp. */
    public byte[] body(int size) {
        byte[] name = stream.getBytes(StandardCharsets.UTF_8);
        if (name.length > 255) {
            throw new IllegalArgumentException("stream name of " + name.length + " bytes is over 255");
        }
        byte[] filler = new byte[Math.max(0, size - name.length - OVERHEAD)];
        new Random(stream.hashCode() * 31L + number).nextBytes(filler);
        ByteBuffer body = ByteBuffer.allocate(name.length + OVERHEAD + filler.length)
                .put((byte) name.length)
                .put(name)
                .putLong(number)
                .put(filler);
        return body.putInt(checksum(body.array(), body.position())).array();
    }

    /** The stamp in a body; empty if the checksum says that the body is not what was sent. */
    public static Optional<Stamp> of(byte[] body) {
        int end = body.length - Integer.BYTES;
        if (body.length < OVERHEAD || ByteBuffer.wrap(body).getInt(end) != checksum(body, end)) {
            return Optional.empty();
        }
        int length = Byte.toUnsignedInt(body[0]);
        if (1 + length + Long.BYTES > end) {
            return Optional.empty();
        }
        String stream = new String(body, 1, length, StandardCharsets.UTF_8);
        return Optional.of(new Stamp(stream, ByteBuffer.wrap(body).getLong(1 + length)));
    }

    private static int checksum(byte[] bytes, int end) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, end);
        return (int) crc.getValue();
    }
}
