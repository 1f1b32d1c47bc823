/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * When what has failed is started again by itself. Keys of every connector's configuration.
 *
 * @param most how often in a row; -1 for without end
 * @param delay before the first time; it doubles with each
 * @param longest what it doubles to
 */
record RestartPolicy(int most, Duration delay, Duration longest) {
    static final String MOST = "restart.max";
    static final String DELAY = "restart.delay.ms";
    static final String LONGEST = "restart.max.delay.ms";

    private static final long FIRST_MILLIS = 1_000;
    private static final long LONGEST_MILLIS = 60_000;

    static RestartPolicy of(Map<String, String> config) {
        return new RestartPolicy(
                (int) number(config, MOST, -1),
                Duration.ofMillis(number(config, DELAY, FIRST_MILLIS)),
                Duration.ofMillis(number(config, LONGEST, LONGEST_MILLIS)));
    }

    static List<ConfigProblem> check(Map<String, String> config) {
        List<ConfigProblem> problems = new ArrayList<>();
        check(config, MOST, -1, Integer.MAX_VALUE, problems);
        check(config, DELAY, 1, Integer.MAX_VALUE, problems);
        check(config, LONGEST, 1, Integer.MAX_VALUE, problems);
        return problems;
    }

    private static void check(
            Map<String, String> config, String key, long least, long greatest, List<ConfigProblem> problems) {
        String text = config.get(key);
        if (text == null) {
            return;
        }
        try {
            long number = Long.parseLong(text.strip());
            if (number >= least && number <= greatest) {
                return;
            }
            problems.add(new ConfigProblem(key, number + " is not between " + least + " and " + greatest));
        } catch (NumberFormatException e) {
            problems.add(new ConfigProblem(key, "'" + text + "' is no whole number"));
        }
    }

    private static long number(Map<String, String> config, String key, long otherwise) {
        String text = config.get(key);
        return text == null ? otherwise : Long.parseLong(text.strip());
    }

    /** Whether there is another try after so many. */
    boolean allows(int tries) {
        return most < 0 || tries < most;
    }

    /** How long to wait after so many tries. */
    Duration delay(int tries) {
        long millis = delay.toMillis() << Math.min(tries, 20);
        return Duration.ofMillis(Math.min(millis, longest.toMillis()));
    }
}
