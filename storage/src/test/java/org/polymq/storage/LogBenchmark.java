/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Figures of the log on the real disk: appends of 1 KB from one thread and from 16, many queues, one long queue.
 *
 * <p>Arguments: a directory, and what to run: append, queues, long.
 */
public final class LogBenchmark {
    private static final int RECORD = 1024;
    private static final int IN_FLIGHT = 64;

    private final Path directory;

    private LogBenchmark(Path directory) {
        this.directory = directory;
    }

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        LogBenchmark benchmark = new LogBenchmark(directory);
        for (int i = 1; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "append" -> benchmark.appends();
                case "queues" -> benchmark.manyQueues(100_000);
                case "long" -> benchmark.longQueue(10_000_000);
                default -> throw new IllegalArgumentException("there is no figure " + arguments[i]);
            }
        }
    }

    private void appends() throws Exception {
        for (FlushMode flush : FlushMode.values()) {
            int[] threads = {1, 16};
            for (int count : threads) {
                for (int round = 0; round < 3; round++) {
                    append(flush, count, flush == FlushMode.ASYNC ? 1_000_000 : 40_000);
                }
            }
        }
    }

    private void append(FlushMode flush, int threads, int messages) throws Exception {
        clear();
        LogConfig defaults = LogConfig.defaults(directory);
        LogConfig config = new LogConfig(
                directory, defaults.segmentSize(), flush, defaults.flushInterval(), defaults.maxEntrySize(), 0);
        try (Log log = Log.open(config, new NioDisk(), InstantSource.system(), Failpoints.NONE, new Indexing())) {
            long cpu = processCpu();
            long collected = collections();
            long begin = System.nanoTime();
            List<Thread> running = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                long queue = t;
                Thread thread = new Thread(() -> send(log, queue, messages / threads));
                thread.start();
                running.add(thread);
            }
            for (Thread thread : running) {
                thread.join();
            }
            double seconds = (System.nanoTime() - begin) / 1e9;
            print(
                    "%s, %d threads of %d in flight: %,.0f appends/s, %,.0f ns CPU each (whole process), %d collections%n",
                    flush,
                    threads,
                    IN_FLIGHT,
                    messages / seconds,
                    (processCpu() - cpu) / (double) messages,
                    collections() - collected);
        }
    }

    private static void send(Log log, long queue, int count) {
        Semaphore window = new Semaphore(IN_FLIGHT);
        for (int i = 0; i < count; i++) {
            window.acquireUninterruptibly();
            ByteBuffer record = ByteBuffer.allocate(RECORD).putLong(0, queue);
            log.append(new Windowed(record, window));
        }
        window.acquireUninterruptibly(IN_FLIGHT);
    }

    private void manyQueues(int queues) throws Exception {
        clear();
        long begin = System.nanoTime();
        try (Log log = open()) {
            Semaphore window = new Semaphore(IN_FLIGHT);
            for (int i = 0; i < queues; i++) {
                window.acquireUninterruptibly();
                log.append(new Windowed(ByteBuffer.allocate(RECORD).putLong(0, i * 65536L), window));
            }
            window.acquireUninterruptibly(IN_FLIGHT);
            print("%,d queues of one message: written in %,d ms%n", queues, millis(begin));
        }
        try (Stream<Path> files = Files.list(directory)) {
            print("%,d files%n", files.count());
        }
        long heap = usedHeap();
        begin = System.nanoTime();
        try (Log log = open()) {
            print(
                    "open again after an orderly stop: %,d ms; %,d bytes of heap per queue%n",
                    millis(begin), (usedHeap() - heap) / queues);
            readAll(log, queues);
            log.append(new Windowed(ByteBuffer.allocate(RECORD), new Semaphore(0)));
            begin = System.nanoTime();
            log.roll();
            print("seal and snapshot under the append lock: %,d ms%n", millis(begin));
        }
        Log killed = open();
        for (int i = 0; i < queues; i++) {
            killed.append(new Windowed(ByteBuffer.allocate(RECORD).putLong(0, i * 65536L), new Semaphore(0)));
        }
        killed.abandon();
        begin = System.nanoTime();
        try (Log log = open()) {
            print(
                    "open again with %,d records after the snapshot: %,d ms%n",
                    log.recovery().recordsApplied(), millis(begin));
            readAll(log, queues);
        }
    }

    private static void readAll(Log log, int queues) {
        long begin = System.nanoTime();
        QueueIndex.Entry entry = new QueueIndex.Entry();
        for (int i = 0; i < queues; i++) {
            if (!log.index().get(i * 65536L, 0, entry)
                    || log.read(entry.position()).getLong(0) != i * 65536L) {
                throw new AssertionError("queue " + i + " is not there");
            }
        }
        print("one message of each queue read: %,d ns each%n", (System.nanoTime() - begin) / queues);
    }

    private void longQueue(int messages) throws Exception {
        clear();
        long begin = System.nanoTime();
        try (Log log = open()) {
            Semaphore window = new Semaphore(IN_FLIGHT);
            for (int i = 0; i < messages; i++) {
                window.acquireUninterruptibly();
                log.append(new Windowed(ByteBuffer.allocate(128).putLong(0, 7).putLong(8, i), window));
                if ((i + 1) % (messages / 10) == 0) {
                    print("%,d messages at %,d ms%n", i + 1, millis(begin));
                }
            }
            window.acquireUninterruptibly(IN_FLIGHT);
        }
        begin = System.nanoTime();
        try (Log log = open()) {
            print("open again: %,d ms, heap %,d KiB%n", millis(begin), usedHeap() / 1024);
            seek(log, messages);
            long started = System.nanoTime();
            int scanned = log.index().scan(7, 0, messages, (offset, entry) -> true);
            print("scan of %,d entries: %d ns each%n", scanned, (System.nanoTime() - started) / scanned);
            started = System.nanoTime();
            log.index()
                    .scan(
                            7,
                            0,
                            1_000_000,
                            (offset, entry) -> log.read(entry.position()).getLong(8) == offset);
            print("scan and read: %d ns each%n", (System.nanoTime() - started) / 1_000_000);
        }
    }

    private static void seek(Log log, int messages) {
        Random random = new Random(1);
        QueueIndex.Entry entry = new QueueIndex.Entry();
        int seeks = 200_000;
        long started = System.nanoTime();
        for (int i = 0; i < seeks; i++) {
            if (!log.index().get(7, random.nextInt(messages), entry)) {
                throw new AssertionError("an offset is not there");
            }
        }
        print("seek to a random offset: %d ns each%n", (System.nanoTime() - started) / seeks);
        started = System.nanoTime();
        for (int i = 0; i < seeks / 10; i++) {
            log.index().firstAtOrAfter(7, (long) (random.nextDouble() * log.end()));
        }
        print("offset of a random position: %d ns each%n", (System.nanoTime() - started) / (seeks / 10));
    }

    private Log open() throws IOException {
        LogConfig defaults = LogConfig.defaults(directory);
        LogConfig config =
                new LogConfig(directory, defaults.segmentSize(), FlushMode.ASYNC, Duration.ofMillis(200), 8 << 20, 0);
        return Log.open(config, new NioDisk(), InstantSource.system(), Failpoints.NONE, new Indexing());
    }

    private void clear() throws IOException {
        if (Files.isDirectory(directory)) {
            try (Stream<Path> files = Files.list(directory)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static void print(String format, Object... values) {
        System.out.printf(Locale.ROOT, format, values);
    }

    private static long millis(long begin) {
        return (System.nanoTime() - begin) / 1_000_000;
    }

    private static long processCpu() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    private static long collections() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .mapToLong(collector -> collector.getCollectionCount())
                .sum();
    }

    private static long usedHeap() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    /** Gives a permit back when it is stored. */
    private static final class Windowed extends AppendRequest {
        private final Semaphore window;

        Windowed(ByteBuffer record, Semaphore window) {
            super(List.of(record), false, false);
            this.window = window;
        }

        @Override
        protected void completed() {
            window.release();
        }

        @Override
        protected void failed(StorageException cause) {
            throw cause;
        }
    }

    /** Puts each record into the queue that its first eight bytes name. */
    private static final class Indexing implements StateMachine {
        private @Nullable QueueIndex index;

        @Override
        public void attach(Log log) {
            index = log.index();
        }

        @Override
        public void apply(long position, long storeTime, ByteBuffer record, @Nullable AppendRequest origin, int part) {
            QueueIndex attached = index;
            if (attached != null) {
                attached.append(record.getLong(0), position, record.remaining(), 0, 0, 0);
            }
        }

        @Override
        public void entryApplied() {
            // Nobody waits.
        }

        @Override
        public void save(DataOutput out) {
            // The index saves itself.
        }

        @Override
        public void load(DataInput in) {
            // The index loads itself.
        }
    }
}
