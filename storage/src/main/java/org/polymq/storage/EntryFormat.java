/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The bytes of an entry: a header, then each record behind a frame of its length and checksum, then zeros up to a
 * multiple of 8.
 *
 * <pre>
 *  0 magic      4 length     8 crc      12 version
 * 16 index     24 term      32 time     40 forced: the log was durable up to here when this was written
 * 48 records   52 kind: 0 but for what only a group writes   56 first record's frame
 * </pre>
 *
 * Checksums are CRC32C, mixed with the log's identity and the position, so that bytes of another log or place, or bytes
 * that a client made up, do not pass.
 */
final class EntryFormat {
    static final int MAGIC = 0x504d5145; // PMQE
    static final int VERSION = 1;
    static final int HEADER = 56;
    static final int FRAME = 8;

    static final int LENGTH = 4;
    static final int CRC = 8;
    static final int VERSION_AT = 12;
    static final int INDEX = 16;
    static final int TERM = 24;
    static final int TIME = 32;
    static final int FORCED = 40;
    static final int RECORDS = 48;
    static final int KIND = 52;

    private EntryFormat() {}

    static long padded(long length) {
        return (length + 7) & ~7L;
    }

    /** CRC32C of the bytes from {@code from} to {@code to}; leaves the buffer's position changed. */
    static int crc(CRC32C crc, ByteBuffer bytes, int from, int to) {
        crc.reset();
        int limit = bytes.limit();
        bytes.limit(to).position(from);
        crc.update(bytes);
        bytes.limit(limit);
        return (int) crc.getValue();
    }

    /** What a checksum is mixed with. */
    static int mix(long logId, long position, int length) {
        long h = logId ^ position * 0x9e3779b97f4a7c15L ^ ((long) length << 32);
        h = (h ^ (h >>> 30)) * 0xbf58476d1ce4e5b9L;
        h = (h ^ (h >>> 27)) * 0x94d049bb133111ebL;
        return (int) (h ^ (h >>> 31));
    }

    /**
     * Whether a whole entry starts at the offset.
     *
     * @param bytes a segment's bytes; its position and limit are changed
     * @param limit where the segment's bytes end
     * @param position the log position of the offset
     */
    static boolean isValid(ByteBuffer bytes, int offset, int limit, long logId, long position) {
        if (limit - offset < HEADER || bytes.limit(limit).getInt(offset) != MAGIC) {
            return false;
        }
        int length = bytes.getInt(offset + LENGTH);
        if (length < HEADER || length > limit - offset || (length & 7) != 0) {
            return false;
        }
        int expected = bytes.getInt(offset + CRC) ^ mix(logId, position, length);
        return crc(new CRC32C(), bytes, offset + VERSION_AT, offset + length) == expected;
    }
}
