/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.util.function.LongConsumer;
import java.util.function.LongPredicate;

/**
 * Says what of a segment is still needed, as of the record that is being applied: a function of the state alone, so
 * that it is the same in recovery and on every replica.
 */
public interface Liveness {
    /**
     * Tells which offsets of a queue are needed.
     *
     * @param first the first that may be in the segment
     * @param end the offset behind the last that may be
     * @param needed takes ranges within [first, end), rising, none twice
     */
    void offsets(long queue, long first, long end, Offsets needed);

    /**
     * Tells the log positions of records that are needed whatever queue they are in; within [start, end), any order.
     */
    void positions(long start, long end, LongConsumer needed);

    /**
     * Called after the others, with what they keep: tells records that those rest on, and forgets what rested on
     * records that go.
     */
    default void dependents(long start, long end, LongPredicate kept, LongConsumer needed) {
        // No record rests on another.
    }

    /** Takes ranges of offsets. */
    @FunctionalInterface
    interface Offsets {
        void range(long start, long end);
    }
}
