/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts durations in buckets that are at most 3.2 % wide, from a microsecond to over an hour. Safe from any thread.
 */
public final class LatencyHistogram {
    private static final int SUB_BITS = 6;
    private static final int SUB = 1 << SUB_BITS;
    private static final int MAX_EXPONENT = 32;

    private final AtomicLongArray counts = new AtomicLongArray(SUB * (MAX_EXPONENT + 1));

    /** Counts one duration in nanoseconds; negative ones count as zero. */
    public void record(long nanos) {
        counts.incrementAndGet(bucket(Math.max(0, nanos / 1_000)));
    }

    /**
     * The duration that the given share of the recorded ones does not exceed, in microseconds; 0 if there are none.
     *
     * @param share between 0 and 1, for example 0.99
     */
    public long percentile(double share) {
        long total = 0;
        for (int i = 0; i < counts.length(); i++) {
            total += counts.get(i);
        }
        long wanted = (long) Math.ceil(total * share);
        long seen = 0;
        for (int i = 0; i < counts.length() && total > 0; i++) {
            seen += counts.get(i);
            if (seen >= wanted) {
                return upperEdge(i);
            }
        }
        return 0;
    }

    private static int bucket(long micros) {
        if (micros < SUB) {
            return (int) micros;
        }
        int exponent = 63 - Long.numberOfLeadingZeros(micros) - SUB_BITS + 1;
        if (exponent > MAX_EXPONENT) {
            return SUB * (MAX_EXPONENT + 1) - 1;
        }
        // The top bit is implied, so only the upper half of each row of buckets is used.
        return exponent * SUB + (int) (micros >>> exponent);
    }

    private static long upperEdge(int bucket) {
        int exponent = bucket / SUB;
        long sub = bucket % SUB;
        return exponent == 0 ? sub : ((sub + 1) << exponent) - 1;
    }
}
