/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Offsets that are done, as ranges: triples of queue, start, end. Neighbours in the order of adding are merged. */
final class RangeList {
    private long[] triples = new long[12];
    private int length;

    /** @param spots pairs of queue and offset */
    void add(long[] spots) {
        for (int i = 0; i < spots.length; i += 2) {
            add(spots[i], spots[i + 1]);
        }
    }

    private void add(long queue, long offset) {
        if (length > 0 && triples[length - 3] == queue && triples[length - 1] == offset) {
            triples[length - 1] = offset + 1;
            return;
        }
        if (length == triples.length) {
            triples = Arrays.copyOf(triples, length * 2);
        }
        triples[length] = queue;
        triples[length + 1] = offset;
        triples[length + 2] = offset + 1;
        length += 3;
    }

    /** Number of ranges. */
    int size() {
        return length / 3;
    }

    boolean isEmpty() {
        return length == 0;
    }

    void addAll(RangeList other) {
        if (length + other.length > triples.length) {
            triples = Arrays.copyOf(triples, Math.max(triples.length * 2, length + other.length));
        }
        System.arraycopy(other.triples, 0, triples, length, other.length);
        length += other.length;
    }

    ByteBuffer toRecord(int subscription) {
        return SubscriptionsView.acknowledged(subscription, triples, length);
    }
}
