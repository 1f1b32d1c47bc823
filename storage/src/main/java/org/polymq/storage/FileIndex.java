/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The index file of a sealed segment, mapped.
 *
 * <pre>
 * header (64)  0 magic  4 version  8 log id  16 segment  24 start  32 end  40 queues  44 entries  48 table crc
 *              52 keys  60 crc
 *              56 1 if the segment was cleaned
 * table (32 each, sorted by queue)  0 queue  8 first offset  16 first entry  20 count  24 bytes of its records
 * entries (24 each)  see IndexEntry
 * offsets (4 each, only if cleaned)  of each entry, less the queue's first offset
 * keys (8 each, sorted)  0 hash  4 the record's place, relative to the segment's start
 * </pre>
 */
final class FileIndex implements SegmentIndex {
    private static final int MAGIC = 0x504d5158; // PMQX
    private static final int VERSION = 3;
    private static final int HEADER = 64;
    private static final int ROW = 32;
    private static final int KEY = 8;
    private static final int OFFSET = 4;
    /** Steps that guess where a hash must be; hashes are spread evenly, so a few of them end in the right page. */
    private static final int GUESSES = 4;

    private static final int BUFFER = 256 * 1024;

    private final Mapping mapping;
    private final long segment;
    private final long start;
    private final int queues;
    /** 0 if every queue's offsets follow one another. */
    private final int offsetsAt;

    private final int keysAt;
    private final int keys;

    private FileIndex(Mapping mapping, long segment, long start, int queues, int entries, boolean cleaned, int keys) {
        int entriesEnd = HEADER + queues * ROW + entries * IndexEntry.SIZE;
        this.offsetsAt = cleaned ? entriesEnd : 0;
        this.keysAt = entriesEnd + (cleaned ? entries * OFFSET : 0);
        this.keys = keys;
        this.mapping = mapping;
        this.segment = segment;
        this.start = start;
        this.queues = queues;
    }

    /** Writes the file and forces it; its name is not durable yet. */
    static void write(LogFiles files, long logId, Segment segment, OpenIndex index) throws IOException {
        Path target = files.index(segment.number());
        Path temporary = files.temporary(target);
        files.disk().delete(temporary);
        try (DiskFile file = files.disk().open(temporary)) {
            List<OpenIndex.OpenRun> runs = index.sortedRuns();
            long[] keys = index.sortedKeys();
            Output out = new Output(
                    file,
                    (long) runs.size() * ROW + (long) index.entries() * IndexEntry.SIZE + (long) keys.length * KEY);
            int tableCrc = writeTable(out, runs);
            int entries = writeEntries(out, runs);
            for (long key : keys) {
                out.room(KEY).putLong(key);
            }
            out.flush();
            file.write(header(logId, segment, runs.size(), entries, tableCrc, keys.length, false), 0);
            file.force();
        }
        files.disk().rename(temporary, target);
    }

    /** Writes the file of a cleaned segment under another name and forces it. */
    static void writeCleaned(LogFiles files, long logId, Segment segment, CleanedIndex index, Path target)
            throws IOException {
        files.disk().delete(target);
        try (DiskFile file = files.disk().open(target)) {
            long[] keys = index.sortedKeys();
            Output out = new Output(
                    file,
                    (long) index.rows().size() * ROW
                            + (long) index.entries() * (IndexEntry.SIZE + OFFSET)
                            + (long) keys.length * KEY);
            CRC32C crc = new CRC32C();
            for (CleanedIndex.Row row : index.rows()) {
                writeRow(out, crc, row.queue(), row.base(), row.first(), row.count(), row.bytes());
            }
            for (CleanedIndex.Row row : index.rows()) {
                for (int i = 0; i < row.count(); i++) {
                    ByteBuffer into = out.room(IndexEntry.SIZE);
                    int at = into.position();
                    row.copy(i, into);
                    into.putInt(at + 20, IndexEntry.check(into, at, row.queue(), row.offset(i)));
                }
            }
            for (CleanedIndex.Row row : index.rows()) {
                for (int i = 0; i < row.count(); i++) {
                    out.room(OFFSET).putInt((int) (row.offset(i) - row.base()));
                }
            }
            for (long key : keys) {
                out.room(KEY).putLong(key);
            }
            out.flush();
            int queues = index.rows().size();
            file.write(header(logId, segment, queues, index.entries(), (int) crc.getValue(), keys.length, true), 0);
            file.force();
        }
    }

    private static ByteBuffer header(
            long logId, Segment segment, int queues, int entries, int tableCrc, int keys, boolean cleaned) {
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        header.putInt(MAGIC).putInt(VERSION).putLong(logId);
        header.putLong(segment.number()).putLong(segment.start()).putLong(segment.end());
        header.putInt(queues).putInt(entries).putInt(tableCrc).putInt(keys).putInt(cleaned ? 1 : 0);
        header.putInt(HEADER - 4, EntryFormat.crc(new CRC32C(), header, 0, HEADER - 4));
        return header.limit(HEADER).position(0);
    }

