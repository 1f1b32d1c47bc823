/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import org.jspecify.annotations.Nullable;
import org.polymq.broker.subscription.SubscriptionState.Cursor;
import org.polymq.storage.QueueIndex;

/**
 * Reads one queue of a subscription, past what was done or taken by a reader before: higher priorities first, each in
 * the order of the log. Guarded by its dispatcher's monitor.
 */
final class CursorReader {
    private final QueueIndex index;
    private final Cursor cursor;
    private final long queue;
    /** Done before the dispatcher was made, or taken since: shared by all readers of the queue. */
    private final AckState taken;

    private final Lane main;
    /** By priority; null for those without messages. */
    private final @Nullable Lane[] lanes = new @Nullable Lane[PriorityLanes.COUNT];

    private int knownLanes;
    private @Nullable Lane best;

    /** @param taken what is done or taken: a copy that all readers of this queue share */
    CursorReader(QueueIndex index, Cursor cursor, AckState taken) {
        this.index = index;
        this.cursor = cursor;
        this.queue = cursor.queue();
        this.taken = taken;
        this.main = new Lane(queue, true, taken.floor());
        cursor.findLanes(index);
    }

    long queue() {
        return queue;
    }

    /** One order of reading: the queue's own, or that of one priority. */
    private final class Lane {
        private final long number;
        private final boolean own;
        private final QueueIndex.Entry entry = new QueueIndex.Entry();
        private long next;
        /** The offset in the queue's own order. */
        private long offset;

        private boolean loaded;

        Lane(long number, boolean own, long from) {
            this.number = number;
            this.own = own;
            this.next = from;
        }

        /** Finds its next message that nobody has taken. */
        boolean find() {
            while (true) {
                if (loaded) {
                    if (!taken.isDone(offset)) {
                        return true;
                    }
                    move();
                }
                if (own) {
                    next = taken.firstNotDone(next);
                }
                if (!index.get(number, next, entry)) {
                    long behind = firstFrom(number, next);
                    if (behind < 0) {
                        return false;
                    }
                    next = behind;
                    continue;
                }
                if (own && isInLane(entry)) {
                    next++;
                    continue;
                }
                offset = own ? next : index.firstAtOrAfter(queue, entry.position());
                loaded = true;
            }
        }

        void move() {
            next++;
            loaded = false;
        }
    }

    /** Whether a message is found in its lane; where that entry is damaged it keeps the queue's own order. */
    private boolean isInLane(QueueIndex.Entry entry) {
        if (!PriorityLanes.isLaned(entry.flags())) {
            return false;
        }
        long lane = PriorityLanes.queue(queue, PriorityLanes.priority(entry.flags()));
        QueueIndex.Entry same = new QueueIndex.Entry();
        return index.get(lane, index.firstAtOrAfter(lane, entry.position()), same)
                && same.position() == entry.position();
    }

    /** The first entry at or after the offset: retention and damaged index entries leave gaps. -1 if there is none. */
    private long firstFrom(long number, long offset) {
        if (offset >= index.end(number)) {
            return -1;
        }
        long[] found = {-1};
        index.scan(number, Math.max(offset, index.start(number)), 1, (at, entry) -> {
            found[0] = at;
            return false;
        });
        return found[0];
    }

    /**
     * Whether there is a next message below this log position; {@link #head}, {@link #rank} and {@link #offset} are
     * about it.
     */
    boolean hasNext(long below) {
        int has = cursor.lanes();
        if (has != knownLanes) {
            openLanes(has);
        }
        best = null;
        for (int priority = PriorityLanes.COUNT - 1; priority >= 0 && best == null; priority--) {
            Lane lane = priority == PriorityLanes.ORDINARY ? main : lanes[priority];
            if (lane != null && lane.find() && lane.entry.position() < below) {
                best = lane;
            }
        }
        return best != null;
    }

    private void openLanes(int has) {
        knownLanes = has;
        for (int priority = 0; priority < PriorityLanes.COUNT; priority++) {
            if ((has >> priority & 1) != 0 && lanes[priority] == null) {
                long number = PriorityLanes.queue(queue, priority);
                lanes[priority] = new Lane(number, false, index.firstAtOrAfter(number, oldest()));
            }
        }
    }

    /** The log position of the oldest message that is not done: none of a lane that is needed is before it. */
    private long oldest() {
        long first = firstFrom(queue, taken.firstNotDone(taken.floor()));
        QueueIndex.Entry entry = new QueueIndex.Entry();
        return first >= 0 && index.get(queue, first, entry) ? entry.position() : 0;
    }

    private Lane best() {
        if (best == null) {
            throw new IllegalStateException("there is no next message");
        }
        return best;
    }

    /** Whether the next message, found by {@link #hasNext}, is the one at this log position. */
    boolean isAt(long position) {
        return best != null && best.entry.position() == position;
    }

    QueueIndex.Entry head() {
        return best().entry;
    }

    long rank() {
        QueueIndex.Entry head = head();
        return PriorityLanes.rank(head.flags(), head.position());
    }

    long offset() {
        return best().offset;
    }

    /** How often the next message was handed to an application before. */
    int count() {
        return taken.count(offset());
    }

    /** Takes the next message: no reader of this queue finds it again. */
    void take() {
        long offset = offset();
        taken.finish(offset, offset + 1);
        skip();
    }

    /** Leaves the next message to other readers. */
    void skip() {
        best().move();
        best = null;
    }
}
