/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.util.Arrays;

/** A first-in first-out queue of log positions, 8 bytes each. Not thread-safe. */
final class PositionQueue {
    private static final int SMALLEST = 64;

    private long[] ring = new long[0];
    private int head;
    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    void add(long position) {
        if (size == ring.length) {
            grow();
        }
        ring[(head + size) & (ring.length - 1)] = position;
        size++;
    }

    /** @throws IllegalStateException if the queue is empty */
    long take() {
        if (size == 0) {
            throw new IllegalStateException("no position waits");
        }
        long position = ring[head];
        head = (head + 1) & (ring.length - 1);
        size--;
        if (size == 0 && ring.length > SMALLEST) {
            clear();
        }
        return position;
    }

    void clear() {
        ring = new long[0];
        head = 0;
        size = 0;
    }

    private void grow() {
        long[] larger = Arrays.copyOf(ring, Math.max(SMALLEST, ring.length * 2));
        // What had wrapped around goes behind the end of the old ring.
        System.arraycopy(ring, 0, larger, ring.length, Math.min(head, ring.length));
        ring = larger;
    }
}
