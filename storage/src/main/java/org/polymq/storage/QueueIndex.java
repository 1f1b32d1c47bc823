/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

/**
 * Maps a queue's offsets to log positions. A queue is any number that the state machine chooses.
 *
 * <p>{@link #append} and {@link #remove} are for the state machine's apply only. All else is safe from any thread and
 * waits for nobody.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class QueueIndex {
    QueueIndex() {}

    /**
     * Adds an entry at the queue's end.
     *
     * @param position the record's log position
     * @param size the record's size, bytes
     * @param flags 16 bits, free for the caller
     * @param expiresAt ms since the epoch, 0 for never; 48 bits
     * @return the queue offset given; a new queue's first is 0
     */
    public long append(long queue, long position, int size, int tagHash, int flags, long expiresAt) {
        throw new UnsupportedOperationException();
    }

    /** Forgets the queue whole. */
    public void remove(long queue) {
        throw new UnsupportedOperationException();
    }

    /** The queue's first offset kept; 0 for an unknown queue. */
    public long start(long queue) {
        throw new UnsupportedOperationException();
    }

    /** The offset that its next entry gets; 0 for an unknown queue. */
    public long end(long queue) {
        throw new UnsupportedOperationException();
    }

    /** Reads one entry; false if there is none at the offset. */
    public boolean get(long queue, long offset, Entry into) {
        throw new UnsupportedOperationException();
    }

    /**
     * Visits entries in order from the offset on; gaps of removed segments are skipped.
     *
     * @param max how many at most
     * @return how many were visited
     */
    public int scan(long queue, long from, int max, Visitor visitor) {
        throw new UnsupportedOperationException();
    }

    /** The smallest offset whose position is at or after the given one, or the queue's end. */
    public long firstAtOrAfter(long queue, long position) {
        throw new UnsupportedOperationException();
    }

    /** Visits the queues that have entries in a sealed segment, in order of their number. */
    public void forEachQueueIn(long segmentNumber, SegmentQueueVisitor visitor) {
        throw new UnsupportedOperationException();
    }

    /** How many queues there are. */
    public int queueCount() {
        throw new UnsupportedOperationException();
    }

    /** Takes entries in order. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * Takes one entry.
         *
         * @param entry valid during the call only
         * @return whether to go on
         */
        boolean visit(long offset, Entry entry);
    }

    /** Takes the queues of a segment. */
    @FunctionalInterface
    public interface SegmentQueueVisitor {
        void visit(long queue, long firstOffset, int count);
    }

    /** One index entry, filled by a read. Belongs to its reader. */
    public static final class Entry {
        long position;
        int size;
        int tagHash;
        int flags;
        long expiresAt;

        /** Log position of the record. */
        public long position() {
            return position;
        }

        /** Size of the record, bytes. */
        public int size() {
            return size;
        }

        public int tagHash() {
            return tagHash;
        }

        /** 0 to 65535. */
        public int flags() {
            return flags;
        }

        /** ms since the epoch; 0 for never. */
        public long expiresAt() {
            return expiresAt;
        }
    }
}
