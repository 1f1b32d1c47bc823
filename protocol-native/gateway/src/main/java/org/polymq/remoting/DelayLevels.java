/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.polymq.broker.config.Durations;

/**
 * How long the delay levels of RocketMQ are.
 *
 * @param levels level 1 first; at least one
 */
public record DelayLevels(List<Duration> levels) {
    /** RocketMQ's 18 levels. */
    static final DelayLevels STANDARD = new DelayLevels(Stream.of(
                    "PT1S", "PT5S", "PT10S", "PT30S", "PT1M", "PT2M", "PT3M", "PT4M", "PT5M", "PT6M", "PT7M", "PT8M",
                    "PT9M", "PT10M", "PT20M", "PT30M", "PT1H", "PT2H")
            .map(Duration::parse)
            .toList());

    /** The levels as RocketMQ's configuration writes them. */
    String text() {
        return levels.stream().map(Durations::toString).collect(Collectors.joining(" "));
    }

    /** The level of a message handed back for the first time, if its consumer names none. */
    private static final int FIRST_RETRY = 3;

    public DelayLevels {
        levels = List.copyOf(levels);
        if (levels.isEmpty()) {
            throw new IllegalArgumentException("no delay levels");
        }
    }

    /** The level of a message handed back: the one asked for, else one more each time. */
    int ofRetry(int asked, int reconsumeTimes) {
        return capped(asked > 0 ? asked : FIRST_RETRY + reconsumeTimes);
    }

    private int capped(int level) {
        return Math.min(level, levels.size());
    }

    /** How long a level from 1 is, ms; above the last one as long as the last one. */
    long millis(int level) {
        return levels.get(capped(level) - 1).toMillis();
    }
}
