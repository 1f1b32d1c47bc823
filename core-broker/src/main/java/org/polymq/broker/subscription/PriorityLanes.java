/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Where messages of a queue that have another priority than the ordinary one are found before or after their time: each
 * priority has an index queue beside the queue's own, in which they are too. Apply fills it.
 */
public final class PriorityLanes {
    /** Messages of this priority have no lane. */
    public static final int ORDINARY = 4;

    /** Priorities are 0 to 9. */
    static final int COUNT = 10;

    /** In an index entry's flags: the message has a lane, and a priority from bit 10 on. */
    private static final int LANED = 1 << 9;

    private static final int PRIORITY_SHIFT = 10;
    private static final int LANE_SHIFT = 10;
    private static final long LANE_BITS = 0xfL << LANE_SHIFT;
    private static final int RANK_SHIFT = 59;

    private PriorityLanes() {}

    /** The log's number of a lane; queues of a topic have numbers below 1,024. */
    public static long queue(long queue, int priority) {
        return queue | (long) (priority + 1) << LANE_SHIFT;
    }

    /** The queue that a lane belongs to; any other number is its own. */
    static long mainQueue(long queue) {
        return queue & ~LANE_BITS;
    }

    /** The numbers of all lanes that a queue may have. */
    public static LongStream all(long queue) {
        return IntStream.range(0, COUNT)
                .filter(priority -> priority != ORDINARY)
                .mapToLong(priority -> queue(queue, priority));
    }

    /** The flags of the index entries of a message with this priority. */
    public static int flags(int flags, int priority) {
        return flags | LANED | priority << PRIORITY_SHIFT;
    }

    static boolean isLaned(int flags) {
        return (flags & LANED) != 0;
    }

    static int priority(int flags) {
        return isLaned(flags) ? flags >> PRIORITY_SHIFT & 0xf : ORDINARY;
    }

    /** The place of a message among others: higher priorities first, then the order of the log. */
    static long rank(int flags, long position) {
        return (long) (COUNT - 1 - priority(flags)) << RANK_SHIFT | position;
    }
}
