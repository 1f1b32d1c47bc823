/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.stats;

/**
 * How much was counted within a time.
 *
 * @param count how often it happened
 * @param bytes how many bytes it carried
 * @param millis how long the time was
 */
public record Growth(long count, long bytes, long millis) {
    /** A time shorter than this says little about a rate, ms. */
    private static final long SHORTEST = 1_000;

    /** Times per second. */
    public double perSecond() {
        return rate(count);
    }

    /** Bytes per second. */
    public double bytesPerSecond() {
        return rate(bytes);
    }

    private double rate(long sum) {
        return sum * 1000.0 / Math.max(SHORTEST, millis);
    }
}
