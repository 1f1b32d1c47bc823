/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One file of the log. Positions start where the previous segment ends; its header counts among them.
 *
 * <p>Written under the append lock. {@link #read} is safe from any thread and waits for nobody.
 */
final class Segment {
    private final long number;
    private final long start;
    private final long logId;
    private final int capacity;
    private final @Nullable DiskFile file;
    private volatile Content content;
    private volatile long end;
    private volatile boolean sealed;
    private volatile boolean named;
    private volatile boolean finished;
    private volatile boolean removed;
    private volatile long indexBytes;
    private volatile long firstTime;
    private volatile long lastTime;
    private volatile SegmentIndex index;
    private volatile long readableBelow = Long.MAX_VALUE;

    /**
     * @param file open to write, or null for a sealed one
     * @param named whether its name is durable
     */
    Segment(
            SegmentHeader header,
            int capacity,
            Mapping mapping,
            @Nullable DiskFile file,
            long end,
            boolean named,
            SegmentIndex index) {
        this.number = header.number();
        this.start = header.start();
        this.logId = header.logId();
        this.capacity = capacity;
        this.content = new Content(mapping, null);
        this.file = file;
        this.end = end;
        this.sealed = file == null;
        this.named = named;
        this.index = index;
    }

    long number() {
        return number;
    }

    long start() {
        return start;
    }

    /** Where the next entry goes; entries below it can be read. */
    long end() {
        return end;
    }

    boolean isEmpty() {
        return end == start + SegmentHeader.SIZE;
    }

    boolean fits(long length) {
        return end - start + length <= capacity;
    }

    /** Writes bytes at its end without moving it. */
    void write(ByteBuffer entry) throws IOException {
        open().write(entry, end - start);
    }

    /** Makes what was written up to a position readable. */
    void extend(long to, long time) {
        if (firstTime == 0) {
            firstTime = time;
        }
        lastTime = time;
        end = to;
    }

    /** In a group: entries from the position on are not applied yet and not to be seen. */
    void readableBelow(long position) {
        readableBelow = position;
    }

    /** Index of its first entry, as its header says. */
    long firstIndex() {
        return withBytes((bytes, limit) -> {
            SegmentHeader header = SegmentHeader.decode(bytes);
            if (header == null) {
                throw new StorageException(
                        StorageException.Reason.CORRUPT, "the header of segment " + number + " is damaged");
            }
            return header.firstIndex();
        });
    }

    /** Takes back what was written from a position on. */
    void shrink(long to, long time) {
        end = to;
        lastTime = time;
    }

    /** Whether its file is still open to be written. */
    boolean isWritable() {
        return file != null && !finished;
    }

    void unseal() {
        sealed = false;
    }

    /** Writes bytes at a position. */
    void writeAt(ByteBuffer bytes, long position) throws IOException {
        open().write(bytes, position - start);
    }

    /** Uses a segment's bytes. */
    @FunctionalInterface
    interface BytesFunction<T> {
        /**
         * Uses them, by absolute reads.
         *
         * @param bytes a view of its own
         * @param limit where the entries end
         */
        T use(ByteBuffer bytes, int limit);
    }

    /** @throws StorageException CORRUPT if the segment was removed or the disk cannot give the bytes */
    <T> T withBytes(BytesFunction<T> function) {
        Content now = content;
        Mapping mapping = now.mapping();
        if (now.cleaned() != null || !mapping.acquire()) {
            throw new StorageException(
                    StorageException.Reason.CORRUPT, "segment " + number + " was removed or cleaned");
        }
        try {
            return function.use(mapping.bytes().duplicate(), (int) (end - start));
        } catch (InternalError e) {
            throw new StorageException(StorageException.Reason.CORRUPT, "the disk cannot read segment " + number, e);
        } finally {
            mapping.release();
        }
    }

    /** Visits all entries, also those that are not applied yet. */
    void forEachEntry(EntryVisitor visitor) {
        readEntries(SegmentHeader.SIZE, end, visitor);
    }

    void force() throws IOException {
        open().force();
    }

    private DiskFile open() {
        if (file == null) {
            throw new IllegalStateException("segment " + number + " is sealed");
        }
        return file;
    }

    boolean isNamed() {
        return named;
    }

    void named() {
        named = true;
    }

    boolean isSealed() {
        return sealed;
    }

    void seal() {
        sealed = true;
    }

    /** Cuts the unused end of a sealed segment's file, which was forced, and closes it. */
    void finish() throws IOException {
        DiskFile open = file;
        if (open == null) {
            return; // recovery has cut it
        }
        finished = true;
        open.setSize(end - start);
        open.force();
        open.close();
    }

    /** Closes the file of the open segment when the log ends. */
    void closeFile() throws IOException {
        if (file != null) {
            file.close();
        }
    }

    /** Its file. Readers compare which it is, not what is in it. */
    private static final class Content {
        private final Mapping mapping;
        /** Where its records are, or null if they are at their places. */
        private final @Nullable CleanedFile cleaned;

        Content(Mapping mapping, @Nullable CleanedFile cleaned) {
            this.mapping = mapping;
            this.cleaned = cleaned;
        }

        Mapping mapping() {
            return mapping;
        }

        @Nullable
        CleanedFile cleaned() {
            return cleaned;
        }
    }

    SegmentIndex index() {
        return index;
    }

    synchronized void index(SegmentIndex replacement, long bytes) {
        index = replacement;
        indexBytes = bytes;
    }

    /** The index file that it was sealed with is written. */
    synchronized void sealed(OpenIndex before, FileIndex written) {
        if (index == before) {
            index = written;
            indexBytes = written.size();
            before.close();
        } else if (index instanceof CleanedIndex cleaned) {
            cleaned.before(before, written);
        }
    }

    /** Its index is this one until its file is written. Part of apply. */
    synchronized void cleaned(CleanedIndex replacement) {
        index = replacement;
    }

    /** The files of a cleaned segment are written, and in place. */
    synchronized void cleaned(CleanedIndex replaced, FileIndex written, Mapping mapping, CleanedFile cleaned) {
        cleaned(mapping, cleaned);
        if (index == replaced) {
            index = written;
            indexBytes = written.size();
            replaced.close();
        } else {
            replaced.before(replaced.before(), written);
        }
    }

    /** Its file is that of a cleaned segment. */
    void cleaned(Mapping mapping, CleanedFile cleaned) {
        Content old = content;
        content = new Content(mapping, cleaned);
        old.mapping().close();
    }

    /** Position of the record that cleaned its file; 0 if it has all its records. */
    long cleanedAt() {
        CleanedFile cleaned = content.cleaned();
        return cleaned == null ? 0 : cleaned.cleanedAt();
    }

    /** Whether its file keeps these records and no others. */
    boolean keepsOnly(int[] places) {
        CleanedFile cleaned = content.cleaned();
        return cleaned != null && cleaned.keeps(places);
    }

    /** It counts no more, though its files may still be there. */
    void remove() {
        removed = true;
    }

    boolean isRemoved() {
        return removed;
    }

    /** See {@link SegmentIndex#run}. */
    SegmentIndex.@Nullable Run run(long queue) {
        while (true) {
            SegmentIndex now = index;
            SegmentIndex.Run run = now.run(queue);
            if (run != null || now == index) {
                return run;
            }
        }
    }

    /** See {@link SegmentIndex#forEach}. */
    void forEachQueue(QueueIndex.SegmentQueueVisitor visitor) {
        while (true) {
            SegmentIndex now = index;
            if (now.forEach(visitor) || now == index) {
                return;
            }
        }
    }

    /** See {@link QueueIndex#bytesIn}. */
    long bytesOf(long queue) {
        SegmentIndex.Run run = run(queue);
        return run == null ? 0 : run.bytes();
    }

    void times(long first, long last) {
        firstTime = first;
        lastTime = last;
    }

    long firstTime() {
        return firstTime;
    }

    long lastTime() {
        return lastTime;
    }

    SegmentInfo info() {
        CleanedFile cleaned = content.cleaned();
        long bytes = cleaned == null ? end - start : cleaned.recordsEnd();
        return new SegmentInfo(number, start, end, firstTime, lastTime, bytes + indexBytes, cleanedAt());
    }

    /** A copy of the record that starts at the position. */
    ByteBuffer read(long position) {
        while (true) {
            Content now = content;
            if (now.mapping().acquire()) {
                return read(now, position);
            }
            if (now == content) {
                throw noRecord(position, "its segment was removed");
            }
        }
    }

    private ByteBuffer read(Content now, long position) {
        try {
            CleanedFile cleaned = now.cleaned();
            return cleaned == null ? readPlain(now, position) : readCleaned(now, cleaned, position);
        } catch (InternalError e) {
            // The way the JVM tells that the disk could not give a mapped page.
            throw new StorageException(StorageException.Reason.CORRUPT, "the disk cannot read position " + position, e);
        } finally {
            now.mapping().release();
        }
    }

    private ByteBuffer readPlain(Content now, long position) {
        int limit = (int) (Math.min(end, readableBelow) - start);
        long at = position - start;
        if (at < SegmentHeader.SIZE + EntryFormat.HEADER || at + EntryFormat.FRAME > limit) {
            throw noRecord(position, "that is outside of the records of segment " + number);
        }
        return readFrame(now.mapping().bytes(), (int) at, limit, position);
    }

    private ByteBuffer readCleaned(Content now, CleanedFile cleaned, long position) {
        long place = position - start;
        int offset = place < 0 || place > Integer.MAX_VALUE ? -1 : cleaned.find((int) place);
        if (offset < 0) {
            throw noRecord(position, "it was not needed any more when segment " + number + " was cleaned");
        }
        return readFrame(now.mapping().bytes(), offset, cleaned.recordsEnd(), position);
    }

    private ByteBuffer readFrame(ByteBuffer bytes, int offset, int limit, long position) {
        int length = bytes.getInt(offset);
        if (length < 0 || length > limit - offset - EntryFormat.FRAME) {
            throw noRecord(position, "its length is damaged");
        }
        int expected = bytes.getInt(offset + 4) ^ EntryFormat.mix(logId, position, length);
        byte[] record = new byte[length];
        bytes.get(offset + EntryFormat.FRAME, record);
        CRC32C crc = new CRC32C();
        crc.update(record);
        if ((int) crc.getValue() != expected) {
            throw noRecord(position, "its checksum does not match");
        }
        return ByteBuffer.wrap(record);
    }

    private static StorageException noRecord(long position, String why) {
        return new StorageException(StorageException.Reason.CORRUPT, "no record at position " + position + ": " + why);
    }

    /** Takes the entries of a segment. */
    @FunctionalInterface
    interface EntryVisitor {
        /** Takes the entry at an offset of the segment's bytes. */
        void visit(ByteBuffer bytes, int offset, int length);
    }

    /** Visits the entries from an offset of the file on; nothing if the segment was removed. */
    void readEntries(int from, EntryVisitor visitor) {
        readEntries(from, Math.min(end, readableBelow), visitor);
    }

    private void readEntries(int from, long below, EntryVisitor visitor) {
        Content now = content;
        Mapping mapping = now.mapping();
        if (now.cleaned() != null || !mapping.acquire()) {
            return;
        }
        try {
            ByteBuffer bytes = mapping.bytes().duplicate();
            int limit = (int) (below - start);
            int at = from;
            while (at + EntryFormat.HEADER <= limit) {
                int length = bytes.getInt(at + EntryFormat.LENGTH);
                if (length < EntryFormat.HEADER || length > limit - at) {
                    return; // damaged: what follows is not found
                }
                visitor.visit(bytes, at, length);
                at += length;
            }
        } catch (InternalError | IndexOutOfBoundsException e) {
            // A page that the disk cannot give, or a damaged length: what follows is not found by its keys.
            throw new StorageException(
                    StorageException.Reason.CORRUPT, "the entries of segment " + number + " cannot be read", e);
        } finally {
            mapping.release();
        }
    }

    /** Lets go of the mappings. Called once. */
    void close() {
        content.mapping().close();
        index.close();
    }
}
