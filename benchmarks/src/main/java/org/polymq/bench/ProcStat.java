/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What Linux tells about one process, or about several together. Stateless: each call reads {@code /proc}.
 *
 * @param pids the processes
 */
public record ProcStat(List<Long> pids) {
    /** The kernel reports processor time in units of 1/100 s on every Linux that Java 17 runs on. */
    private static final long MICROS_PER_TICK = 10_000;

    public ProcStat {
        pids = List.copyOf(pids);
    }

    /** Of one process. */
    public ProcStat(long pid) {
        this(List.of(pid));
    }

    /** Reads process ids separated by commas. */
    public static ProcStat parse(String pids) {
        return new ProcStat(Stream.of(pids.split(",", -1)).map(Long::parseLong).toList());
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return pids.stream().map(pid -> Long.toString(pid)).collect(Collectors.joining(","));
    }

    /** Processor time used so far in user and kernel mode, in microseconds, in steps of 10 ms. */
    public long cpuMicros() {
        return cpuMicrosEach().stream().mapToLong(Long::longValue).sum();
    }

    /** The same of each process. */
    public List<Long> cpuMicrosEach() {
        return pids.stream().map(ProcStat::cpuMicros).toList();
    }

    private static long cpuMicros(long pid) {
        String stat = read(pid, "stat");
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
        return (int) sum("Threads:");
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
        return sum(key) * 1024;
    }

    private long sum(String key) {
        return pids.stream()
                .mapToLong(pid -> Long.parseLong(line(pid, key).split("\\s+", -1)[1]))
                .sum();
    }

    private static String line(long pid, String key) {
        List<String> lines =
                read(pid, "status").lines().filter(l -> l.startsWith(key)).toList();
        if (lines.isEmpty()) {
            throw new IllegalStateException("/proc/" + pid + "/status has no " + key);
        }
        return lines.get(0);
    }

    private static String read(long pid, String file) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), file));
        } catch (IOException e) {
            throw new UncheckedIOException("process " + pid + " is gone", e);
        }
    }
}