    private static int writeTable(Output out, List<OpenIndex.OpenRun> runs) throws IOException {
        CRC32C crc = new CRC32C();
        int firstEntry = 0;
        for (OpenIndex.OpenRun run : runs) {
            writeRow(out, crc, run.number(), run.base(), firstEntry, run.count(), run.bytes());
            firstEntry += run.count();
        }
        return (int) crc.getValue();
    }

    private static void writeRow(Output out, CRC32C crc, long queue, long base, int firstEntry, int count, long bytes)
            throws IOException {
        ByteBuffer row = out.room(ROW);
        int from = row.position();
        row.putLong(queue).putLong(base).putInt(firstEntry).putInt(count).putLong(bytes);
        crc.update(row.slice(from, ROW));
    }

    private static int writeEntries(Output out, List<OpenIndex.OpenRun> runs) throws IOException {
        int entries = 0;
        for (OpenIndex.OpenRun run : runs) {
            int count = run.count();
            for (int i = 0; i < count; ) {
                ByteBuffer into = out.room(IndexEntry.SIZE);
                int from = into.position();
                int copied = run.copy(i, count, into);
                for (int each = 0; each < copied; each++) {
                    int at = from + each * IndexEntry.SIZE;
                    into.putInt(at + 20, IndexEntry.check(into, at, run.number(), run.base() + i + each));
                }
                i += copied;
            }
            entries += count;
        }
        return entries;
    }

    /** Maps the index of a segment, or returns null if its file is missing, damaged or of another segment. */
    static @Nullable FileIndex open(LogFiles files, long logId, long number, long start, long end) throws IOException {
        ByteBuffer bytes;
        try (DiskFile file = files.disk().openToRead(files.index(number))) {
            long size = file.size();
            if (size < HEADER || size > Integer.MAX_VALUE) {
                return null;
            }
            bytes = file.map((int) size);
        }
        Mapping mapping = new Mapping(files.disk(), bytes);
        int queues = bytes.getInt(40);
        if (isHeader(bytes, logId, number, start, end) && isTable(bytes, queues)) {
            return new FileIndex(
                    mapping, number, start, queues, bytes.getInt(44), bytes.getInt(56) == 1, bytes.getInt(52));
        }
        mapping.close();
        return null;
    }

    private static boolean isHeader(ByteBuffer bytes, long logId, long number, long start, long end) {
        if (bytes.getInt(0) != MAGIC
                || bytes.getInt(HEADER - 4) != EntryFormat.crc(new CRC32C(), bytes.duplicate(), 0, HEADER - 4)) {
            return false;
        }
        if (bytes.getInt(4) > VERSION) {
            throw new StorageException(
                    StorageException.Reason.CORRUPT,
                    "the index of segment " + number + " has format " + bytes.getInt(4)
                            + ", which a newer version wrote; this one reads up to " + VERSION);
        }
        return bytes.getInt(4) == VERSION
                && bytes.getLong(8) == logId
                && bytes.getLong(16) == number
                && bytes.getLong(24) == start
                && bytes.getLong(32) == end;
    }

    private static boolean isTable(ByteBuffer bytes, int queues) {
        long size = HEADER
                + (long) queues * ROW
                + (long) bytes.getInt(44) * (IndexEntry.SIZE + (bytes.getInt(56) == 1 ? OFFSET : 0))
                + (long) bytes.getInt(52) * KEY;
        return size == bytes.capacity()
                && bytes.getInt(48) == EntryFormat.crc(new CRC32C(), bytes.duplicate(), HEADER, HEADER + queues * ROW);
    }

    long size() {
        return mapping.bytes().capacity();
    }

    @Override
    public @Nullable Run run(long queue) {
        if (!mapping.acquire()) {
            return null;
        }
        try {
            ByteBuffer bytes = mapping.bytes();
            int row = find(bytes, queue);
            if (row < 0) {
                return null;
            }
            int at = HEADER + row * ROW;
            int first = bytes.getInt(at + 16);
            int count = bytes.getInt(at + 20);
            long base = bytes.getLong(at + 8);
            return new FileRun(this, queue, base, end(bytes, at), first, count, bytes.getLong(at + 24));
        } finally {
            mapping.release();
        }
    }

    /** The offset behind the last of a row's queue. */
    private long end(ByteBuffer bytes, int rowAt) {
        long base = bytes.getLong(rowAt + 8);
        int count = bytes.getInt(rowAt + 20);
        return base + (offsetsAt == 0 ? count : 1L + offset(bytes, bytes.getInt(rowAt + 16) + count - 1));
    }

    /** Of a cleaned segment's entry, less its queue's first. */
    private int offset(ByteBuffer bytes, int entry) {
        return bytes.getInt(offsetsAt + entry * OFFSET);
    }

    private int entriesAt() {
        return HEADER + queues * ROW;
    }

    private int find(ByteBuffer bytes, long queue) {
        int low = 0;
        int high = queues - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            long found = bytes.getLong(HEADER + middle * ROW);
            if (found == queue) {
                return middle;
            } else if (found < queue) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -1;
    }

