/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import org.polymq.storage.QueueIndex;

/**
 * Reads one queue of a subscription forward, past what was done or taken by a reader before. Guarded by its
 * dispatcher's monitor.
 */
final class CursorReader {
    private final QueueIndex index;
    private final long queue;
    /** Done before the dispatcher was made, or taken since: shared by all readers of the queue. */
    private final AckState taken;

    private final QueueIndex.Entry head = new QueueIndex.Entry();
    private long next;
    private boolean headLoaded;

    CursorReader(QueueIndex index, long queue, AckState taken) {
        this.index = index;
        this.queue = queue;
        this.taken = taken;
        this.next = taken.floor();
    }

    long queue() {
        return queue;
    }

    /** Whether there is a next message; {@link #head} and {@link #offset} are about it. */
    boolean hasNext() {
        long free = taken.firstNotDone(next);
        if (free != next) {
            next = free;
            headLoaded = false;
        }
        while (!headLoaded) {
            if (index.get(queue, next, head)) {
                headLoaded = true;
                break;
            }
            long behind = firstFrom(next);
            if (behind < 0) {
                return false;
            }
            next = taken.firstNotDone(behind);
        }
        return true;
    }

    /** The first entry at or after the offset: retention and damaged index entries leave gaps. -1 if there is none. */
    private long firstFrom(long offset) {
        if (offset >= index.end(queue)) {
            return -1;
        }
        long[] found = {-1};
        index.scan(queue, Math.max(offset, index.start(queue)), 1, (at, entry) -> {
            found[0] = at;
            return false;
        });
        return found[0];
    }

    QueueIndex.Entry head() {
        return head;
    }

    long offset() {
        return next;
    }

    /** How often the next message was handed to an application before. */
    int count() {
        return taken.count(next);
    }

    /** Takes the next message: no reader of this queue finds it again. */
    void take() {
        taken.finish(next, next + 1);
        skip();
    }

    /** Leaves the next message to other readers. */
    void skip() {
        next++;
        headLoaded = false;
    }
}
