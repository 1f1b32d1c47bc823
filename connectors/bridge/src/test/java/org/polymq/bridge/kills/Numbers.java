/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.kills;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which numbers of one direction were acknowledged to their sender, and which have arrived, in which order. Safe from
 * any thread.
 */
final class Numbers {
    private final Set<Long> sent = new HashSet<>();
    private final Set<Long> arrived = new HashSet<>();
    private long highest = -1;
    private long doubled;
    private long late;

    /** The number at the beginning of a body. */
    static long of(ByteBuffer body) {
        String text = StandardCharsets.US_ASCII.decode(body).toString();
        int space = text.indexOf(' ');
        return Long.parseLong(space < 0 ? text : text.substring(0, space));
    }

    synchronized void sent(long number) {
        sent.add(number);
    }

    synchronized void arrived(long number) {
        if (!arrived.add(number)) {
            doubled++;
        } else if (number < highest) {
            late++;
        } else {
            highest = number;
        }
    }

    synchronized int countSent() {
        return sent.size();
    }

    synchronized boolean complete() {
        return arrived.containsAll(sent);
    }

    synchronized Set<Long> missing() {
        Set<Long> missing = new TreeSet<>(sent);
        missing.removeAll(arrived);
        return missing;
    }

    /** Those that came for the first time after a later one. */
    synchronized long late() {
        return late;
    }

    @Override
    public synchronized String toString() {
        Set<Long> missing = missing();
        return "acknowledged " + sent.size() + ", lost " + missing.size()
                + (missing.isEmpty()
                        ? ""
                        : " (the first is " + missing.iterator().next() + ")") + ", doubled " + doubled
                + ", out of order " + late;
    }
}
