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
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.disk.Cursor;
import org.polymq.broker.disk.DiskMap;
import org.polymq.broker.disk.Keys;
import org.polymq.broker.disk.NeededPositions;
import org.polymq.broker.message.MessageRecord;
import org.polymq.broker.publish.Stored;
import org.polymq.broker.state.RecordType;
import org.polymq.broker.state.View;

/**
 * The messages that wait, in the order in which they are due; as many as the disk holds. Changed by apply; safe to read
 * from any thread.
 */
public final class TimersView implements View {
    private final DiskMap map;
    private final NeededPositions needed;
    private final AtomicLong size = new AtomicLong();
    private final LongAdder staged = new LongAdder();
    private final LongAdder ended = new LongAdder();
    /** See {@link #takeEarliestAdded}. */
    private final AtomicLong earliestAdded = new AtomicLong(Long.MAX_VALUE);

    private volatile LongConsumer listener = due -> {};

    public TimersView(DiskMap map, NeededPositions needed) {
        this.map = map;
        this.needed = needed;
    }

    /** Told when a timer was added in the course of normal work, on the appending thread; must not block. */
    void onAdded(LongConsumer told) {
        listener = told;
    }

    /** The record of its end: type 1, due 8, log position 8. */
    static ByteBuffer ended(PendingTimer timer) {
        return ByteBuffer.allocate(17)
                .put(RecordType.TIMER_ENDED.code())
                .putLong(timer.due())
                .putLong(timer.position())
                .flip();
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

    /**
     * What a search found.
     *
     * @param due what is due, the earliest first, and what is due at the same time in the order of storing
     * @param next the first that is not due, or null if there is none or the search had enough before
     */
    record Found(List<PendingTimer> due, @Nullable PendingTimer next) {}

    /**
     * What is due at a time (ms since the epoch), at most so many, beginning with one that may be gone. May wait for
     * the disk.
     */
    Found due(PendingTimer from, long now, int most) {
        List<PendingTimer> due = new ArrayList<>();
        PendingTimer next = null;
        try (Cursor cursor = map.cursor()) {
            boolean more = cursor.seek(Keys.of(Keys.TIMER, from.due(), from.position()));
            while (more && due.size() < most && isTimer(cursor)) {
                PendingTimer timer = new PendingTimer(Keys.number(cursor.key(), 1), Keys.number(cursor.key(), 9));
                if (timer.due() > now) {
                    next = timer;
                    break;
                }
                due.add(timer);
                more = cursor.next();
            }
        }
        return new Found(due, next);
    }

    /**
     * When the earliest of those is due that were added since this was last called, ms since the epoch;
     * {@link Long#MAX_VALUE} if none was. A search that begins later would miss it.
     */
    long takeEarliestAdded() {
        return earliestAdded.getAndSet(Long.MAX_VALUE);
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

    /** Those that wait behind one, which may be gone, the earliest first; at most so many. May wait for the disk. */
    List<PendingTimer> after(PendingTimer last, int most) {
        List<PendingTimer> waiting = new ArrayList<>();
        try (Cursor cursor = map.cursor()) {
            boolean more = cursor.seek(Keys.of(Keys.TIMER, last.due(), last.position() + 1));
            while (more && waiting.size() < most && isTimer(cursor)) {
                waiting.add(new PendingTimer(Keys.number(cursor.key(), 1), Keys.number(cursor.key(), 9)));
                more = cursor.next();
            }
        }
        return waiting;
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
        earliestAdded.accumulateAndGet(due, Math::min);
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
        earliestAdded.set(0);
    }
}
