/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** The queue entries of one segment. Reads are safe from any thread and wait for nobody. */
interface SegmentIndex {
    /** The queue's entries in this segment, or null if it has none. */
    @Nullable
    Run run(long queue);

    /**
     * Visits its queues in order of their number, until the visitor says no.
     *
     * @return false if the index was closed before: look the segment up again
     */
    boolean forEach(QueueIndex.SegmentQueueVisitor visitor);

    /**
     * Visits the places of records with a key of this hash, relative to the segment's start, the newest first, until
     * the visitor says no.
     *
     * @return false if the visitor said no
     */
    boolean findKey(int hash, IntPredicate visitor);

    /** The rows of all keys, sorted; see {@link SegmentKeys}. Only when nothing is added any more. */
    long[] sortedKeys();

    /** Lets go of what it holds. Readers that are inside finish first. */
    void close();

    /** The entries of one queue, in the order of their offsets; a cleaned segment's have gaps. */
    interface Run {
        /** What {@link #from} answers when the index was closed meanwhile. */
        long CLOSED = -1;

        /** Queue offset of the first. */
        long base();

        /** The offset behind the last. */
        long end();

        /** The first offset at or after the given one that has an entry; {@link #end} if none has, or CLOSED. */
        long from(long offset);

        /**
         * Reads the entry at an offset that has one.
         *
         * @return false if the index was closed meanwhile: look the segment up again
         * @throws StorageException CORRUPT if it is damaged
         */
        boolean read(long offset, QueueIndex.Entry into);

        /** How many bytes their records have. */
        long bytes();
    }

    /** Stands for an index that is lost: the segment's messages are not reachable through their queues. */
    SegmentIndex NONE = new SegmentIndex() {
        @Override
        public @Nullable Run run(long queue) {
            return null;
        }

        @Override
        public boolean forEach(QueueIndex.SegmentQueueVisitor visitor) {
            return true;
        }

        @Override
        public boolean findKey(int hash, IntPredicate visitor) {
            return true;
        }

        @Override
        public long[] sortedKeys() {
            return new long[0];
        }

        @Override
        public void close() {
            // It holds nothing.
        }
    };
}
