/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.polymq.storage.FixedPorts;
import org.polymq.storage.FlushMode;

/**
 * Appends of 1 KB through a group of three nodes in this process, 1, 16, 64 and 256 in flight: appends a second, time
 * to the acknowledgement, processor time of all three nodes for each.
 */
final class GroupBenchmark {
    private static final int SEGMENT = 128 << 20;
    private static final int FILLING = 1008;

    private GroupBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        int seconds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
        Path directory = Files.createTempDirectory("polymq-group-benchmark");
        List<TestNode> nodes = start(directory);
        try {
            for (int round = 1; round <= 3; round++) {
                for (int inFlight : new int[] {1, 16, 64, 256}) {
                    System.out.println(String.format(
                            Locale.ROOT, "round %d, %s", round, measure(leader(nodes), inFlight, seconds)));
                }
            }
        } finally {
            nodes.forEach(TestNode::stop);
            SnapshotStage.delete(directory);
        }
        System.exit(0);
    }

    private static List<TestNode> start(Path directory) throws IOException {
        List<Integer> ports = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            ports.add(new FixedPorts().block(1));
        }
        List<TestNode> nodes = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            TestNode node = new TestNode(directory.resolve("n" + i), ports.get(i), ports, FlushMode.ASYNC, SEGMENT);
            node.start();
            nodes.add(node);
        }
        return nodes;
    }

    private static TestNode leader(List<TestNode> nodes) throws InterruptedException {
        while (true) {
            for (TestNode node : nodes) {
                if (node.leads()) {
                    return node;
                }
            }
            Thread.onSpinWait();
        }
    }

    private static String measure(TestNode leader, int inFlight, int seconds) throws InterruptedException {
        Semaphore free = new Semaphore(inFlight);
        AtomicInteger failed = new AtomicInteger();
        long[] times = new long[8_000_000];
        AtomicInteger count = new AtomicInteger();
        long cpu = cpuNanos();
        long begin = System.nanoTime();
        long end = begin + seconds * 1_000_000_000L;
        while (System.nanoTime() < end) {
            free.acquire();
            long sent = System.nanoTime();
            leader.send(0, count.get(), FILLING).whenComplete((stored, failure) -> {
                if (failure == null) {
                    times[Math.min(times.length - 1, count.getAndIncrement())] = System.nanoTime() - sent;
                } else {
                    failed.incrementAndGet();
                }
                free.release();
            });
        }
        free.acquire(inFlight);
        double took = (System.nanoTime() - begin) / 1e9;
        int done = Math.max(1, count.get());
        long[] sorted = Arrays.copyOf(times, done);
        Arrays.sort(sorted);
        return String.format(
                Locale.ROOT,
                "%d in flight: %,.0f/s, p50 %.2f ms, p99 %.2f ms, %.1f us of processor time each, %d failed",
                inFlight,
                done / took,
                sorted[done / 2] / 1e6,
                sorted[(int) (done * 0.99)] / 1e6,
                (cpuNanos() - cpu) / 1e3 / done,
                failed.get());
    }

    private static long cpuNanos() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }
}
