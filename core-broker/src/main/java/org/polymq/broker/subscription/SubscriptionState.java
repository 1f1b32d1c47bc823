/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

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

    /**
     * One queue that the subscription reads.
     *
     * @param queue the log's number of the queue
     * @param filter the filter that the queue stands for; empty for a queue of a topic
     */
    record Cursor(long queue, String filter, AckState done) {}
}
