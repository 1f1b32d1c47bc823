/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.DataInput;
import java.io.IOException;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Maps a queue's offsets to log positions. A queue is any number that the state machine chooses.
 *
 * <p>{@link #append} and {@link #remove} are for the state machine's apply only. All else is safe from any thread and
 * waits for nobody. An index entry that is damaged on disk is left out and logged, like one of a removed segment.
 */
public final class QueueIndex {
    private static final Logger LOG = LoggerFactory.getLogger(QueueIndex.class);

    private final Segments segments;
    private final LongTable<QueueState> queues = new LongTable<>();
    private @Nullable Segment segment;
    private @Nullable OpenIndex open;

    QueueIndex(Segments segments) {
        this.segments = segments;
    }

    /** Entries go to this segment from now on. */
    void open(Segment newest, OpenIndex index) {
        segment = newest;
        open = index;
    }

    /**
     * Adds an entry at the queue's end.
     *
     * @param position the record's log position, in the newest segment
     * @param size the record's size, bytes
     * @param flags 16 bits, free for the caller
     * @param expiresAt ms since the epoch, 0 for never; 48 bits
     * @return the queue offset given; a new queue's first is 0
     */
    public long append(long queue, long position, int size, int tagHash, int flags, long expiresAt) {
        Segment newest = segment;
        OpenIndex index = open;
        if (newest == null || index == null || position < newest.start()) {
            throw new IllegalStateException("position " + position + " is not in the open segment");
        }
        QueueState state = queues.get(queue);
        if (state == null) {
            state = new QueueState(queue, newest.number(), 0);
            state.run(index.start(queue, 0));
            queues.put(state);
        }
        long offset = state.end();
        OpenIndex.OpenRun run = state.run();
        if (run == null || !run.isOf(index)) {
            run = index.start(queue, offset);
            state.addPart(offset, newest.number());
            state.run(run);
        }
        run.append((int) (position - newest.start()), size, tagHash, flags & 0xffff, expiresAt);
        state.end(offset + 1);
        return offset;
    }

    /** Forgets the queue whole. */
    public void remove(long queue) {
        queues.remove(queue);
        OpenIndex index = open;
        if (index != null) {
            index.forget(queue);
        }
    }

    /** The queue's first offset kept; 0 for an unknown queue. */
    public long start(long queue) {
        QueueState state = queues.get(queue);
        return state == null ? 0 : state.start();
    }

    /** The offset that its next entry gets; 0 for an unknown queue. */
    public long end(long queue) {
        QueueState state = queues.get(queue);
        return state == null ? 0 : state.end();
    }

    /** Reads one entry; false if there is none at the offset. */
    public boolean get(long queue, long offset, Entry into) {
        return scan(queue, offset, 1, offset + 1, into, (at, entry) -> true) == 1;
    }

    /**
     * Visits entries in order from the offset on; gaps of removed segments are skipped.
     *
     * @param max how many at most
     * @return how many were visited
     */
    public int scan(long queue, long from, int max, Visitor visitor) {
        return scan(queue, from, max, Long.MAX_VALUE, new Entry(), visitor);
    }

    private int scan(long queue, long from, int max, long below, Entry entry, Visitor visitor) {
        QueueState state = queues.get(queue);
        if (state == null || from < 0) {
            return 0;
        }
        long end = Math.min(state.end(), below);
        int visited = 0;
        long offset = from;
        SegmentIndex.Run run = null;
        while (offset < end && visited < max) {
            if (run == null || offset >= run.end()) {
                run = runHolding(state, offset);
                if (run == null) {
                    offset = nextPart(state, offset, end);
                    continue;
                }
            }
            long next = run.from(offset);
            if (next != offset) {
                if (next == SegmentIndex.Run.CLOSED) {
                    run = null;
                } else {
                    offset = next;
                }
                continue;
            }
            Read read = read(run, offset, entry);
            if (read == Read.STALE) {
                run = null;
                continue;
            }
            if (read == Read.DONE) {
                visited++;
                if (!visitor.visit(offset, entry)) {
                    break;
                }
            }
            offset++;
        }
        return visited;
    }

    /** How reading an entry went. */
    private enum Read {
        DONE,
        STALE,
        DAMAGED
    }

    private static Read read(SegmentIndex.Run run, long offset, Entry into) {
        try {
            return run.read(offset, into) ? Read.DONE : Read.STALE;
        } catch (StorageException e) {
            LOG.error("A message is not reachable through its queue: {}", e.getMessage());
            return Read.DAMAGED;
        }
    }

    private SegmentIndex.@Nullable Run runHolding(QueueState state, long offset) {
        OpenIndex.OpenRun newest = state.run();
        SegmentIndex.Run run = newest;
        if (newest == null || offset < newest.base() || newest.isClosed()) {
            long part = state.partHolding(offset);
            Segment holder = part < 0 ? null : segments.byNumber(QueueState.segment(part));
            run = holder == null ? null : holder.run(state.number());
        }
        return run != null && offset < run.end() ? run : null;
    }

    /** Where the queue goes on after a gap. */
    private static long nextPart(QueueState state, long offset, long end) {
        for (long part : state.partsToSave()) {
            if (QueueState.base(part) > offset) {
                return Math.min(QueueState.base(part), end);
            }
        }
        return end;
    }

    /** The smallest offset whose position is at or after the given one, or the queue's end. */
    public long firstAtOrAfter(long queue, long position) {
        QueueState state = queues.get(queue);
        if (state == null) {
            return 0;
        }
        long end = state.end();
        Segment holder = segments.byPosition(position);
        long part = state.partFrom(holder == null ? 0 : holder.number());
        if (part < 0) {
            return end;
        }
        if (holder == null || QueueState.segment(part) != holder.number()) {
            return Math.min(QueueState.base(part), end);
        }
        long base = QueueState.base(part);
        long below = Math.min(end, nextPart(state, base, end));
        Entry entry = new Entry();
        long low = base;
        long high = below;
        while (low < high) {
            long middle = (low + high) >>> 1;
            boolean found = scan(queue, middle, 1, below, entry, (at, each) -> true) == 1;
            if (found && entry.position < position) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        long[] found = {end};
        scan(queue, low, 1, end, entry, (at, each) -> {
            found[0] = at;
            return false;
        });
        return found[0];
    }

    /**
     * Narrows the search for the first entry that was stored at or after a time: no entry of the queue before
     * {@code start} was, and if one in [start, end) was not, nor was any before it.
     *
     * @param time ms since the epoch
     */
    public Range rangeAt(long queue, long time) {
        QueueState state = queues.get(queue);
        if (state == null) {
            return new Range(0, 0);
        }
        long end = state.end();
        long[] parts = state.partsToSave();
        for (int i = 0; i < parts.length; i++) {
            Segment holder = segments.byNumber(QueueState.segment(parts[i]));
            if (holder != null && holder.lastTime() >= time) {
                return new Range(
                        Math.min(QueueState.base(parts[i]), end),
                        i + 1 < parts.length ? Math.min(QueueState.base(parts[i + 1]), end) : end);
            }
        }
        return new Range(end, end);
    }

    /** Offsets from start to below end. */
    public record Range(long start, long end) {}

    /** Visits the queues that have entries in a sealed segment, in order of their number, until it has enough. */
    public void forEachQueueIn(long segmentNumber, SegmentQueueVisitor visitor) {
        Segment found = segments.byNumber(segmentNumber);
        if (found != null) {
            found.forEachQueue((queue, first, end) -> queues.get(queue) == null || visitor.visit(queue, first, end));
        }
    }

    /** How many bytes the records of a queue in a sealed segment have, each counted as the queue's own. */
    public long bytesIn(long segmentNumber, long queue) {
        Segment found = segments.byNumber(segmentNumber);
        return found == null ? 0 : found.bytesOf(queue);
    }

    /** How many queues there are. */
    public int queueCount() {
        return queues.size();
    }

    /** Forgets a segment's entries. */
    void removeSegment(Segment removed) {
        removed.forEachQueue((queue, first, end) -> {
            QueueState state = queues.get(queue);
            if (state != null) {
                state.removePart(removed.number());
            }
            return true;
        });
    }

    /**
     * Forgets what a segment keeps no more.
     *
     * @param before the queues that it may have had entries of
     */
    void cleaned(Segment segment, SegmentIndex before, CleanedIndex after) {
        before.forEach((queue, first, end) -> {
            QueueState state = queues.get(queue);
            if (state != null) {
                cleaned(state, segment, after);
            }
            return true;
        });
    }

    /** The same in recovery, when its files may be cleaned already: they tell of no queue that has gone. */
    void cleanedAgain(Segment segment, CleanedIndex after) {
        queues.forEach(state -> cleaned(state, segment, after));
    }

    private static void cleaned(QueueState state, Segment segment, CleanedIndex after) {
        CleanedIndex.Row kept = after.run(state.number());
        if (kept == null) {
            state.removePart(segment.number());
        } else {
            state.movePart(segment.number(), kept.base());
        }
    }

    /** The first offset from which on the records of a queue have no more than so many bytes together. */
    public long lastWithin(long queue, long bytes) {
        QueueState state = queues.get(queue);
        if (state == null) {
            return 0;
        }
        long end = state.end();
        long[] parts = state.partsToSave();
        long left = bytes;
        for (int i = parts.length - 1; i >= 0; i--) {
            Segment holder = segments.byNumber(QueueState.segment(parts[i]));
            long here = holder == null ? 0 : holder.bytesOf(queue);
            if (here > left) {
                long below = i + 1 < parts.length ? QueueState.base(parts[i + 1]) : end;
                return skip(queue, QueueState.base(parts[i]), below, here - left);
            }
            left -= here;
        }
        return state.start();
    }

    /** The offset behind the first entries that have so many bytes together. */
    private long skip(long queue, long from, long below, long bytes) {
        long[] left = {bytes};
        long[] next = {below};
        scan(queue, from, Integer.MAX_VALUE, below, new Entry(), (offset, entry) -> {
            next[0] = left[0] > 0 ? below : offset;
            left[0] -= entry.size;
            return next[0] == below;
        });
        return next[0];
    }

    /** Whether a queue is known. */
    boolean has(long queue) {
        return queues.get(queue) != null;
    }

    /** Forgets all entries in segments that are not kept; for an index that was lost. */
    void removeSegments(LongPredicate lost) {
        queues.forEach(state -> {
            for (long part : state.partsToSave()) {
                if (lost.test(QueueState.segment(part))) {
                    state.removePart(QueueState.segment(part));
                }
            }
        });
    }

    /** Lets go of the runs of an index whose file is written. */
    void rest(OpenIndex finished) {
        for (OpenIndex.OpenRun run : finished.sortedRuns()) {
            QueueState state = queues.get(run.number());
            if (state != null) {
                state.rest(run);
            }
        }
    }

    /** All queues as they are now, with the open segment's index empty. */
    StateImage image() {
        Longs all = new Longs();
        int[] count = {0};
        queues.forEach(state -> {
            count[0]++;
            all.add(state.number());
            all.add(state.end());
            state.addPartsTo(all);
        });
        return out -> {
            out.writeInt(count[0]);
            all.write(out);
        };
    }

    /** Reads what {@link #image} wrote into an empty index. */
    void load(DataInput in) throws IOException {
        int count = in.readInt();
        for (int i = 0; i < count; i++) {
            long number = in.readLong();
            long end = in.readLong();
            long[] parts = new long[(int) in.readLong()];
            for (int part = 0; part < parts.length; part++) {
                parts[part] = in.readLong();
            }
            queues.put(QueueState.restored(number, end, parts));
        }
    }

    /** Takes entries in order. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * Takes one entry.
         *
         * @param entry valid during the call only
         * @return whether to go on
         */
        boolean visit(long offset, Entry entry);
    }

    /** Takes the queues of a segment. */
    @FunctionalInterface
    public interface SegmentQueueVisitor {
        /**
         * Takes one queue, whose offsets in the segment are all in [first, end); in a cleaned segment there are fewer.
         *
         * @return whether to go on
         */
        boolean visit(long queue, long first, long end);
    }

    /** One index entry, filled by a read. Belongs to its reader. */
    public static final class Entry {
        long position;
        int size;
        int tagHash;
        int flags;
        long expiresAt;

        /** Log position of the record. */
        public long position() {
            return position;
        }

        /** Size of the record, bytes. */
        public int size() {
            return size;
        }

        public int tagHash() {
            return tagHash;
        }

        /** 0 to 65535. */
        public int flags() {
            return flags;
        }

        /** ms since the epoch; 0 for never. */
        public long expiresAt() {
            return expiresAt;
        }
    }
}
