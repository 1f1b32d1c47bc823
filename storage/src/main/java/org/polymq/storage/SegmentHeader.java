/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The first bytes of a segment file.
 *
 * <pre>
 *  0 magic   4 version   8 log id   16 number   24 start position   32 index of the first entry   60 crc
 * </pre>
 *
 * @param logId random number of the log that all its files carry
 * @param firstIndex index of its first entry
 */
record SegmentHeader(long logId, long number, long start, long firstIndex) {
    static final int SIZE = 64;
    private static final int MAGIC = 0x504d5153; // PMQS
    private static final int VERSION = 1;
    private static final int CRC = 60;

    ByteBuffer encode() {
        ByteBuffer bytes = ByteBuffer.allocate(SIZE);
        bytes.putInt(MAGIC).putInt(VERSION).putLong(logId);
        bytes.putLong(number).putLong(start).putLong(firstIndex);
        bytes.putInt(CRC, EntryFormat.crc(new CRC32C(), bytes, 0, CRC));
        return bytes.limit(SIZE).position(0);
    }

    /**
     * Reads a header, or returns null if there is none.
     *
     * @throws StorageException CORRUPT if a newer version wrote it
     */
    static @Nullable SegmentHeader decode(ByteBuffer bytes) {
        if (bytes.capacity() < SIZE) {
            return null;
        }
        ByteBuffer view = bytes.duplicate();
        if (view.getInt(0) != MAGIC || view.getInt(CRC) != EntryFormat.crc(new CRC32C(), view, 0, CRC)) {
            return null;
        }
        view.limit(SIZE);
        if (view.getInt(4) > VERSION) {
            throw new StorageException(
                    StorageException.Reason.CORRUPT,
                    "a segment has format " + view.getInt(4) + ", which a newer version wrote; this one reads up to "
                            + VERSION);
        }
        return new SegmentHeader(view.getLong(8), view.getLong(16), view.getLong(24), view.getLong(32));
    }
}
