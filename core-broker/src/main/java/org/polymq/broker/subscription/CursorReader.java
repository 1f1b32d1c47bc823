/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import org.polymq.broker.subscription.SubscriptionState.Cursor;
import org.polymq.storage.QueueIndex;

/**
 * Reads one queue of a subscription forward, past what was done when reading began. Guarded by its dispatcher's
 * monitor.
 */
final class CursorReader {
    private final QueueIndex index;
    private final long queue;
    private final AckState doneBefore;
    private final QueueIndex.Entry head = new QueueIndex.Entry();
    private long next;
    private boolean headLoaded;

    CursorReader(QueueIndex index, Cursor cursor) {
        this.index = index;
        this.queue = cursor.queue();
        this.doneBefore = cursor.done().copy();
        this.next = doneBefore.floor();
    }

    long queue() {
        return queue;
    }

    /** Whether there is a next message; {@link #head} and {@link #offset} are about it. */
    boolean hasNext() {
        while (!headLoaded) {
            if (doneBefore.isDone(next)) {
                next++;
                continue;
            }
            if (index.get(queue, next, head)) {
                headLoaded = true;
                break;
            }
            long behind = firstFrom(next);
            if (behind < 0) {
                return false;
            }
            next = behind;
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
        return doneBefore.count(next);
    }

    void advance() {
        next++;
        headLoaded = false;
    }
}
