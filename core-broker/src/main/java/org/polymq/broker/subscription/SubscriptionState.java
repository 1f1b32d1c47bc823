/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.polymq.storage.QueueIndex;

/** A subscription as the log knows it: what it reads, and what of it is done. Cursors are changed by apply only. */
final class SubscriptionState {
    private final int id;
    private final SubscriptionKey key;
    private final String attributes;
    private final Map<Long, Cursor> cursors = new ConcurrentHashMap<>();
    /** Since when it has had no consumer, ms since the epoch; 0 if it has one or nobody noted it. */
    private volatile long unusedSince;

    SubscriptionState(int id, SubscriptionKey key, String attributes) {
        this.id = id;
        this.key = key;
        this.attributes = attributes;
    }

    int id() {
        return id;
    }

    SubscriptionKey key() {
        return key;
    }

    /** What the adapter wants to find again: opaque here. */
    String attributes() {
        return attributes;
    }

    long unusedSince() {
        return unusedSince;
    }

    /** Part of apply. */
    void unusedSince(long time) {
        unusedSince = time;
    }

    /** By queue number. */
    Map<Long, Cursor> cursors() {
        return cursors;
    }

    Optional<Cursor> cursorOf(String filter) {
        return cursors.values().stream()
                .filter(cursor -> cursor.filter().equals(filter))
                .findAny();
    }

    /** One queue that the subscription reads. */
    static final class Cursor {
        private final long queue;
        private final String filter;
        private final AckState done;
        /** A bit for each priority that has a lane. */
        private final AtomicInteger lanes = new AtomicInteger();

        private volatile boolean lanesFound;

        /**
         * Made by apply.
         *
         * @param queue the log's number of the queue
         * @param filter the filter that the queue stands for; empty for a queue of a topic
         */
        Cursor(long queue, String filter, AckState done) {
            this.queue = queue;
            this.filter = filter;
            this.done = done;
        }

        long queue() {
            return queue;
        }

        String filter() {
            return filter;
        }

        AckState done() {
            return done;
        }

        int lanes() {
            return lanes.get();
        }

        /** Part of apply: a message of this priority is in its lane. */
        void laned(int priority) {
            lanes.accumulateAndGet(1 << priority, (all, bit) -> all | bit);
        }

        /** Looks once which lanes were filled before this cursor was made. */
        void findLanes(QueueIndex index) {
            if (lanesFound || !filter.isEmpty()) {
                return;
            }
            for (int priority = 0; priority < PriorityLanes.COUNT; priority++) {
                if (index.end(PriorityLanes.queue(queue, priority)) > 0) {
                    laned(priority);
                }
            }
            lanesFound = true;
        }
    }
}
