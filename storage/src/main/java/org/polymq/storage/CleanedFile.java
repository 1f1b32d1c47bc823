/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of a segment that was cleaned: the records that are still needed, each in its old frame, and a table that
 * tells where the record of an old place is now.
 *
 * <pre>
 * header (64)  0 magic  4 version  8 log id  16 segment  24 start  32 end  40 position of the record that cleaned it
 *              48 records  52 where the table begins  56 table crc  60 crc
 * records      length (4), checksum (4), bytes; as in an entry, without gaps
 * table (8 each, sorted)  0 the record's place, relative to the segment's start  4 where it is in the file
 * </pre>
 */
final class CleanedFile {
    private static final Logger LOG = LoggerFactory.getLogger(CleanedFile.class);
    private static final int MAGIC = 0x504d5143; // PMQC
    private static final int VERSION = 1;
    private static final int HEADER = 64;
    private static final int ROW = 8;
    private static final int BUFFER = 256 * 1024;

    private final ByteBuffer bytes;
    private final int count;
    private final int tableAt;
    private final long cleanedAt;

    private CleanedFile(ByteBuffer bytes, int count, int tableAt, long cleanedAt) {
        this.bytes = bytes;
        this.count = count;
        this.tableAt = tableAt;
        this.cleanedAt = cleanedAt;
    }

    /** Whether the first bytes of a segment's file say that it was cleaned. */
    static boolean isCleaned(ByteBuffer first) {
        return first.limit() >= 4 && first.getInt(0) == MAGIC;
    }

    /**
     * Writes the file under another name and forces it.
     *
     * @param places the records to keep, relative to the segment's start; rising
     * @param cleanedAt position of the record that says so
     */
    static void write(LogFiles files, long logId, Segment segment, int[] places, long cleanedAt, Path target)
            throws IOException {
        files.disk().delete(target);
        try (DiskFile file = files.disk().open(target)) {
            ByteBuffer table = ByteBuffer.allocate(places.length * ROW);
            long at = HEADER;
            ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
            CRC32C crc = new CRC32C();
            for (int place : places) {
                long position = segment.start() + place;
                ByteBuffer record = readOrLeaveOut(segment, position);
                if (record == null) {
                    continue;
                }
                int length = record.remaining();
                if (buffer.remaining() < EntryFormat.FRAME + length) {
                    at = flush(file, buffer, at);
                    if (buffer.capacity() < EntryFormat.FRAME + length) {
                        buffer = ByteBuffer.allocate(EntryFormat.FRAME + length);
                    }
                }
                table.putInt(place).putInt((int) at + buffer.position());
                buffer.putInt(length);
                buffer.putInt(
                        EntryFormat.crc(crc, record.duplicate(), 0, length) ^ EntryFormat.mix(logId, position, length));
                buffer.put(record);
            }
            at = flush(file, buffer, at);
            table.flip();
            int tableCrc = EntryFormat.crc(crc, table.duplicate(), 0, table.limit());
            int count = table.limit() / ROW;
            if (count > 0) {
                file.write(table, at);
            }
            file.write(header(logId, segment, cleanedAt, count, (int) at, tableCrc), 0);
            file.force();
        }
    }

    private static @Nullable ByteBuffer readOrLeaveOut(Segment segment, long position) {
        try {
            return segment.read(position);
        } catch (StorageException e) {
            LOG.error("A record cannot be kept when segment {} is cleaned: {}", segment.number(), e.getMessage());
            return null;
        }
    }

    private static long flush(DiskFile file, ByteBuffer buffer, long at) throws IOException {
        buffer.flip();
        int length = buffer.remaining();
        if (length > 0) {
            file.write(buffer, at);
        }
        buffer.clear();
        return at + length;
    }

    private static ByteBuffer header(
            long logId, Segment segment, long cleanedAt, int count, int tableAt, int tableCrc) {
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        header.putInt(MAGIC).putInt(VERSION).putLong(logId);
        header.putLong(segment.number()).putLong(segment.start()).putLong(segment.end());
        header.putLong(cleanedAt).putInt(count).putInt(tableAt).putInt(tableCrc);
        header.putInt(HEADER - 4, EntryFormat.crc(new CRC32C(), header, 0, HEADER - 4));
        return header.limit(HEADER).position(0);
    }

    /**
     * Reads the table of a file that {@link #isCleaned}.
     *
     * @return null if it is damaged or of another segment
     * @throws StorageException CORRUPT if a newer version wrote it
     */
    static @Nullable CleanedFile open(ByteBuffer bytes, long logId, long number, long start) {
        int size = bytes.capacity();
        if (size < HEADER
                || bytes.getInt(HEADER - 4) != EntryFormat.crc(new CRC32C(), bytes.duplicate(), 0, HEADER - 4)) {
            return null;
        }
        if (bytes.getInt(4) > VERSION) {
            throw new StorageException(
                    StorageException.Reason.CORRUPT,
                    "cleaned segment " + number + " has format " + bytes.getInt(4)
                            + ", which a newer version wrote; this one reads up to " + VERSION);
        }
        int count = bytes.getInt(48);
        int tableAt = bytes.getInt(52);
        boolean fits = bytes.getLong(8) == logId
                && bytes.getLong(16) == number
                && bytes.getLong(24) == start
                && count >= 0
                && tableAt >= HEADER
                && tableAt + (long) count * ROW == size;
        if (!fits || bytes.getInt(56) != EntryFormat.crc(new CRC32C(), bytes.duplicate(), tableAt, size)) {
            return null;
        }
        return new CleanedFile(bytes, count, tableAt, bytes.getLong(40));
    }

    /** Stands for a file that is damaged: it has no records. */
    static CleanedFile damaged(ByteBuffer bytes) {
        return new CleanedFile(bytes, 0, HEADER, 1);
    }

    /** Position of the record that cleaned it. */
    long cleanedAt() {
        return cleanedAt;
    }

    /** Where the records end in the file. */
    int recordsEnd() {
        return tableAt;
    }

    /** Where the record of a place is in the file, or -1 if it was not kept. */
    int find(int place) {
        int low = 0;
        int high = count - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int found = bytes.getInt(tableAt + middle * ROW);
            if (found == place) {
                return bytes.getInt(tableAt + middle * ROW + 4);
            } else if (found < place) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -1;
    }

    /** Whether it keeps the same records. */
    boolean keeps(int[] places) {
        return count == places.length && Arrays.stream(places).allMatch(place -> find(place) >= 0);
    }
}
