/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What the log does on a disk that is full, broken or damaged. */
class FaultTest {
    private static final int SEGMENT = 16 * 1024;
    private static final Path DIRECTORY = Path.of("simulated");

    private final SimulatedDisk disk = new SimulatedDisk();
    private final ManualWorkers workers = new ManualWorkers(42);
    private TestMachine machine = new TestMachine();

    private Log open(FlushMode flush) throws IOException {
        machine = new TestMachine();
        LogConfig config = new LogConfig(DIRECTORY, SEGMENT, flush, Duration.ofMillis(200), 4096, 0);
        return Log.open(config, disk, () -> Instant.ofEpochMilli(1), Failpoints.NONE, machine, workers.environment());
    }

    private Log openAsync() throws IOException {
        return open(FlushMode.ASYNC);
    }

    private static TestRequest send(Log log, long id) {
        TestRequest request = TestRequest.message(TestMachine.message(1, id, 100));
        log.append(request);
        return request;
    }

    private static TestRequest acknowledge(Log log) {
        TestRequest request = TestRequest.control(TestMachine.control(1));
        log.append(request);
        return request;
    }

    private static List<Long> ids(Log log) {
        List<Long> ids = new ArrayList<>();
        log.index().scan(1, 0, Integer.MAX_VALUE, (offset, entry) -> {
            ids.add(log.read(entry.position()).getLong(9));
            return true;
        });
        return ids;
    }

    private static List<Long> numbers(long count) {
        return LongStream.range(0, count).boxed().toList();
    }

    private static StorageException.Reason reason(TestRequest request) {
        return request.outcome()
                .handle((done, failure) -> ((StorageException) failure).reason())
                .orTimeout(60, TimeUnit.SECONDS)
                .join();
    }

    @Test
    void showsNothingBeforeItIsDurableWithFlushSync() throws IOException {
        try (Log log = open(FlushMode.SYNC)) {
            TestRequest request = send(log, 0);
            assertThat(ids(log)).isEmpty();

            workers.flush();

            assertThat(request.isCompleted()).isTrue();
            assertThat(ids(log)).containsExactly(0L);
        }
    }

    @Test
    void refusesWhatWaitsForTheDiskAndNeverShowsItWhenTheDiskFails() throws IOException {
        try (Log log = open(FlushMode.SYNC)) {
            TestRequest request = send(log, 0);
            disk.failForces(1);

            workers.flush();

            assertThat(reason(request)).isEqualTo(StorageException.Reason.FAILED);
            assertThat(ids(log)).isEmpty();
        }
    }

    @Test
    void refusesMessagesOnAFullDiskAndStillTakesAcknowledgementsAndResumes() throws IOException {
        try (Log log = openAsync()) {
            workers.settle(); // takes the reserve
            long used = Long.MAX_VALUE - 1;
            disk.capacity(used);
            disk.capacity(used - disk.usableSpace(DIRECTORY) + 20_000);
            long stored = 0;
            TestRequest request = send(log, stored);
            while (request.isCompleted()) {
                stored++;
                workers.flush();
                request = send(log, stored);
            }
            assertThat(reason(request)).isEqualTo(StorageException.Reason.DISK_FULL);
            assertThat(log.full()).isTrue();
            assertThat(stored).isGreaterThan(50);

            for (int i = 0; i < 40; i++) {
                assertThat(acknowledge(log).isCompleted()).isTrue();
            }
            assertThat(reason(send(log, stored))).isEqualTo(StorageException.Reason.DISK_FULL);
            assertThat(ids(log)).isEqualTo(numbers(stored));
            assertThat(log.failed()).isFalse();

            disk.capacity(used);
            workers.settle();

            assertThat(log.full()).isFalse();
            assertThat(send(log, stored).isCompleted()).isTrue();
            assertThat(ids(log)).isEqualTo(numbers(stored + 1));
        }
        try (Log log = openAsync()) {
            assertThat(log.recovery().cleanStop()).isTrue();
        }
    }

