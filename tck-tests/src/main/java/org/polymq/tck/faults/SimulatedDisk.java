/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.faults;

import java.nio.file.Path;
import java.util.Random;

/** The storage module's crash suite: the log over a disk in memory that loses what was not forced. */
final class SimulatedDisk {
    private SimulatedDisk() {}

    /**
     * Runs so many seeds in a process of its own.
     *
     * @param directory where its output goes
     */
    static Outcome run(Path directory, Random random, int seeds) throws Exception {
        Path output = directory.resolve("disk.log");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "org.polymq.storage.CrashSuite",
                        Integer.toString(seeds),
                        Integer.toString(random.nextInt(1_000_000_000)))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        int exit = process.waitFor();
        String said = java.nio.file.Files.readString(output).strip();
        System.out.println("  " + said.substring(Math.max(0, said.length() - 2_000)));
        return exit == 0 ? Outcome.none() : Outcome.failed("the crash suite on the simulated disk ended with " + exit);
    }
}
