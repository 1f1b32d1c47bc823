/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** How long to wait before the next attempt: twice as long each time, up to a limit, and never exactly. Confined. */
final class Backoff {
    private final Duration least;
    private final Duration most;
    private final RandomGenerator random;
    private int failures;

    Backoff(Duration least, Duration most, RandomGenerator random) {
        this.least = least;
        this.most = most;
        this.random = random;
    }

    /** Between half and the whole of what this attempt allows, so that many bridges do not come back in one moment. */
    Duration next() {
        long whole = Math.min(most.toMillis(), least.toMillis() << Math.min(failures, 20));
        failures++;
        return Duration.ofMillis(whole / 2 + random.nextLong(whole / 2 + 1));
    }

    /** It worked. */
    void reset() {
        failures = 0;
    }
}