    @Test
    void opensOnAFullDisk() throws IOException {
        Log before = openAsync();
        for (long id = 0; id < 300; id++) {
            send(before, id);
        }
        workers.settle();
        disk.killProcess();
        disk.capacity(Long.MAX_VALUE - 1);
        disk.capacity(Long.MAX_VALUE - 1 - disk.usableSpace(DIRECTORY));

        try (Log log = openAsync()) {
            assertThat(ids(log)).isEqualTo(numbers(300));
            assertThat(acknowledge(log).isCompleted()).isTrue();
        }
    }

    @Test
    void refusesMessagesBelowTheLimitOfFreeSpace() throws IOException {
        LogConfig config = new LogConfig(DIRECTORY, SEGMENT, FlushMode.ASYNC, Duration.ofMillis(200), 4096, 100_000);
        disk.capacity(130_000);
        try (Log log = Log.open(
                config, disk, () -> Instant.EPOCH, Failpoints.NONE, new TestMachine(), workers.environment())) {
            long stored = 0;
            while (send(log, stored).isCompleted()) {
                stored++;
                workers.settle();
            }
            assertThat(log.full()).isTrue();
            assertThat(disk.usableSpace(DIRECTORY)).isBetween(80_000L, 100_000L);
            assertThat(acknowledge(log).isCompleted()).isTrue();
        }
    }

    @Test
    void acknowledgesNothingAfterAFailedForce() throws IOException {
        Log log = open(FlushMode.SYNC);
        TestRequest first = send(log, 0);
        assertThat(first.outcome()).isNotDone();
        workers.flush();
        assertThat(first.isCompleted()).isTrue();

        TestRequest second = send(log, 1);
        disk.failForces(1);
        workers.flush();
        TestRequest third = send(log, 2);
        workers.settle();

        assertThat(reason(second)).isEqualTo(StorageException.Reason.FAILED);
        assertThat(reason(third)).isEqualTo(StorageException.Reason.FAILED);
        assertThat(reason(acknowledge(log))).isEqualTo(StorageException.Reason.FAILED);
        assertThat(log.failed()).isTrue();
        assertThat(log.index().end(1)).isEqualTo(1);
        log.close();

        disk.cutPower(new Random(1));
        try (Log again = open(FlushMode.SYNC)) {
            assertThat(ids(again)).isEqualTo(numbers(1));
        }
    }

    @Test
    void losesAtMostTheLastFlushIntervalInAsyncMode() throws IOException {
        int least = Integer.MAX_VALUE;
        for (int seed = 0; seed < 20; seed++) {
            SimulatedDisk fresh = new SimulatedDisk();
            Log log = openOn(fresh);
            for (long id = 0; id < 20; id++) {
                assertThat(send(log, id).isCompleted()).isTrue();
            }
            workers.advance(200);
            workers.flush();
            for (long id = 20; id < 30; id++) {
                send(log, id);
            }

            fresh.cutPower(new Random(seed));
            List<Long> found = ids(openOn(fresh));
            assertThat(found).isEqualTo(numbers(found.size()));
            least = Math.min(least, found.size());
        }
        assertThat(least).isBetween(20, 29);
    }

    @Test
    void makesASingleRequestWaitForTheDiskInAsyncMode() throws IOException {
        Log log = openAsync();
        TestRequest request = new TestRequest(List.of(TestMachine.message(1, 0, 100)), true, false);
        log.append(request);
        assertThat(request.outcome()).isNotDone();

        workers.flush();

        assertThat(request.isCompleted()).isTrue();
        disk.cutPower(new Random(5));
        try (Log again = openAsync()) {
            assertThat(ids(again)).isEqualTo(numbers(1));
        }
    }

    @Test
    void failsForGoodAfterAFailedWrite() throws IOException {
        Log log = openAsync();
        send(log, 0);
        disk.failWrites(1);

        assertThat(reason(send(log, 1))).isEqualTo(StorageException.Reason.FAILED);
        assertThat(reason(send(log, 2))).isEqualTo(StorageException.Reason.FAILED);
        assertThat(log.failed()).isTrue();
        assertThat(ids(log)).isEqualTo(numbers(1));
        log.close();

        try (Log again = openAsync()) {
            assertThat(ids(again)).isEqualTo(numbers(1));
            assertThat(again.failed()).isFalse();
        }
    }

