/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.faults;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waiting in the fault suite, where the moment of a fault is chosen at random. */
final class Pause {
    private static final Duration STEP = Duration.ofMillis(20);

    private Pause() {}

    /** Lets the time pass. */
    static void of(Duration time) throws InterruptedException {
        Thread.sleep(time.toMillis());
    }

    /** Waits until it holds; false if it does not within the time. */
    static boolean until(Duration patience, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                return false;
            }
            of(STEP);
        }
        return true;
    }
}
