/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the entries of a group's log, takes back those that were not committed, and reads them. Safe from any thread:
 * one at a time.
 */
final class GroupWriter {
    private static final Logger LOG = LoggerFactory.getLogger(GroupWriter.class);
    private static final int WRITE_AT_ONCE = 1 << 20;

    private final LogConfig config;
    private final long logId;
    private final Segments segments;
    private final Health health;
    private final Failpoints failpoints;
    private final Flusher flusher;
    private final Background background;
    private final Reserve reserve;
    private final CRC32C crc = new CRC32C();
    private final Map<Long, EntryPlaces> places = new HashMap<>();
    private ByteBuffer buffer = ByteBuffer.allocateDirect(64 << 10);
    private Segment open;
    private boolean spareWanted;
    private boolean closed;
    private volatile long lastIndex;
    private volatile long lastTime;

    /** Goes on behind what recovery found. */
    GroupWriter(Appender.Parts parts, Recovery.Result found) throws IOException {
        this.config = parts.config();
        this.health = parts.health();
        this.logId = parts.logId();
        this.segments = parts.segments();
        this.failpoints = parts.failpoints();
        this.flusher = parts.flusher();
        this.background = parts.background();
        this.reserve = parts.reserve();
        this.lastIndex = found.nextIndex() - 1;
        this.lastTime = found.lastTime();
        Segment last = segments.byNumber(found.lastSegment());
        this.open = last != null && last.isWritable() && !last.isSealed()
                ? last
                : newSegment(found.lastSegment() + 1, found.position());
    }

    /** Store time of the last entry written, ms since the epoch. */
    long lastTime() {
        return lastTime;
    }

    /**
     * Writes entries that follow on the last. With {@link FlushMode#SYNC} they are durable when it returns.
     *
     * @throws StorageException if they are not written; final
     */
    synchronized void write(List<GroupEntry> entries) {
        StorageException failure = health.failure();
        if (failure != null) {
            throw failure;
        }
        try {
            writeAll(entries);
        } catch (IOException | RuntimeException e) { // what follows would not be where it belongs
            throw failed(health.fail("entries " + entries.get(0).index() + " and on were not written", e));
        }
        if (config.flush() == FlushMode.SYNC) {
            StorageException unforced = flusher.forceAll();
            if (unforced != null) {
                throw failed(unforced);
            }
        } else {
            flusher.written();
        }
        lastIndex = entries.get(entries.size() - 1).index();
        notifyAll();
        wantSpare();
    }

    private StorageException failed(StorageException failure) {
        notifyAll();
        flusher.wake();
        return failure;
    }

    private void writeAll(List<GroupEntry> entries) throws IOException {
        int filled = 0;
        long expected = lastIndex + 1;
        for (GroupEntry entry : entries) {
            if (entry.index() != expected++) {
                throw new IllegalArgumentException("entry " + entry.index() + " does not follow on " + (expected - 2));
            }
            EntryBody.check(entry);
            int length = (int) EntryBody.lengthInLog(entry);
            if (filled > 0 && (filled + length > WRITE_AT_ONCE || !open.fits(filled + (long) length))) {
                store(filled);
                filled = 0;
            }
            if (!open.fits(length)) {
                roll(entry.index());
            }
            reserveBuffer(filled + length, filled);
            encode(entry, filled, length, open.end() + filled);
            EntryPlaces known = places.get(open.number());
            if (known != null) {
                known.add((int) (open.end() - open.start()) + filled);
            }
            filled += length;
        }
        store(filled);
    }

    private void store(int length) throws IOException {
        buffer.limit(length).position(0);
        failpoints.hit(Failpoints.Point.WRITE);
        try {
            open.write(buffer);
        } catch (DiskFullException e) {
            health.full(true, String.valueOf(e.getMessage()));
            if (!reserve.release()) {
                throw e;
            }
            buffer.limit(length).position(0);
            open.write(buffer);
        }
        failpoints.hit(Failpoints.Point.WRITTEN);
        open.extend(open.end() + length, lastTime);
    }

    private void reserveBuffer(int size, int filled) {
        if (buffer.capacity() < size) {
            ByteBuffer larger = ByteBuffer.allocateDirect(Math.max(size, Math.min(buffer.capacity() * 2, 2 << 20)));
            larger.put(0, buffer.clear(), 0, filled);
            buffer = larger;
        }
        buffer.clear();
    }

