/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench.index;

import java.util.Arrays;
import java.util.Random;
import org.polymq.broker.topic.FilterTrie;

/** The subscription index with very many filters: its memory, and what finding costs. Runs in a JVM of its own. */
public final class Filters {
    private static final int SITES = 1_000;
    private static final int LOOKUPS = 200_000;

    private Filters() {}

    /**
     * Prints one line of figures.
     *
     * @param args how many devices; each has a filter of its own, one in a hundred a wildcard filter too
     */
    public static void main(String[] args) {
        int devices = Integer.parseInt(args[0]);
        Object subscriber = new Object();
        FilterTrie<Object> index = new FilterTrie<>();
        long before = used();
        long start = System.nanoTime();
        for (int device = 0; device < devices; device++) {
            index.add(name(device) + "/command", subscriber);
            if (device % 100 == 0) {
                index.add("site/" + device % SITES + "/+/" + device + "/alarm", subscriber);
            }
        }
        double addMicros = (System.nanoTime() - start) / 1e3 / devices;
        long bytes = used() - before;

        Random random = new Random(1);
        long[] nanos = new long[LOOKUPS];
        int[] found = {0};
        for (int round = 0; round < 2; round++) { // the first one warms up
            found[0] = 0;
            for (int i = 0; i < LOOKUPS; i++) {
                String name = name(random.nextInt(devices)) + "/command";
                long asked = System.nanoTime();
                index.match(name, false, value -> found[0]++);
                nanos[i] = System.nanoTime() - asked;
            }
        }
        Arrays.sort(nanos);
        System.out.printf(
                "%d filters: %d MB of heap, %d bytes each; added in %.2f us each; found %d of %d in p50 %.2f us, p99 %.2f us%n",
                devices + devices / 100,
                bytes >> 20,
                bytes / (devices + devices / 100),
                addMicros,
                found[0],
                LOOKUPS,
                nanos[LOOKUPS / 2] / 1e3,
                nanos[LOOKUPS * 99 / 100] / 1e3);
    }

    private static String name(int device) {
        return "site/" + device % SITES + "/line" + device / SITES % 50 + "/" + device;
    }

    private static long used() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
