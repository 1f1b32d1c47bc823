/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import java.util.concurrent.ThreadLocalRandom;

/**
 * How a connection that broke is made again. Immutable.
 *
 * @param attempts how often all hosts are tried after a break; 0 is never, -1 for ever
 * @param initialAttempts how often all hosts are tried for a new connection; -1 for ever
 * @param delay ms before the second attempt; doubled for each further one
 * @param maxDelay the longest of these delays, ms
 * @param tellBreaks whether the {@code ExceptionListener} hears each break, and not only the last
 */
record Reconnection(int attempts, int initialAttempts, int delay, int maxDelay, boolean tellBreaks) {
    /** Whether another attempt may be made after so many. */
    static boolean goesOn(int limit, int made) {
        return limit < 0 || made < limit;
    }

    /** Ms to wait before an attempt, of which so many were made: between half and all of the delay, by chance. */
    long pauseBefore(int made) {
        if (made == 0) {
            return 0;
        }
        long full = Math.min(maxDelay, (long) delay << Math.min(made - 1, 20));
        return full - ThreadLocalRandom.current().nextLong(full / 2 + 1);
    }
}
