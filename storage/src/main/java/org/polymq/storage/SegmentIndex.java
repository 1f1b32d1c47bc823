/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** The queue entries of one segment. Reads are safe from any thread and wait for nobody. */
interface SegmentIndex {
    /** The queue's entries in this segment, or null if it has none. */
    @Nullable
    Run run(long queue);

    /** Visits its queues in order of their number. */
    void forEach(QueueIndex.SegmentQueueVisitor visitor);

    /**
     * Visits the places of records with a key of this hash, relative to the segment's start, the newest first, until
     * the visitor says no.
     *
     * @return false if the visitor said no
     */
    boolean findKey(int hash, IntPredicate visitor);

    /** Lets go of what it holds. Readers that are inside finish first. */
    void close();

    /** Consecutive entries of one queue. */
    interface Run {
        /** Queue offset of the first. */
        long base();

        int count();

        /**
         * Reads the entry at an index from 0 below count.
         *
         * @return false if the index was closed meanwhile: look the segment up again
         * @throws StorageException CORRUPT if it is damaged
         */
        boolean read(int index, QueueIndex.Entry into);
    }

    /** Stands for an index that is lost: the segment's messages are not reachable through their queues. */
    SegmentIndex NONE = new SegmentIndex() {
        @Override
        public @Nullable Run run(long queue) {
            return null;
        }

        @Override
        public void forEach(QueueIndex.SegmentQueueVisitor visitor) {
            // It knows of no queue.
        }

        @Override
        public boolean findKey(int hash, IntPredicate visitor) {
            return true;
        }

        @Override
        public void close() {
            // It holds nothing.
        }
    };
}