    private void encode(GroupEntry entry, int from, int length, long position) {
        ByteBuffer body = entry.body();
        int records = 0;
        int at = from + EntryFormat.HEADER;
        if (entry.kind() == GroupEntry.Kind.MESSAGES) {
            lastTime = EntryBody.time(body);
            records = EntryBody.records(body);
            int source = body.position() + EntryBody.HEADER;
            for (int i = 0; i < records; i++) {
                int size = body.getInt(source);
                at = encodeRecord(body, source + EntryBody.FRAME, size, at, position - from + at);
                source += EntryBody.FRAME + size;
            }
        } else if (entry.kind() == GroupEntry.Kind.MEMBERS) {
            records = 1;
            at = encodeRecord(body, body.position(), body.remaining(), at, position - from + at);
        }
        ByteBuffer to = buffer;
        to.clear();
        while (at < from + length) {
            to.put(at++, (byte) 0);
        }
        to.putInt(from, EntryFormat.MAGIC);
        to.putInt(from + EntryFormat.LENGTH, length);
        to.putInt(from + EntryFormat.VERSION_AT, EntryFormat.VERSION);
        to.putLong(from + EntryFormat.INDEX, entry.index());
        to.putLong(from + EntryFormat.TERM, entry.term());
        to.putLong(from + EntryFormat.TIME, lastTime);
        to.putLong(from + EntryFormat.FORCED, 0); // differs from node to node, and all write the same bytes
        to.putInt(from + EntryFormat.RECORDS, records);
        to.putInt(from + EntryFormat.KIND, entry.kind().number());
        int sum = EntryFormat.crc(crc, to, from + EntryFormat.VERSION_AT, from + length);
        to.putInt(from + EntryFormat.CRC, sum ^ EntryFormat.mix(logId, position, length));
    }

    private int encodeRecord(ByteBuffer source, int from, int size, int at, long position) {
        int to = at + EntryFormat.FRAME;
        buffer.clear();
        buffer.put(to, source, from, size);
        int sum = EntryFormat.crc(crc, buffer, to, to + size);
        buffer.clear();
        buffer.putInt(at, size);
        buffer.putInt(at + 4, sum ^ EntryFormat.mix(logId, position, size));
        return to + size;
    }

    private void roll(long firstIndex) throws IOException {
        failpoints.hit(Failpoints.Point.ROLL);
        Segment sealed = open;
        lastIndex = firstIndex - 1;
        open = newSegment(sealed.number() + 1, sealed.end());
        sealed.seal();
        failpoints.hit(Failpoints.Point.ROLLED);
        flusher.wake();
    }

    private Segment newSegment(long number, long position) throws IOException {
        SegmentFile file = background.nextFile(number);
        SegmentHeader header = new SegmentHeader(logId, number, position, lastIndex + 1);
        try {
            file.file().write(header.encode(), 0);
        } catch (IOException e) {
            file.discard(background.files());
            throw e;
        }
        Segment segment = new Segment(
                header,
                config.segmentSize(),
                file.mapping(),
                file.file(),
                position + SegmentHeader.SIZE,
                file.named(),
                SegmentIndex.NONE);
        segment.readableBelow(position);
        segments.add(segment);
        places.put(number, new EntryPlaces(lastIndex + 1));
        spareWanted = false;
        return segment;
    }

    private void wantSpare() {
        if (!spareWanted && open.end() - open.start() > config.segmentSize() >> 1) {
            spareWanted = true;
            background.wantSpare(open.number() + 1);
        }
    }

    /**
     * Takes back the entries after the given one.
     *
     * @param timeKept store time of that one where the log holds none to tell it
     */
    synchronized void cutAfter(long lastKept, long timeKept) {
        if (lastKept >= lastIndex) {
            return;
        }
        LOG.info("Entries {} to {} were never committed and are taken back", lastKept + 1, lastIndex);
        try {
            // An empty segment would begin where the other nodes' logs may have room for one more entry.
            while (places(open).firstIndex() > lastKept && mayDropOpen()) {
                dropOpen();
            }
            EntryPlaces known = places(open);
            long end = open.start() + offsetOf(known, open, lastKept + 1);
            long before = open.end();
            open.shrink(end, lastKept < known.firstIndex() ? 0 : timeOf(known, open, lastKept));
            known.cutAfter(lastKept);
            flusher.cut(open.number(), end);
            zero(end, before);
            lastIndex = lastKept;
            lastTime = open.isEmpty() ? previousTime(timeKept) : open.lastTime();
        } catch (IOException e) {
            throw failed(health.fail("entries could not be taken back", e));
        }
    }

    private long previousTime(long otherwise) {
        Segment before = segments.byNumber(open.number() - 1);
        return before == null ? otherwise : before.lastTime();
    }

    private boolean mayDropOpen() {
        Segment previous = segments.byNumber(open.number() - 1);
        return previous != null && previous.isWritable();
    }

    private void dropOpen() throws IOException {
        Segment dropped = open;
        Segment previous = segments.byNumber(dropped.number() - 1);
        if (previous == null) {
            throw new IllegalStateException("there is no segment before " + dropped.number());
        }
        previous.unseal();
        flusher.cut(previous.number(), previous.end());
        segments.remove(dropped);
        places.remove(dropped.number());
        dropped.close();
        dropped.closeFile();
        background.files().disk().delete(background.files().segment(dropped.number()));
        open = previous;
        spareWanted = false;
    }

