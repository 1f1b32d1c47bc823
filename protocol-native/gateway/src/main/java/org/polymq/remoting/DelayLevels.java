/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.time.Duration;
import java.util.List;

/** RocketMQ's 18 delay levels. */
final class DelayLevels {
    /** The levels as RocketMQ's configuration writes them. */
    static final String TEXT = "1s 5s 10s 30s 1m 2m 3m 4m 5m 6m 7m 8m 9m 10m 20m 30m 1h 2h";

    private static final List<Duration> LEVELS = List.of(
            Duration.ofSeconds(1),
            Duration.ofSeconds(5),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofMinutes(1),
            Duration.ofMinutes(2),
            Duration.ofMinutes(3),
            Duration.ofMinutes(4),
            Duration.ofMinutes(5),
            Duration.ofMinutes(6),
            Duration.ofMinutes(7),
            Duration.ofMinutes(8),
            Duration.ofMinutes(9),
            Duration.ofMinutes(10),
            Duration.ofMinutes(20),
            Duration.ofMinutes(30),
            Duration.ofHours(1),
            Duration.ofHours(2));

    static final int COUNT = LEVELS.size();

    /** The level of a message handed back for the first time, if its consumer names none. */
    private static final int FIRST_RETRY = 3;

    private DelayLevels() {}

    /** A level a client asked for, at most the last one. */
    static int capped(int level) {
        return Math.min(level, COUNT);
    }

    /** The level of a message handed back: the one asked for, else one more each time. */
    static int ofRetry(int asked, int reconsumeTimes) {
        return capped(asked > 0 ? asked : FIRST_RETRY + reconsumeTimes);
    }

    /** How long level 1 to {@link #COUNT} is, ms. */
    static long millis(int level) {
        return LEVELS.get(level - 1).toMillis();
    }
}
