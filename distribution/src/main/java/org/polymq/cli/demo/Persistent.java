/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.demo;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** Tries a thing again until it is done, for a minute: what an application does while a node is replaced. */
final class Persistent {
    private static final long PATIENCE_NANOS = 60_000_000_000L;
    private static final long PAUSE_MILLIS = 50;

    private Persistent() {}

    /** @throws DemoFailedException with the last failure if it is not done in time */
    static <T> T until(String what, Callable<T> attempt) throws DemoFailedException, InterruptedException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (true) {
            try {
                return attempt.call();
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception notYet) {
                if (System.nanoTime() > end) {
                    throw new DemoFailedException(what + " was not done in a minute: " + notYet.getMessage());
                }
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
        }
    }
}
