/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What Linux tells about one process. Stateless: each call reads {@code /proc}.
 *
 * @param pid the process
 */
public record ProcStat(long pid) {
    /** The kernel reports processor time in units of 1/100 s on every Linux that Java 17 runs on. */
    private static final long MICROS_PER_TICK = 10_000;

    /** Processor time used so far in user and kernel mode, in microseconds, in steps of 10 ms. */
    public long cpuMicros() {
        String stat = read("stat");
        // The command name stands in parentheses and may contain spaces.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * MICROS_PER_TICK;
    }

    /** Resident memory that belongs to the process alone (heap, stacks, direct buffers), in bytes. */
    public long rssAnon() {
        return status("RssAnon:");
    }

    /** Resident pages of mapped files, in bytes. */
    public long rssFile() {
        return status("RssFile:");
    }

    /** Number of threads. */
    public int threads() {
        return Integer.parseInt(line("Threads:").split("\\s+", -1)[1]);
    }

    /** The machine's load averages over 1, 5 and 15 minutes. */
    public static String loadAverage() {
        try {
            String[] fields = Files.readString(Path.of("/proc/loadavg")).split(" ", -1);
            return fields[0] + " " + fields[1] + " " + fields[2];
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long status(String key) {
        return Long.parseLong(line(key).split("\\s+", -1)[1]) * 1024;
    }

    private String line(String key) {
        List<String> lines =
                read("status").lines().filter(l -> l.startsWith(key)).toList();
        if (lines.isEmpty()) {
            throw new IllegalStateException("/proc/" + pid + "/status has no " + key);
        }
        return lines.get(0);
    }

    private String read(String file) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), file));
        } catch (IOException e) {
            throw new UncheckedIOException("process " + pid + " is gone", e);
        }
    }
}
