/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * One queue: its end, and the segments that hold its entries. At rest it costs about 56 bytes if it is in one segment,
 * and 8 more for each further one.
 *
 * <p>Written under the append lock. A reader that reads the end first finds everything below it.
 */
final class QueueState implements LongTable.Numbered {
    private static final VarHandle END;
    private static final VarHandle RUN;
    private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int SEGMENT_BITS = 24;
    private static final long[] NOWHERE = {0};

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            END = lookup.findVarHandle(QueueState.class, "end", long.class);
            RUN = lookup.findVarHandle(QueueState.class, "run", OpenIndex.OpenRun.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long number;
    private final long firstBase;
    private final int firstSegment;

    @SuppressWarnings("unused") // through END
    private long end;

    /** Where new entries go, or the newest segment's entries until its index file is written. */
    private volatile OpenIndex.@Nullable OpenRun run;

    /** Null while only the first segment counts; else the count, then base offset and segment of each part, rising. */
    private volatile long @Nullable [] parts;

    /** A queue whose entries begin in the segment at the base offset. */
    QueueState(long number, long firstSegment, long base) {
        pack(base, firstSegment);
        this.number = number;
        this.firstBase = base;
        this.firstSegment = (int) firstSegment;
        END.setRelease(this, base);
    }

    /** A saved queue; {@code parts} are those of {@link #partsToSave}. */
    static QueueState restored(long number, long end, long[] parts) {
        QueueState state;
        if (parts.length == 1) {
            state = new QueueState(number, segment(parts[0]), base(parts[0]));
        } else {
            state = new QueueState(number, 0, 0);
            long[] counted = new long[parts.length + 1];
            counted[0] = parts.length;
            System.arraycopy(parts, 0, counted, 1, parts.length);
            state.parts = counted;
        }
        state.end(end);
        return state;
    }

    private static long pack(long base, long segment) {
        if (segment >= 1L << SEGMENT_BITS || base >= 1L << (63 - SEGMENT_BITS)) {
            throw new IllegalStateException("segment " + segment + " or offset " + base + " is too large to index");
        }
        return base << SEGMENT_BITS | segment;
    }

    static long base(long part) {
        return part >>> SEGMENT_BITS;
    }

    static long segment(long part) {
        return part & ((1L << SEGMENT_BITS) - 1);
    }

    @Override
    public long number() {
        return number;
    }

    long end() {
        return (long) END.getAcquire(this);
    }

    /** Shows entries below it to readers. */
    void end(long next) {
        END.setRelease(this, next);
    }

    OpenIndex.@Nullable OpenRun run() {
        return run;
    }

    void run(OpenIndex.OpenRun newest) {
        run = newest;
    }

    /** Lets go of the run if it is still the newest. From any thread. */
    void rest(OpenIndex.OpenRun finished) {
        RUN.compareAndSet(this, finished, null);
    }

    /** First offset kept. */
    long start() {
        long[] now = parts;
        if (now == null) {
            return firstBase;
        }
        return count(now) == 0 ? end() : base(now[1]);
    }

    private static int count(long[] parts) {
        return (int) (long) ELEMENT.getAcquire(parts, 0);
    }

    /** Says that the entries from the base offset on are in the segment, the newest. */
    void addPart(long base, long segment) {
        long part = pack(base, segment);
        long[] now = parts;
        if (now == null) {
            parts = new long[] {2, pack(firstBase, firstSegment), part};
            return;
        }
        int count = count(now);
        if (count + 1 == now.length) {
            long[] next = new long[now.length + Math.max(1, now.length >> 1)];
            System.arraycopy(now, 1, next, 1, count);
            next[count + 1] = part;
            next[0] = count + 1L;
            parts = next;
        } else {
            now[count + 1] = part;
            ELEMENT.setRelease(now, 0, count + 1L);
        }
    }

    /** Forgets the entries in a segment. */
    void removePart(long segment) {
        long[] now = parts;
        if (now == null) {
            if (firstSegment == segment) {
                parts = NOWHERE;
            }
            return;
        }
        int count = count(now);
        long[] next = new long[count + 1];
        int kept = 0;
        for (int i = 1; i <= count; i++) {
            if (segment(now[i]) != segment) {
                next[++kept] = now[i];
            }
        }
        if (kept < count) {
            next[0] = kept;
            parts = kept == 0 ? NOWHERE : next;
        }
    }

    /** Says at which offset the entries in a segment begin now; nothing if it has none. */
    void movePart(long segment, long base) {
        long[] now = parts;
        if (now == null) {
            if (firstSegment == segment) {
                parts = new long[] {1, pack(base, segment)};
            }
            return;
        }
        int count = count(now);
        for (int i = 1; i <= count; i++) {
            if (segment(now[i]) == segment && base(now[i]) != base) {
                long[] next = now.clone();
                next[i] = pack(base, segment);
                parts = next;
                return;
            }
        }
    }

    /** A copy of the parts, oldest first; see {@link #base} and {@link #segment}. */
    long[] partsToSave() {
        long[] now = parts;
        if (now == null) {
            return new long[] {pack(firstBase, firstSegment)};
        }
        long[] copy = new long[count(now)];
        System.arraycopy(now, 1, copy, 0, copy.length);
        return copy;
    }

    /** Adds how many parts there are, and each. */
    void addPartsTo(Longs into) {
        long[] now = parts;
        if (now == null) {
            into.add(1);
            into.add(pack(firstBase, firstSegment));
            return;
        }
        int count = count(now);
        for (int i = 0; i <= count; i++) {
            into.add(i == 0 ? count : now[i]);
        }
    }

    /** The part in the first segment at or after the given one, or -1. */
    long partFrom(long segment) {
        long[] now = parts;
        if (now == null) {
            return firstSegment >= segment ? pack(firstBase, firstSegment) : -1;
        }
        int low = 1;
        int high = count(now);
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (segment(now[middle]) < segment) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return low <= count(now) ? now[low] : -1;
    }

    /** The last part that begins at or before the offset, or -1. */
    long partHolding(long offset) {
        long[] now = parts;
        if (now == null) {
            return firstBase <= offset ? pack(firstBase, firstSegment) : -1;
        }
        int low = 1;
        int high = count(now);
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (base(now[middle]) <= offset) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high == 0 ? -1 : now[high];
    }
}
