/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConcurrentReadTest {
    private static final int SALT = 3;
    private static final int QUEUES = 5;

    @TempDir
    private Path directory;

    private final AtomicBoolean done = new AtomicBoolean();
    private final AtomicLong read = new AtomicLong();
    private final AtomicLong removed = new AtomicLong();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    /** Readers see whole records in order, or none, while segments are written, sealed, indexed and removed. */
    @Test
    void readsWhileSegmentsComeAndGo() throws Exception {
        LogConfig config = new LogConfig(directory, 32 * 1024, FlushMode.ASYNC, Duration.ofMillis(20), 8192, 0);
        try (Log log =
                Log.open(config, new UnforcedDisk(), InstantSource.system(), Failpoints.NONE, new TestMachine())) {
            List<Thread> readers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Random random = new Random(i);
                readers.add(start(() -> readSome(log, random)));
            }
            long[] ids = new long[QUEUES];
            long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            try {
                for (int i = 0; !isEnough() && System.nanoTime() < end; i++) {
                    int queue = i % QUEUES;
                    TestRequest request = TestRequest.message(TestMachine.message(queue, ids[queue]++, i % 300));
                    log.append(request);
                    if (i % 200 == 0) {
                        request.outcome().get(60, TimeUnit.SECONDS);
                        removeOldest(log);
                    }
                }
            } finally {
                done.set(true);
            }
            for (Thread reader : readers) {
                reader.join();
            }
        }
        assertThat(failure.get()).isNull();
        assertThat(isEnough()).isTrue();
    }

    private boolean isEnough() {
        return failure.get() != null || (read.get() > 100_000 && removed.get() > 100);
    }

    private Thread start(Runnable work) {
        Thread thread = new Thread(() -> {
            try {
                while (!done.get()) {
                    work.run();
                }
            } catch (RuntimeException | Error e) {
                failure.compareAndSet(null, e);
            }
        });
        thread.start();
        return thread;
    }

    private void removeOldest(Log log) {
        List<SegmentInfo> sealed = log.sealedSegments();
        if (sealed.size() > 5 && sealed.get(2).end() <= log.removableBelow()) {
            log.append(
                    TestRequest.control(TestMachine.cleanSegment(sealed.get(2).number(), SALT)));
        }
        if (sealed.size() > 6 && sealed.get(0).end() <= log.removableBelow()) {
            log.append(TestRequest.control(TestMachine.removeSegment(sealed.get(0))));
            removed.incrementAndGet();
        }
    }

    private void readSome(Log log, Random random) {
        long queue = random.nextInt(QUEUES);
        QueueIndex index = log.index();
        long start = index.start(queue);
        long end = index.end(queue);
        if (start == end) {
            return;
        }
        long from = start + (long) (random.nextDouble() * (end - start));
        AtomicLong last = new AtomicLong(-1);
        index.scan(queue, from, 50, (offset, entry) -> {
            check(offset > last.getAndSet(offset), "offsets rise");
            check(entry.tagHash() == (int) offset, "offset " + offset + " has the entry of " + entry.tagHash());
            readRecord(log, queue, offset, entry);
            return true;
        });
        QueueIndex.Entry entry = new QueueIndex.Entry();
        long newest = end - 1;
        if (!index.get(queue, newest, entry)) {
            check(isGone(log, queue, newest), "only a removed offset cannot be read, not " + newest);
            return;
        }
        check(entry.tagHash() == (int) newest, "the newest offset has its entry");
        long found = index.firstAtOrAfter(queue, entry.position());
        check(found == newest || isGone(log, queue, newest), "position of " + newest + " is offset " + found);
    }

    private void readRecord(Log log, long queue, long offset, QueueIndex.Entry entry) {
        ByteBuffer record;
        try {
            record = log.read(entry.position());
        } catch (StorageException e) {
            check(isGone(log, queue, offset), "only a removed record cannot be read: " + e.getMessage());
            return;
        }
        check(record.getLong(1) == queue && record.getLong(9) == offset, "the record is that of the entry");
        read.incrementAndGet();
    }

    private static boolean isGone(Log log, long queue, long offset) {
        return offset < log.index().start(queue) || !TestMachine.outlives(offset, SALT);
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
