/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.roaringbitmap.RoaringBitmap;

/**
 * What of one queue a subscription is done with: everything below a floor, and a compressed bitmap above it. Changed by
 * apply, read by dispatchers: guarded by its monitor.
 */
final class AckState {
    private static final long REBASE_AFTER = 1L << 30;

    private long floor;
    /** Offset that bit 0 of {@link #done} stands for; at most the floor. */
    private long base;

    private final RoaringBitmap done;
    /** How often a message was handed to an application, where that is more than never. */
    private final Map<Long, Integer> counts = new HashMap<>();
    /** From when on a message that came back may be delivered, ms since the epoch, where that is not at once. */
    private final Map<Long, Long> waiting = new HashMap<>();
    /** What prepared transactions acknowledge, not done yet: start by end, without overlaps. Not saved here. */
    private final TreeMap<Long, Long> locked = new TreeMap<>();

    AckState(long floor) {
        this(floor, floor, new RoaringBitmap());
    }

    private AckState(long floor, long base, RoaringBitmap done) {
        this.floor = floor;
        this.base = base;
        this.done = done;
    }

    /** Every offset below is done. */
    synchronized long floor() {
        return floor;
    }

    synchronized boolean isDone(long offset) {
        return offset < floor || done.contains((int) (offset - base));
    }

    /** The first offset from this one on that is not done. */
    synchronized long firstNotDone(long offset) {
        if (offset < floor) {
            return floor;
        }
        if (done.isEmpty()) {
            return offset;
        }
        return base + (done.nextAbsentValue((int) (offset - base)) & 0xffffffffL);
    }

    /** Whether everything in [start, end) is done. */
    synchronized boolean isDone(long start, long end) {
        long from = Math.max(start, floor);
        return from >= end || done.contains(from - base, end - base);
    }

    /** Adds what of [start, end) is not done to a bitmap, less start. */
    synchronized void addNotDone(long start, long end, RoaringBitmap into) {
        long from = firstNotDone(start);
        while (from < end) {
            long next = done.isEmpty() ? -1 : done.nextValue((int) (from - base));
            long to = next < 0 ? end : Math.min(end, base + next);
            into.add(from - start, to - start);
            from = firstNotDone(to);
        }
    }

    /** How many of the offsets below {@code end} are not done. */
    synchronized long pending(long end) {
        return end <= floor ? 0 : end - floor - done.getLongCardinality();
    }

    synchronized int count(long offset) {
        return counts.getOrDefault(offset, 0);
    }

    /** Marks [start, end) as done; what was done already stays so. */
    synchronized void finish(long start, long end) {
        if (end <= floor) {
            return;
        }
        long from = Math.max(start, floor);
        forget(counts, from, end);
        forget(waiting, from, end);
        if (from > floor) {
            done.add(from - base, end - base);
            return;
        }
        floor = end;
        if (!done.isEmpty()) {
            long next = done.nextAbsentValue((int) (floor - base)) & 0xffffffffL;
            done.remove(0, next);
            floor = base + next;
        }
        if (floor - base > REBASE_AFTER || done.isEmpty()) {
            rebase();
        }
    }

    synchronized void count(long offset, int count) {
        if (!isDone(offset)) {
            counts.merge(offset, count, Math::max);
        }
    }

    /** A message that came back may be delivered from then on, ms since the epoch; 0 is at once. */
    synchronized void waits(long offset, long until) {
        if (until == 0 || isDone(offset)) {
            waiting.remove(offset);
        } else {
            waiting.put(offset, until);
        }
    }

    /** From when on messages may be delivered, by offset, of those that wait longer than this time. */
    synchronized Map<Long, Long> waitingLongerThan(long time) {
        if (waiting.isEmpty()) {
            return Map.of();
        }
        Map<Long, Long> longer = new TreeMap<>(waiting);
        longer.values().removeIf(until -> until <= time);
        return longer;
    }

    /** Whether nothing in [start, end) is done or locked. */
    synchronized boolean isFree(long start, long end) {
        Map.Entry<Long, Long> before = locked.lowerEntry(end);
        if (start < floor || (before != null && before.getValue() > start)) {
            return false;
        }
        return done.isEmpty() || done.rangeCardinality(start - base, end - base) == 0;
    }

    /** The first offset that a prepared transaction acknowledges; {@link Long#MAX_VALUE} if there is none. */
    synchronized long firstLocked() {
        return locked.isEmpty() ? Long.MAX_VALUE : locked.firstKey();
    }

    /** A prepared transaction acknowledges [start, end), which is free. */
    synchronized void lock(long start, long end) {
        locked.put(start, end);
    }

    /** A prepared transaction has ended: what it locked is done, or was handed to an application once more. */
    synchronized void unlock(long start, long end, boolean finished) {
        locked.remove(start, end);
        if (finished) {
            finish(start, end);
            return;
        }
        for (long offset = start; offset < end; offset++) {
            count(offset, count(offset) + 1);
        }
    }

    /** A copy that a dispatcher can keep for itself: what is locked counts as done there. */
    synchronized AckState copyForReading() {
        AckState copy = copy();
        locked.forEach(copy::finish);
        return copy;
    }

    /** A copy without locks. */
    synchronized AckState copy() {
        AckState copy = new AckState(floor, base, done.clone());
        copy.counts.putAll(counts);
        copy.waiting.putAll(waiting);
        return copy;
    }

    synchronized void save(DataOutput out) throws IOException {
        out.writeLong(floor);
        out.writeLong(base);
        done.runOptimize();
        done.serialize(out);
        out.writeInt(counts.size());
        for (Map.Entry<Long, Integer> count : counts.entrySet()) {
            out.writeLong(count.getKey());
            out.writeInt(count.getValue());
        }
        out.writeInt(waiting.size());
        for (Map.Entry<Long, Long> wait : waiting.entrySet()) {
            out.writeLong(wait.getKey());
            out.writeLong(wait.getValue());
        }
    }

    static AckState load(DataInput in) throws IOException {
        long floor = in.readLong();
        long base = in.readLong();
        RoaringBitmap done = new RoaringBitmap();
        done.deserialize(in);
        AckState state = new AckState(floor, base, done);
        for (int n = in.readInt(); n > 0; n--) {
            state.counts.put(in.readLong(), in.readInt());
        }
        for (int n = in.readInt(); n > 0; n--) {
            state.waiting.put(in.readLong(), in.readLong());
        }
        return state;
    }

    private static void forget(Map<Long, ?> notes, long start, long end) {
        if (end - start <= notes.size()) {
            for (long offset = start; offset < end; offset++) {
                notes.remove(offset);
            }
        } else {
            notes.keySet().removeIf(offset -> offset >= start && offset < end);
        }
    }

    private void rebase() {
        if (done.isEmpty()) {
            base = floor;
            return;
        }
        RoaringBitmap moved = RoaringBitmap.addOffset(done, base - floor);
        done.clear();
        done.or(moved);
        base = floor;
    }
}
