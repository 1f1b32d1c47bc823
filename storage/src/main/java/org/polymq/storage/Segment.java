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
    private final Mapping mapping;
    private final @Nullable DiskFile file;
    private volatile long end;
    private volatile boolean sealed;
    private volatile boolean named;
    private volatile boolean finished;
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
        this.mapping = mapping;
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
        if (!mapping.acquire()) {
            throw new StorageException(StorageException.Reason.CORRUPT, "segment " + number + " was removed");
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

    SegmentIndex index() {
        return index;
    }

    void index(SegmentIndex replacement, long bytes) {
        index = replacement;
        indexBytes = bytes;
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
        return new SegmentInfo(number, start, end, firstTime, lastTime, end - start + indexBytes);
    }

    /** A copy of the record that starts at the position. */
    ByteBuffer read(long position) {
        if (!mapping.acquire()) {
            throw noRecord(position, "its segment was removed");
        }
        try {
            return readMapped(position);
        } catch (InternalError e) {
            // The way the JVM tells that the disk could not give a mapped page.
            throw new StorageException(StorageException.Reason.CORRUPT, "the disk cannot read position " + position, e);
        } finally {
            mapping.release();
        }
    }

    private ByteBuffer readMapped(long position) {
        ByteBuffer bytes = mapping.bytes();
        int limit = (int) (Math.min(end, readableBelow) - start);
        long at = position - start;
        if (at < SegmentHeader.SIZE + EntryFormat.HEADER || at + EntryFormat.FRAME > limit) {
            throw noRecord(position, "that is outside of the records of segment " + number);
        }
        int offset = (int) at;
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
        if (!mapping.acquire()) {
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
        mapping.close();
        index.close();
    }
}
