/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.demo;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/** The texts that have arrived at one client. Safe from any thread. */
final class Arrivals {
    private final Set<String> texts = new HashSet<>();

    synchronized void add(String text) {
        texts.add(text);
        notifyAll();
    }

    synchronized boolean await(String text, Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (!texts.contains(text)) {
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return false;
            }
            wait(left);
        }
        return true;
    }
}