    @Override
    public boolean forEach(QueueIndex.SegmentQueueVisitor visitor) {
        if (!mapping.acquire()) {
            return false;
        }
        try {
            ByteBuffer bytes = mapping.bytes();
            for (int row = 0; row < queues; row++) {
                int at = HEADER + row * ROW;
                if (!visitor.visit(bytes.getLong(at), bytes.getLong(at + 8), end(bytes, at))) {
                    break;
                }
            }
            return true;
        } finally {
            mapping.release();
        }
    }

    @Override
    public long[] sortedKeys() {
        if (!mapping.acquire()) {
            return new long[0];
        }
        try {
            long[] all = new long[keys];
            for (int i = 0; i < keys; i++) {
                all[i] = mapping.bytes().getLong(keysAt + i * KEY);
            }
            return all;
        } finally {
            mapping.release();
        }
    }

    @Override
    public boolean findKey(int hash, IntPredicate visitor) {
        if (!mapping.acquire()) {
            return true;
        }
        try {
            ByteBuffer bytes = mapping.bytes();
            for (int at = lastWith(bytes, hash); at >= 0 && hashAt(bytes, at) == hash; at--) {
                if (!visitor.test(bytes.getInt(keysAt + at * KEY + 4))) {
                    return false;
                }
            }
            return true;
        } finally {
            mapping.release();
        }
    }

    private int hashAt(ByteBuffer bytes, int row) {
        return bytes.getInt(keysAt + row * KEY);
    }

    /** The last row whose hash is not above the given one, or -1. */
    private int lastWith(ByteBuffer bytes, int hash) {
        long wanted = Integer.toUnsignedLong(hash);
        int low = 0;
        int high = keys - 1;
        long below = 0;
        long above = 1L << 32;
        for (int guesses = 0; low <= high; guesses++) {
            int middle = (low + high) >>> 1;
            if (guesses < GUESSES && above > below) {
                double part = (double) (wanted - below) / (above - below);
                middle = Math.min(high, low + (int) (Math.max(0, part) * (high - low)));
            }
            long found = Integer.toUnsignedLong(hashAt(bytes, middle));
            if (found <= wanted) {
                low = middle + 1;
                below = found;
            } else {
                high = middle - 1;
                above = found;
            }
        }
        return high;
    }

    @Override
    public void close() {
        mapping.close();
    }

    /** One queue's entries in the file. */
    private record FileRun(FileIndex index, long queue, long base, long end, int first, int count, long bytes)
            implements Run {
        @Override
        public long from(long offset) {
            if (index.offsetsAt == 0 || offset <= base || offset >= end) {
                return offset <= base ? base : Math.min(offset, end);
            }
            if (!index.mapping.acquire()) {
                return CLOSED;
            }
            try {
                ByteBuffer bytes = index.mapping.bytes();
                int at = find(bytes, offset);
                // Never backwards, even if the file is damaged.
                return at < first + count ? Math.max(offset, base + index.offset(bytes, at)) : end;
            } finally {
                index.mapping.release();
            }
        }

        /** The entry of the first offset at or after the given one; behind the last if there is none. */
        private int find(ByteBuffer bytes, long offset) {
            int wanted = (int) (offset - base);
            if (index.offsetsAt == 0) {
                return first + wanted;
            }
            int low = first;
            int high = first + count - 1;
            while (low <= high) {
                int middle = (low + high) >>> 1;
                if (index.offset(bytes, middle) < wanted) {
                    low = middle + 1;
                } else {
                    high = middle - 1;
                }
            }
            return low;
        }

        @Override
        public boolean read(long offset, QueueIndex.Entry into) {
            Mapping mapping = index.mapping;
            if (!mapping.acquire()) {
                return false;
            }
            try {
                ByteBuffer bytes = mapping.bytes();
                int at = index.entriesAt() + find(bytes, offset) * IndexEntry.SIZE;
                IndexEntry.read(bytes, at, index.start, into);
                if (bytes.getInt(at + 20) != IndexEntry.check(bytes, at, queue, offset)) {
                    throw new StorageException(
                            StorageException.Reason.CORRUPT,
                            "the index of segment " + index.segment + " is damaged at offset " + offset + " of queue "
                                    + queue);
                }
                return true;
            } catch (InternalError e) {
                // The way the JVM tells that the disk could not give a mapped page.
                throw new StorageException(
                        StorageException.Reason.CORRUPT, "the disk cannot read the index of " + index.segment, e);
            } finally {
                mapping.release();
            }
        }
    }

    /** Writes behind the header through one buffer. */
    private static final class Output {
        private final DiskFile file;
        private final ByteBuffer buffer;
        private long at = HEADER;

        Output(DiskFile file, long expected) {
            this.file = file;
            this.buffer = ByteBuffer.allocate((int) Math.min(BUFFER, expected + ROW));
        }

        /** The buffer, with room for at least the bytes. */
        ByteBuffer room(int bytes) throws IOException {
            if (buffer.remaining() < bytes) {
                flush();
            }
            return buffer;
        }

        void flush() throws IOException {
            buffer.flip();
            int length = buffer.remaining();
            file.write(buffer, at);
            at += length;
            buffer.clear();
        }
    }
}