    @Test
    void cutsATailThatEndsAtAnyByte() throws IOException {
        for (int lost = 1; lost < 3 * 200; lost++) {
            SimulatedDisk fresh = new SimulatedDisk();
            writeAndKill(fresh, 10);
            int end = 64 + 10 * 184;
            fresh.file("0000000001.segment").truncate(end - lost);

            try (Log log = openOn(fresh)) {
                List<Long> found = ids(log);
                int size = found.size();
                assertThat(found).isEqualTo(numbers(size));
                assertThat(size).isEqualTo(9 - (lost - 1) / 184);
                assertThat(send(log, size).isCompleted()).isTrue();
            }
        }
    }

    @Test
    void cutsATailWithAFlippedBit() throws IOException {
        Random random = new Random(7);
        for (int round = 0; round < 300; round++) {
            SimulatedDisk fresh = new SimulatedDisk();
            writeAndKill(fresh, 10);
            int end = 64 + 10 * 184;
            int hit = end - 1 - random.nextInt(3 * 184);
            fresh.file("0000000001.segment").damage(hit, 1 << random.nextInt(8));

            try (Log log = openOn(fresh)) {
                List<Long> found = ids(log);
                assertThat(found).isEqualTo(numbers(found.size()));
                assertThat(found.size()).isBetween(7, 9);
                assertThat(log.recovery().bytesCut()).isPositive();
            }
            try (Log log = openOn(fresh)) {
                assertThat(ids(log).size()).isBetween(7, 9);
                assertThat(log.recovery().bytesCut()).isZero();
            }
        }
    }

    private Log openOn(SimulatedDisk other) throws IOException {
        LogConfig config = new LogConfig(DIRECTORY, SEGMENT, FlushMode.ASYNC, Duration.ofMillis(200), 4096, 0);
        return Log.open(config, other, () -> Instant.EPOCH, Failpoints.NONE, new TestMachine(), workers.environment());
    }

    /** Messages with an entry of 184 bytes each, not forced. */
    private void writeAndKill(SimulatedDisk other, int count) throws IOException {
        Log log = openOn(other);
        for (long id = 0; id < count; id++) {
            send(log, id);
        }
        assertThat(log.end()).isEqualTo(64 + count * 184L);
        other.killProcess();
    }

    @Test
    void neverGivesOutADamagedRecordOfASealedSegmentAndServesTheOthers() throws IOException {
        Log before = openAsync();
        for (long id = 0; id < 200; id++) {
            send(before, id);
        }
        before.close();
        Random random = new Random(3);
        int damagedRounds = 0;
        for (int round = 0; round < 200; round++) {
            int at = 64 + random.nextInt(80 * 184);
            int xor = 1 << random.nextInt(8);
            disk.file("0000000001.segment").damage(at, xor);
            try (Log log = openAsync()) {
                int damaged = 0;
                QueueIndex.Entry entry = new QueueIndex.Entry();
                for (long offset = 0; offset < 200; offset++) {
                    assertThat(log.index().get(1, offset, entry)).isTrue();
                    try {
                        assertThat(log.read(entry.position())).isEqualTo(TestMachine.message(1, offset, 100));
                    } catch (StorageException e) {
                        assertThat(e.reason()).isEqualTo(StorageException.Reason.CORRUPT);
                        damaged++;
                    }
                }
                assertThat(damaged).isLessThanOrEqualTo(1);
                damagedRounds += damaged;
            }
            disk.file("0000000001.segment").damage(at, xor);
        }
        assertThat(damagedRounds).isGreaterThan(100);
    }

    @Test
    void leavesOutADamagedIndexEntryAndServesTheOthers() throws IOException {
        Log before = openAsync();
        for (long id = 0; id < 50; id++) {
            send(before, id);
        }
        before.close();
        disk.file("0000000001.index").damage(64 + 32 + 20 * 24 + 5, 4);

        try (Log log = openAsync()) {
            List<Long> expected = new ArrayList<>(numbers(50));
            expected.remove(20);
            assertThat(ids(log)).isEqualTo(expected);
            assertThat(log.index().get(1, 20, new QueueIndex.Entry())).isFalse();
        }
    }

