/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.timer;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Timers that end together, in one entry of the log.
 *
 * @param due when the first of them was due, ms since the epoch
 * @param records for each the end of its wait and, right behind it, the message as it is seen
 * @param bytes how long the records are together with what the log adds, at most
 */
record TimerBatch(long due, List<ByteBuffer> records, int bytes) {
    /** So that others who append meanwhile wait some milliseconds at most. */
    private static final int MOST = 512;

    private static final int MOST_BYTES = 512 << 10;
    /** More than the log adds to an entry and to a record. */
    private static final int ENTRY_OVERHEAD = 128;

    private static final int RECORD_OVERHEAD = 16;
    /** More than the record of a wait's end takes. */
    private static final int END = 32;

    private static final int OVERHEAD = END + 2 * RECORD_OVERHEAD;

    TimerBatch {
        records = List.copyOf(records);
    }

    /** The largest batch where the log's largest entry is of so many bytes. */
    static int mostBytes(int maxEntrySize) {
        return Math.min(MOST_BYTES, maxEntrySize - ENTRY_OVERHEAD);
    }

    /** The largest message that an entry takes together with the end of its wait, bytes. */
    static int largestMessage(int maxEntrySize) {
        return maxEntrySize - ENTRY_OVERHEAD - OVERHEAD;
    }

    /**
     * Takes the next batch out of those that are due, of which there is one at least; a message that is larger than the
     * most goes alone.
     *
     * @param visible gives the message's record, null if it is lost; a timer whose message fails stays with those due
     */
    static TimerBatch next(
            Deque<PendingTimer> due, Function<PendingTimer, @Nullable ByteBuffer> visible, int mostBytes) {
        long first = due.element().due();
        List<ByteBuffer> records = new ArrayList<>();
        int bytes = 0;
        for (int count = 0; count < MOST && !due.isEmpty(); count++) {
            PendingTimer timer = due.element();
            ByteBuffer message = visible.apply(timer);
            int size = OVERHEAD + (message == null ? 0 : message.remaining());
            if (bytes > 0 && bytes + size > mostBytes) {
                break;
            }
            due.remove();
            bytes += size;
            records.add(TimersView.ended(timer));
            if (message != null) {
                records.add(message);
            }
        }
        return new TimerBatch(first, records, bytes);
    }
}
