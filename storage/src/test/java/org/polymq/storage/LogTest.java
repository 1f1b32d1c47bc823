/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LogTest {
    private static final int SEGMENT = 64 * 1024;

    @TempDir
    private Path directory;

    private TestMachine machine = new TestMachine();
    private LogConfig config = config(FlushMode.ASYNC);

    @BeforeEach
    void freshMachine() {
        machine = new TestMachine();
    }

    private LogConfig config(FlushMode flush) {
        return new LogConfig(Path.of("unused"), SEGMENT, flush, Duration.ofMillis(20), 8192, 0);
    }

    private Log open() throws IOException {
        LogConfig here = new LogConfig(
                directory,
                config.segmentSize(),
                config.flush(),
                config.flushInterval(),
                config.maxEntrySize(),
                config.fullBelow());
        machine = new TestMachine();
        return Log.open(here, new NioDisk(), InstantSource.system(), Failpoints.NONE, machine);
    }

    private static void send(Log log, long queue, long first, int count) {
        for (int i = 0; i < count; i++) {
            TestRequest request = TestRequest.message(TestMachine.message(queue, first + i, 100));
            log.append(request);
            request.outcome().join();
        }
    }

    private static List<Long> ids(Log log, long queue) {
        List<Long> ids = new ArrayList<>();
        log.index().scan(queue, 0, Integer.MAX_VALUE, (offset, entry) -> {
            ByteBuffer record = log.read(entry.position());
            assertThat(record.remaining()).isEqualTo(entry.size());
            assertThat((int) record.getLong(9)).isEqualTo(entry.tagHash());
            ids.add(record.getLong(9));
            return true;
        });
        return ids;
    }

    private static List<Long> numbers(int count) {
        return Stream.iterate(0L, i -> i + 1).limit(count).toList();
    }

    @ParameterizedTest
    @EnumSource(FlushMode.class)
    void givesBackWhatWasStoredAfterAnOrderlyRestart(FlushMode flush) throws IOException {
        config = config(flush);
        long digest;
        try (Log log = open()) {
            send(log, 7, 0, 2000);
            assertThat(ids(log, 7)).isEqualTo(numbers(2000));
            digest = machine.digest();
        }

        try (Log log = open()) {
            assertThat(log.recovery().cleanStop()).isTrue();
            assertThat(log.recovery().recordsApplied()).isZero();
            assertThat(machine.digest()).isEqualTo(digest);
            assertThat(ids(log, 7)).isEqualTo(numbers(2000));
            send(log, 7, 2000, 1);
            assertThat(ids(log, 7)).isEqualTo(numbers(2001));
        }
    }

    @Test
    void refusesASecondUserAndNamesTheFirst() throws IOException {
        try (Log log = open()) {
            assertThat(log.failed()).isFalse();

            assertThatThrownBy(this::open)
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining(
                            "in use by process " + ProcessHandle.current().pid() + " on host");
        }
        open().close();
    }

    @ParameterizedTest
    @EnumSource(FlushMode.class)
    void aRequestWithoutRecordsIsAnsweredBehindThoseBeforeIt(FlushMode flush) throws IOException {
        config = config(flush);
        try (Log log = open()) {
            TestRequest before = TestRequest.message(TestMachine.message(1, 0, 20));
            TestRequest nothing = new TestRequest(List.of(), false, true);
            log.append(before);
            log.append(nothing);

            nothing.outcome().join();
            assertThat(before.isCompleted()).isTrue();
            send(log, 1, 1, 1);
        }
        try (Log log = open()) {
            assertThat(ids(log, 1)).isEqualTo(numbers(2));
        }
    }

    @Test
    void refusesARequestThatDoesNotFitIntoAnEntry() throws IOException {
        try (Log log = open()) {
            TestRequest large = TestRequest.message(TestMachine.message(1, 1, 8192));
            log.append(large);

            assertThatThrownBy(() -> large.outcome().join())
                    .hasRootCauseInstanceOf(StorageException.class)
                    .hasMessageContaining("exceeds the largest entry of 8192");
            send(log, 1, 0, 1);
        }
    }

    @Test
    void refusesRequestsOnceItIsClosed() throws IOException {
        Log log = open();
        log.close();

        TestRequest late = TestRequest.message(TestMachine.message(1, 1, 1));
        log.append(late);

        assertThat(late.isFailed()).isTrue();
        assertThatThrownBy(() -> log.read(64 + 56))
                .isInstanceOfSatisfying(
                        StorageException.class, e -> assertThat(e.reason()).isEqualTo(StorageException.Reason.CLOSED));
    }

    @Test
    void readsOnlyWhereARecordStarts() throws IOException {
        try (Log log = open()) {
            send(log, 1, 0, 3);
            QueueIndex.Entry entry = new QueueIndex.Entry();
            assertThat(log.index().get(1, 1, entry)).isTrue();

            assertThat(log.read(entry.position()).getLong(9)).isEqualTo(1);
            for (long position : new long[] {0, 64, entry.position() - 8, entry.position() + 1, log.end(), 1L << 40}) {
                assertThatThrownBy(() -> log.read(position))
                        .isInstanceOfSatisfying(
                                StorageException.class,
                                e -> assertThat(e.reason()).isEqualTo(StorageException.Reason.CORRUPT));
            }
        }
    }

    @Test
    void removesSegmentsBelowTheOlderSnapshotAndTheirFiles() throws IOException {
        try (Log log = open()) {
            for (int i = 0; i < 4; i++) {
                send(log, 1, i * 10L, 10);
                log.roll();
                long expected = i;
                await().until(() -> log.sealedSegments().size() == expected + 1);
            }
            List<SegmentInfo> sealed = log.sealedSegments();
            await().until(() -> log.removableBelow() == sealed.get(2).end());

            log.append(TestRequest.control(TestMachine.removeSegment(sealed.get(0))));
            log.append(TestRequest.control(TestMachine.removeSegment(sealed.get(0))));

            assertThat(log.index().start(1)).isEqualTo(10);
            assertThat(log.start()).isEqualTo(sealed.get(1).start());
            assertThat(ids(log, 1)).isEqualTo(numbers(40).subList(10, 40));
            await().until(() -> Files.notExists(directory.resolve("0000000001.segment"))
                    && Files.notExists(directory.resolve("0000000001.index")));
        }
        try (Log log = open()) {
            assertThat(ids(log, 1)).isEqualTo(numbers(40).subList(10, 40));
        }
    }

    @Test
    void keepsTheFilesOfARemovedSegmentUntilTwoSnapshotsAreAboveIt() throws IOException {
        try (Log log = open()) {
            for (int i = 0; i < 3; i++) {
                send(log, 1, i * 10L, 10);
                log.roll();
            }
            List<SegmentInfo> sealed = log.sealedSegments();
            await().until(() -> log.removableBelow() == sealed.get(1).end());
            Path file = directory.resolve("0000000003.segment");

            log.append(TestRequest.control(TestMachine.removeSegment(sealed.get(2))));
            assertThat(ids(log, 1)).isEqualTo(numbers(20));
            assertThat(file).exists();

            log.roll();
            await().until(() -> Files.notExists(file));
        }
    }

    @Test
    void skipsTheGapThatARemovedMiddleSegmentLeaves() throws IOException {
        try (Log log = open()) {
            for (int i = 0; i < 5; i++) {
                send(log, 1, i * 10L, 10);
                send(log, 100 + i, 0, 1);
                log.roll();
            }
            List<SegmentInfo> sealed = log.sealedSegments();
            await().until(() -> log.removableBelow() >= sealed.get(2).end());
            log.append(TestRequest.control(TestMachine.removeSegment(sealed.get(1))));

            List<Long> expected = new ArrayList<>(numbers(50));
            expected.removeAll(numbers(20).subList(10, 20));
            assertThat(ids(log, 1)).isEqualTo(expected);
            assertThat(log.index().start(1)).isZero();
            assertThat(log.index().get(1, 15, new QueueIndex.Entry())).isFalse();
            assertThat(log.index().start(101))
                    .isEqualTo(1)
                    .isEqualTo(log.index().end(101));
        }
    }

    @Test
    void findsTheFirstOffsetAtAPosition() throws IOException {
        try (Log log = open()) {
            send(log, 1, 0, 700);
            send(log, 2, 0, 1);
            send(log, 1, 700, 700);
            QueueIndex.Entry entry = new QueueIndex.Entry();
            for (long offset : new long[] {0, 1, 399, 650, 700, 1399}) {
                assertThat(log.index().get(1, offset, entry)).isTrue();
                assertThat(log.index().firstAtOrAfter(1, entry.position())).isEqualTo(offset);
                assertThat(log.index().firstAtOrAfter(1, entry.position() + 1)).isEqualTo(offset + 1);
            }
            assertThat(log.index().get(2, 0, entry)).isTrue();
            assertThat(log.index().firstAtOrAfter(1, entry.position())).isEqualTo(700);
            assertThat(log.index().firstAtOrAfter(1, 0)).isZero();
            assertThat(log.index().firstAtOrAfter(1, log.end())).isEqualTo(1400);
            assertThat(log.index().firstAtOrAfter(2, entry.position() + 1)).isEqualTo(1);
        }
    }

    @Test
    void tellsWhichQueuesASegmentHolds() throws IOException {
        try (Log log = open()) {
            send(log, 9, 0, 3);
            log.roll();
            send(log, 9, 3, 2);
            send(log, 4, 0, 1);
            log.roll();

            List<String> found = new ArrayList<>();
            log.index().forEachQueueIn(log.sealedSegments().get(1).number(), (queue, first, end) -> {
                found.add(queue + ":" + first + "-" + end);
                return true;
            });

            assertThat(found).containsExactly("4:0-1", "9:3-5");
            assertThat(log.index().bytesIn(log.sealedSegments().get(1).number(), 9))
                    .isEqualTo(2L * TestMachine.message(9, 0, 100).remaining());
            assertThat(log.index().queueCount()).isEqualTo(2);
        }
    }

    @Test
    void forgetsARemovedQueueWhole() throws IOException {
        try (Log log = open()) {
            send(log, 9, 0, 3);
            log.append(TestRequest.control(TestMachine.removeQueue(9)));
            assertThat(log.index().end(9)).isZero();
            send(log, 9, 5, 1);
            assertThat(ids(log, 9)).containsExactly(5L);
        }
        try (Log log = open()) {
            assertThat(ids(log, 9)).containsExactly(5L);
        }
    }

    @Test
    void takesFromManyThreadsAtOnceAndKeepsEachOnesOrder() throws Exception {
        int threads = 8;
        int each = 3000;
        try (Log log = open()) {
            CountDownLatch stored = new CountDownLatch(threads * each);
            List<Thread> running = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                long queue = t;
                Thread thread = new Thread(() -> {
                    for (int i = 0; i < each; i++) {
                        TestRequest request = TestRequest.message(TestMachine.message(queue, i, 50));
                        request.outcome().thenAccept(done -> stored.countDown());
                        log.append(request);
                    }
                });
                thread.start();
                running.add(thread);
            }
            for (Thread thread : running) {
                thread.join();
            }
            assertThat(stored.await(1, TimeUnit.MINUTES)).isTrue();
            for (int t = 0; t < threads; t++) {
                assertThat(ids(log, t)).isEqualTo(numbers(each));
            }
        }
        try (Log log = open()) {
            for (int t = 0; t < threads; t++) {
                assertThat(ids(log, t)).isEqualTo(numbers(each));
            }
        }
    }

    @Test
    void outlivesAnInterruptOfTheWritingThread() throws IOException {
        try (Log log = open()) {
            Thread.currentThread().interrupt();
            TestRequest request = TestRequest.message(TestMachine.message(1, 0, 50));
            log.append(request);

            assertThat(Thread.interrupted()).isTrue();
            assertThat(request.isCompleted()).isTrue();
            send(log, 1, 1, 9);
            assertThat(ids(log, 1)).isEqualTo(numbers(10));
        }
    }
}
