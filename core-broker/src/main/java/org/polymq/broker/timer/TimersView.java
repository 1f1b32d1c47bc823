/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.timer;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.disk.Cursor;
import org.polymq.broker.disk.DiskMap;
import org.polymq.broker.disk.Keys;
import org.polymq.broker.disk.NeededPositions;
import org.polymq.broker.message.MessageRecord;
import org.polymq.broker.publish.Stored;
import org.polymq.broker.state.ControlRecord;
import org.polymq.broker.state.RecordType;
import org.polymq.broker.state.View;

/**
 * The messages that wait, in the order in which they are due; as many as the disk holds. Changed by apply; safe to read
 * from any thread, {@link #due} and {@link #nextDue} from one.
 */
public final class TimersView implements View {
    private final DiskMap map;
    private final NeededPositions needed;
    private final AtomicLong size = new AtomicLong();
    private final LongAdder staged = new LongAdder();
    private final LongAdder ended = new LongAdder();
    /** Nothing is due before: searches begin here, past what has gone. Guarded by this. */
    private long earliest;
    /** The earliest that came since the last search began; likewise. */
    private long earliestAdded;

    private volatile LongConsumer listener = due -> {};

    public TimersView(DiskMap map, NeededPositions needed) {
        this.map = map;
        this.needed = needed;
    }

    /** Told when a timer was added in the course of normal work, on the appending thread; must not block. */
    void onAdded(LongConsumer told) {
        listener = told;
    }

    static ByteBuffer ended(PendingTimer timer) {
        return ControlRecord.of(RecordType.TIMER_ENDED, out -> {
            out.writeLong(timer.due());
            out.writeLong(timer.position());
        });
    }

    /** How many wait. */
    public long size() {
        return size.get();
    }

    /** How many waits were applied since this process began. */
    long staged() {
        return staged.sum();
    }

    /** How many waits have ended since this process began. */
    long ended() {
        return ended.sum();
    }

    /** What is due at a time (ms since the epoch), the earliest first, at most so many. May wait for the disk. */
    List<PendingTimer> due(long now, int most) {
        List<PendingTimer> due = new ArrayList<>();
        first(timer -> {
            if (timer.due() > now || due.size() == most) {
                return false;
            }
            due.add(timer);
            return true;
        });
        return due;
    }

    /** When the next one is due, ms since the epoch; {@link Long#MAX_VALUE} if none waits. May wait for the disk. */
    long nextDue() {
        long[] next = {Long.MAX_VALUE};
        first(timer -> {
            next[0] = timer.due();
            return false;
        });
        return next[0];
    }

    /** Those due at exactly this time whose message's id has this hash. May wait for the disk. */
    List<PendingTimer> find(long due, int idHash) {
        List<PendingTimer> found = new ArrayList<>();
        try (Cursor cursor = map.cursor()) {
            boolean more = cursor.seek(Keys.of(Keys.TIMER, due));
            while (more && isTimer(cursor) && Keys.number(cursor.key(), 1) == due) {
                if (ByteBuffer.wrap(cursor.value()).getInt() == idHash) {
                    found.add(new PendingTimer(due, Keys.number(cursor.key(), 9)));
                }
                more = cursor.next();
            }
        }
        return found;
    }

    private interface Visitor {
        boolean timer(PendingTimer timer);
    }

    /** Visits timers from the earliest on until the visitor has enough. For the one who delivers. */
    private void first(Visitor visitor) {
        long start = Long.MAX_VALUE;
        long from = beginSearch();
        try (Cursor cursor = map.cursor()) {
            boolean more = cursor.seek(Keys.of(Keys.TIMER, from));
            while (more && isTimer(cursor)) {
                PendingTimer timer = new PendingTimer(Keys.number(cursor.key(), 1), Keys.number(cursor.key(), 9));
                start = Math.min(start, timer.due());
                if (!visitor.timer(timer)) {
                    break;
                }
                more = cursor.next();
            }
        }
        endSearch(start);
    }

    private synchronized long beginSearch() {
        earliestAdded = Long.MAX_VALUE;
        return earliest;
    }

    private synchronized void endSearch(long found) {
        earliest = Math.min(found, earliestAdded);
    }

    private synchronized void added(long due) {
        earliest = Math.min(earliest, due);
        earliestAdded = Math.min(earliestAdded, due);
    }

    private static boolean isTimer(Cursor cursor) {
        return cursor.key()[0] == Keys.TIMER;
    }

    /**
     * Applies a message that waits; answers a {@link Stored} at offset 0.
     *
     * @param live whether this is normal work, not recovery
     */
    public Object applyStaged(long position, long storeTime, ByteBuffer record, boolean live) {
        long due = TimerRecord.due(record);
        map.put(
                Keys.of(Keys.TIMER, due, position),
                ByteBuffer.allocate(4).putInt(TimerRecord.idHash(record)).array());
        needed.add(position);
        size.incrementAndGet();
        staged.increment();
        added(due);
        if (live) {
            listener.accept(due);
        }
        return new Stored(position, MessageRecord.queueId(TimerRecord.message(record)), 0, storeTime);
    }

    /** Applies the end of a wait; answers true, or the refusal if it ended before. */
    public Object applyEnded(DataInput in) throws IOException {
        long due = in.readLong();
        long position = in.readLong();
        byte[] key = Keys.of(Keys.TIMER, due, position);
        if (map.get(key) == null) {
            return new BrokerException(
                    Reason.OFFSET_OUT_OF_RANGE,
                    "no message waits at log position " + position + ": it was delivered or recalled");
        }
        map.removeUnique(key);
        needed.remove(position);
        size.decrementAndGet();
        ended.increment();
        return true;
    }

    @Override
    public void save(DataOutput out) throws IOException {
        out.writeLong(size.get());
    }

    @Override
    public void load(DataInput in) throws IOException {
        size.set(in.readLong());
        endSearch(0);
    }
}