    @Test
    void refusesToOpenWhenTheDiskLostWhatItHadStored() throws IOException {
        Log before = open(FlushMode.SYNC);
        for (long id = 0; id < 50; id++) {
            send(before, id);
            workers.flush();
        }
        disk.killProcess();
        disk.file("0000000001.segment").damage(64 + 20 * 184 + 100, 1);

        assertThatThrownBy(() -> open(FlushMode.SYNC))
                .isInstanceOfSatisfying(
                        StorageException.class, e -> assertThat(e.reason()).isEqualTo(StorageException.Reason.CORRUPT))
                .hasMessageContaining("damaged at position " + (64 + 20 * 184));
    }

    @Test
    void fallsBackToTheOlderSnapshotThenToTheWholeLog() throws IOException {
        Log before = openAsync();
        for (int i = 0; i < 3; i++) {
            for (long id = 0; id < 30; id++) {
                send(before, i * 30L + id);
            }
            before.roll();
            workers.settle();
        }
        long digest = machine.digest();
        disk.killProcess();
        LogFiles files = new LogFiles(DIRECTORY, disk);
        List<Long> snapshots = files.snapshots();
        assertThat(snapshots).hasSize(2);

        disk.lose(String.valueOf(files.snapshot(snapshots.get(1)).getFileName()));
        Log older = openAsync();
        assertThat(older.recovery().snapshotPosition()).isEqualTo(snapshots.get(0));
        assertThat(older.recovery().recordsApplied()).isEqualTo(30);
        assertThat(machine.digest()).isEqualTo(digest);
        assertThat(ids(older)).isEqualTo(numbers(90));
        disk.killProcess();

        disk.file(String.valueOf(files.snapshot(snapshots.get(0)).getFileName()))
                .damage(70, 1);
        try (Log whole = openAsync()) {
            assertThat(whole.recovery().snapshotPosition()).isZero();
            assertThat(whole.recovery().recordsApplied()).isEqualTo(90);
            assertThat(machine.digest()).isEqualTo(digest);
            assertThat(ids(whole)).isEqualTo(numbers(90));
        }
    }

    @Test
    void buildsALostIndexAgainFromTheOlderSnapshot() throws IOException {
        Log before = openAsync();
        for (int i = 0; i < 3; i++) {
            for (long id = 0; id < 30; id++) {
                send(before, i * 30L + id);
            }
            before.roll();
            workers.settle();
        }
        disk.killProcess();
        disk.lose("0000000003.index");

        try (Log log = openAsync()) {
            assertThat(log.recovery().recordsApplied()).isEqualTo(30);
            assertThat(ids(log)).isEqualTo(numbers(90));
        }
    }

    @Test
    void overwritesAnEntryThatWasWrittenInPart() throws IOException {
        try (Log log = openAsync()) {
            workers.settle();
            send(log, 0);
            disk.capacity(Long.MAX_VALUE - 1);
            disk.capacity(Long.MAX_VALUE - 1 - disk.usableSpace(DIRECTORY));
            TestRequest large = TestRequest.message(TestMachine.message(1, 99, 3000));
            log.append(large);
            assertThat(reason(large)).isEqualTo(StorageException.Reason.DISK_FULL);
            disk.capacity(Long.MAX_VALUE);
            workers.settle();

            assertThat(send(log, 1).isCompleted()).isTrue();
        }
        try (Log log = openAsync()) {
            assertThat(ids(log)).isEqualTo(numbers(2));
        }
    }

    @Test
    void failsWhenApplyingFails() throws IOException {
        Log log = openAsync();
        TestRequest bad = TestRequest.message(ByteBuffer.allocate(17).put(0, (byte) 99));

        log.append(bad);

        assertThat(reason(bad)).isEqualTo(StorageException.Reason.FAILED);
        assertThat(reason(send(log, 1))).isEqualTo(StorageException.Reason.FAILED);
        assertThat(log.failed()).isTrue();
        log.close();
    }
}
