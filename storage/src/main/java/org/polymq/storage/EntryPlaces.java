/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.util.Arrays;

/** Where every sixteenth entry of one segment lies. Not safe for two threads. */
final class EntryPlaces {
    private static final int STEP = 16;

    private final long firstIndex;
    private int[] places = new int[16];
    private int count;

    /** @param firstIndex of the segment's first entry */
    EntryPlaces(long firstIndex) {
        this.firstIndex = firstIndex;
    }

    long firstIndex() {
        return firstIndex;
    }

    /** Adds the next entry. */
    void add(int offset) {
        if (count % STEP == 0) {
            int at = count / STEP;
            if (at == places.length) {
                places = Arrays.copyOf(places, at * 2);
            }
            places[at] = offset;
        }
        count++;
    }

    /** The index after its last entry. */
    long endIndex() {
        return firstIndex + count;
    }

    /** Index of the nearest entry at or below the given one whose place is known. */
    long known(long index) {
        return index - (index - firstIndex) % STEP;
    }

    /** The offset of a {@link #known} entry. */
    int place(long known) {
        return places[(int) ((known - firstIndex) / STEP)];
    }

    /** Forgets the entries after the given one. */
    void cutAfter(long lastIndex) {
        count = (int) Math.max(0, lastIndex - firstIndex + 1);
    }
}