    // Old bytes must not follow on entries to come.
    private void zero(long from, long to) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocate((int) Math.min(1 << 20, to - from));
        for (long at = from; at < to; ) {
            zeros.clear().limit((int) Math.min(zeros.capacity(), to - at));
            int length = zeros.remaining();
            open.writeAt(zeros, at);
            at += length;
        }
        open.force();
    }

    /** Index of the first entry at or above a position where a segment begins, or of the first of all that follow. */
    synchronized long firstIndex(long position) {
        Segment[] all = segments.array();
        int first = all.length - 1;
        while (first > 0
                && all[first - 1].number() == all[first].number() - 1
                && all[first - 1].cleanedAt() == 0
                && all[first].start() > position) {
            first--;
        }
        return places(all[first]).firstIndex();
    }

    /** Where the segment begins that an entry is or will be in; the log's start if it is not here. */
    synchronized long positionOf(long entryIndex) {
        Segment holder = holder(entryIndex);
        return holder != null ? holder.start() : entryIndex > lastIndex ? open.start() : 0;
    }

    /** Index of the last entry written; 0 if there is none. */
    long lastIndex() {
        return lastIndex;
    }

    /** The term of an entry; 0 if it is not here. */
    long term(long entryIndex) {
        GroupEntry found = entry(entryIndex);
        return found == null ? 0 : found.term();
    }

    /**
     * One entry, or null if it is not here.
     *
     * @throws StorageException CORRUPT if it is damaged
     */
    synchronized @Nullable GroupEntry entry(long entryIndex) {
        Segment holder = holder(entryIndex);
        if (holder == null) {
            return null;
        }
        int offset = offsetOf(places(holder), holder, entryIndex);
        return holder.withBytes((bytes, limit) -> {
            if (!EntryFormat.isValid(bytes, offset, limit, logId, holder.start() + offset)) {
                throw new StorageException(
                        StorageException.Reason.CORRUPT,
                        "entry " + entryIndex + " in segment " + holder.number() + " is damaged");
            }
            bytes.clear();
            GroupEntry.Kind kind = GroupEntry.kind(bytes.getInt(offset + EntryFormat.KIND));
            ByteBuffer body = switch (kind) {
                case MESSAGES -> EntryBody.of(bytes, offset);
                case NOTHING -> ByteBuffer.allocate(0);
                case MEMBERS -> {
                    int at = offset + EntryFormat.HEADER;
                    byte[] copy = new byte[bytes.getInt(at)];
                    bytes.get(at + EntryFormat.FRAME, copy);
                    yield ByteBuffer.wrap(copy);
                }
            };
            return new GroupEntry(entryIndex, bytes.getLong(offset + EntryFormat.TERM), kind, body);
        });
    }

    private @Nullable Segment holder(long entryIndex) {
        if (entryIndex < 1 || entryIndex > lastIndex) {
            return null;
        }
        Segment[] all = segments.array();
        for (int i = all.length - 1; i >= 0 && all[i].cleanedAt() == 0; i--) {
            EntryPlaces known = places(all[i]);
            if (entryIndex >= known.firstIndex()) {
                return entryIndex < known.endIndex() ? all[i] : removedHolder(entryIndex);
            }
        }
        return removedHolder(entryIndex);
    }

    /** Of a segment that does not count any more, while its file is kept for the group. */
    private @Nullable Segment removedHolder(long entryIndex) {
        return background
                .held()
                .filter(each -> each.cleanedAt() == 0)
                .filter(each -> {
                    EntryPlaces known = places(each);
                    return entryIndex >= known.firstIndex() && entryIndex < known.endIndex();
                })
                .findFirst()
                .orElse(null);
    }

    private EntryPlaces places(Segment segment) {
        EntryPlaces known = places.get(segment.number());
        if (known == null) {
            EntryPlaces found = new EntryPlaces(segment.firstIndex());
            segment.forEachEntry((bytes, offset, length) -> found.add(offset));
            places.put(segment.number(), found);
            known = found;
            Set<Long> held = background.held().map(Segment::number).collect(Collectors.toSet());
            places.keySet().removeIf(number -> segments.byNumber(number) == null && !held.contains(number));
        }
        return known;
    }

    /** Where an entry is in its segment's file; the index behind the last is allowed. */
    private static int offsetOf(EntryPlaces known, Segment segment, long entryIndex) {
        if (entryIndex == known.endIndex()) {
            return (int) (segment.end() - segment.start());
        }
        long from = known.known(entryIndex);
        int start = known.place(from);
        return segment.withBytes((bytes, limit) -> {
            int at = start;
            for (long i = from; i < entryIndex; i++) {
                at += bytes.getInt(at + EntryFormat.LENGTH);
            }
            return at;
        });
    }

    private static long timeOf(EntryPlaces known, Segment segment, long entryIndex) {
        int offset = offsetOf(known, segment, entryIndex);
        return segment.withBytes((bytes, limit) -> bytes.getLong(offset + EntryFormat.TIME));
    }

    /** Waits until an entry is written. */
    synchronized void awaitWritten(long entryIndex) {
        boolean interrupted = false;
        while (lastIndex < entryIndex) {
            StorageException failure = health.failure();
            if (failure != null || closed) {
                throw failure == null
                        ? new StorageException(StorageException.Reason.CLOSED, "the log is closed")
                        : failure;
            }
            try {
                wait(1000);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Nobody waits any more. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }

    /** The newest segment. */
    synchronized Segment open() {
        return open;
    }
}
