/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

/** How much is run. */
final class Tier {
    private Tier() {}

    /** Whether this is the full tier. */
    static boolean isFull() {
        return System.getProperty("polymq.tier", "fast").equals("full");
    }

    /** One number for the fast tier, another for the full one. */
    static int choose(int fast, int full) {
        return isFull() ? full : fast;
    }

    /** The seed of a random run, printed; {@code -Dpolymq.seed=N} repeats one. */
    static long seed() {
        long seed = Long.getLong("polymq.seed", System.nanoTime());
        System.out.println("seed " + seed + " (repeat with -Dpolymq.seed=" + seed + ")");
        return seed;
    }
}
