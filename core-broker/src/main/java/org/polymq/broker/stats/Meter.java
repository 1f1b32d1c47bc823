/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.stats;

import java.util.concurrent.atomic.LongAdder;

/**
 * Counts one kind of event: all of it, and what of it happened in the last ten seconds, minute, hour and day.
 *
 * <p>Counting is safe from any thread. Samples are taken by one thread every 10 s; what is asked between two samples
 * includes what was counted since.
 */
public final class Meter {
    private static final long SECOND = 1_000;

    private final LongAdder count = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final Window minute;
    private final Window hour;
    private final Window day;
    private volatile long changedAt;
    private long sampledCount;

    Meter(long now) {
        minute = new Window(6, 10 * SECOND, now);
        hour = new Window(6, 600 * SECOND, now);
        day = new Window(24, 3_600 * SECOND, now);
        changedAt = now;
    }

    /** Counts some events that carried so many bytes together. */
    public void add(long events, long size) {
        count.add(events);
        bytes.add(size);
    }

    /** Events since the meter is there. */
    public long count() {
        return count.sum();
    }

    /** Bytes since the meter is there. */
    public long bytes() {
        return bytes.sum();
    }

    /** Between the last two samples, and since: 10 to 20 s. */
    public Growth tenSeconds(long now) {
        return minute.growth(count(), bytes(), now, 2);
    }

    public Growth minute(long now) {
        return minute.growth(count(), bytes(), now, minute.size());
    }

    public Growth hour(long now) {
        return hour.growth(count(), bytes(), now, hour.size());
    }

    public Growth day(long now) {
        return day.growth(count(), bytes(), now, day.size());
    }

    /** When a sample last found it changed, ms. */
    long changedAt() {
        return changedAt;
    }

    void sample(long now) {
        long total = count();
        if (total != sampledCount) {
            sampledCount = total;
            changedAt = now;
        }
        minute.sample(total, bytes(), now);
        hour.sample(total, bytes(), now);
        day.sample(total, bytes(), now);
    }

    /** Totals as they were at the last so many steps; its monitor guards it. */
    private static final class Window {
        private final long[] counts;
        private final long[] sizes;
        private final long[] times;
        private final long step;
        private int newest;
        private int taken = 1;

        Window(int steps, long step, long now) {
            counts = new long[steps];
            sizes = new long[steps];
            times = new long[steps];
            times[0] = now;
            this.step = step;
        }

        int size() {
            return times.length;
        }

        synchronized void sample(long count, long bytes, long now) {
            // Half a second of slack: the sampler's own period is the first window's step.
            if (now - times[newest] < step - SECOND / 2) {
                return;
            }
            newest = (newest + 1) % times.length;
            taken = Math.min(taken + 1, times.length);
            counts[newest] = count;
            sizes[newest] = bytes;
            times[newest] = now;
        }

        synchronized Growth growth(long count, long bytes, long now, int steps) {
            int back = Math.min(steps, taken) - 1;
            int oldest = Math.floorMod(newest - back, times.length);
            return new Growth(count - counts[oldest], bytes - sizes[oldest], now - times[oldest]);
        }
    }
}
