/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;

/**
 * Finds the entries behind the snapshot that a node of a group recovers from. They are kept and not applied: only the
 * group knows which of them hold. Used once.
 */
final class GroupTail {
    private final LogFiles files;
    private final Segments segments;
    private final LogConfig config;
    private final long logId;
    private long number;
    private long position;
    private long nextIndex;
    private long lastTime;
    private long bytesCut;

    GroupTail(LogFiles files, Segments segments, LogConfig config, Snapshot.Header from) {
        this.files = files;
        this.segments = segments;
        this.config = config;
        this.logId = from.logId();
        this.number = from.lastSegment();
        this.position = from.position();
        this.nextIndex = from.nextIndex();
        this.lastTime = from.lastTime();
    }

    /** Reads on as long as there are whole entries. The last segment found stays open to be written. */
    void scan(Set<Long> present) throws IOException {
        while (present.contains(number + 1) && scanSegment(number + 1, present.contains(number + 2))) {
            number++;
        }
    }

    /** Number of the newest segment found. */
    long lastSegment() {
        return number;
    }

    /** Where the log ends. */
    long position() {
        return position;
    }

    long nextIndex() {
        return nextIndex;
    }

    long lastTime() {
        return lastTime;
    }

    /** Bytes of a torn entry at the end. */
    long bytesCut() {
        return bytesCut;
    }

    /** Whether the segment has an entry that goes on where the log ends. */
    private boolean scanSegment(long each, boolean maySeal) throws IOException {
        DiskFile file = files.disk().open(files.segment(each));
        boolean kept = false;
        try {
            int size = (int) Math.min(file.size(), Integer.MAX_VALUE);
            if (size < SegmentHeader.SIZE) {
                return false;
            }
            ByteBuffer bytes = file.map(size);
            SegmentHeader header = SegmentHeader.decode(bytes);
            if (header == null
                    || header.logId() != logId
                    || header.start() != position
                    || header.firstIndex() != nextIndex
                    || !isNext(bytes, SegmentHeader.SIZE, size, position)) {
                files.disk().unmap(bytes);
                return false;
            }
            int length = entries(bytes, size);
            boolean sealed = maySeal && continues(each + 1, position + length);
            if (!sealed) {
                countCut(bytes, length, size);
                files.disk().unmap(bytes);
                file.setSize(length); // stale bytes must not follow on entries to come
                file.setSize(config.segmentSize());
                size = config.segmentSize();
                bytes = file.map(size);
            }
            file.force();
            add(header, file, bytes, size, length, sealed);
            kept = true;
            return true;
        } finally {
            if (!kept) {
                file.close();
            }
        }
    }

    private boolean isNext(ByteBuffer bytes, int offset, int size, long start) {
        ByteBuffer view = bytes.duplicate();
        return EntryFormat.isValid(view, offset, size, logId, start + offset)
                && bytes.getLong(offset + EntryFormat.INDEX) == nextIndex;
    }

    /** Counts the whole entries of a segment; answers where they end. */
    private int entries(ByteBuffer bytes, int size) {
        int at = SegmentHeader.SIZE;
        while (isNext(bytes, at, size, position)) {
            if (bytes.getInt(at + EntryFormat.VERSION_AT) > EntryFormat.VERSION) {
                throw new StorageException(
                        StorageException.Reason.CORRUPT,
                        "the entry at " + (position + at) + " has a format that a newer version wrote");
            }
            lastTime = bytes.getLong(at + EntryFormat.TIME);
            nextIndex++;
            at += bytes.getInt(at + EntryFormat.LENGTH);
        }
        return at;
    }

    // Without an entry it does not count: the segment before may have room for a smaller one than was torn.
    private boolean continues(long next, long start) throws IOException {
        try (DiskFile file = files.disk().openToRead(files.segment(next))) {
            int size = (int) Math.min(file.size(), Integer.MAX_VALUE);
            if (size < SegmentHeader.SIZE) {
                return false;
            }
            ByteBuffer bytes = file.map(size);
            SegmentHeader header = SegmentHeader.decode(bytes);
            boolean whole = header != null
                    && header.logId() == logId
                    && header.start() == start
                    && header.firstIndex() == nextIndex
                    && isNext(bytes, SegmentHeader.SIZE, size, start);
            files.disk().unmap(bytes);
            return whole;
        }
    }

    private void countCut(ByteBuffer bytes, int from, int size) {
        int last = size;
        while (last > from && bytes.get(last - 1) == 0) {
            last--;
        }
        bytesCut += last - from;
    }

    private void add(SegmentHeader header, DiskFile file, ByteBuffer bytes, int size, int length, boolean sealed) {
        Segment segment = new Segment(
                header, size, new Mapping(files.disk(), bytes), file, header.start() + length, true, SegmentIndex.NONE);
        segment.times(bytes.getLong(SegmentHeader.SIZE + EntryFormat.TIME), lastTime);
        segment.readableBelow(header.start());
        if (sealed) {
            segment.seal();
        }
        segments.add(segment);
        position = segment.end();
    }
}
