/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.IOException;

/**
 * Random work on a log over a disk that crashes at random places: nothing acknowledged is lost, only a suffix of what
 * was not, and the state is always that of the records that are there.
 */
public final class CrashSuite {
    private CrashSuite() {}

    /** What the runs did, so that a reader sees that they did something. */
    public static final class Counts {
        long opened;
        long crashes;
        long requests;
        long acknowledged;
        long lost;
        long damaged;
        long removed;
        long cleaned;
        long taking;
        long crashesTaking;

        @Override
        public String toString() {
            return opened + " recoveries checked after " + crashes + " crashes inside the log; " + requests
                    + " requests, " + acknowledged + " acknowledged for good before a crash, " + lost
                    + " unacknowledged records lost, " + damaged + " files damaged, "
                    + removed + " segments removed, " + cleaned + " cleaned (" + taking
                    + " of them on the disk), " + crashesTaking + " crashes while files were cleaned or deleted";
        }
    }

    /**
     * Runs seeds one after another.
     *
     * @throws AssertionError at the first that fails, with its number
     */
    public static Counts run(long seeds, long firstSeed) {
        Counts counts = new Counts();
        for (long seed = firstSeed; seed < firstSeed + seeds; seed++) {
            try {
                new CrashRun(seed, counts, false).run();
            } catch (AssertionError | RuntimeException | IOException e) {
                throw new AssertionError("crash suite: seed " + seed + " fails: " + e.getMessage(), e);
            }
        }
        return counts;
    }

    /** Arguments: how many seeds, and the first. */
    public static void main(String[] arguments) {
        long seeds = arguments.length > 0 ? Long.parseLong(arguments[0]) : 10_000;
        long first = arguments.length > 1 ? Long.parseLong(arguments[1]) : 1;
        try {
            System.out.println(seeds + " seeds from " + first + ": " + run(seeds, first));
        } catch (AssertionError e) {
            e.printStackTrace(System.out);
            System.out.println(e.getMessage());
            System.exit(1);
        }
    }
}
