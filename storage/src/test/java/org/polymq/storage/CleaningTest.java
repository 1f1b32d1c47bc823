/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CleaningTest {
    private static final int MESSAGES = 200;
    /** One in eight outlives. */
    private static final long SALT = 1;

    @TempDir
    private Path directory;

    @Test
    void keepsOffsetsPositionsAndBytesOfWhatIsNeeded() throws IOException {
        Map<Long, Long> positions = new TreeMap<>();
        long size;
        try (Log log = open()) {
            fill(log);
            size = Files.size(segment(1));
            positions.putAll(positions(log));
            clean(log);

            checkKept(log, positions);
            assertThat(Files.size(segment(1))).isLessThan(size / 4);
        }
        try (Log log = open()) {
            checkKept(log, positions);
            assertThat(log.sealedSegments().get(0).cleanedAt()).isPositive();
            assertThat(log.index().firstAtOrAfter(1, 0)).isEqualTo(log.index().start(1));
        }
    }

    @Test
    void answersThatWhatWasCleanedAwayIsGone() throws IOException {
        try (Log log = open()) {
            fill(log);
            Map<Long, Long> positions = positions(log);
            clean(log);

            positions.forEach((offset, position) -> {
                if (!TestMachine.outlives(offset, SALT)) {
                    assertThatThrownBy(() -> log.read(position))
                            .isInstanceOf(StorageException.class)
                            .hasMessageContaining("cleaned");
                    assertThat(log.index().get(1, offset, new QueueIndex.Entry()))
                            .isFalse();
                }
            });
        }
    }

    @Test
    void isCleanedAgainAndRemovedAtLast() throws IOException {
        try (Log log = open()) {
            fill(log);
            clean(log);
            long once = Files.size(segment(1));
            log.append(TestRequest.control(TestMachine.cleanSegment(1, 5)));
            await().until(() -> Files.size(segment(1)) < once);
            List<Long> expected = new ArrayList<>();
            for (long id = 0; id < MESSAGES; id++) {
                if (TestMachine.outlives(id, SALT) && TestMachine.outlives(id, 5)) {
                    expected.add(id);
                }
            }
            assertThat(offsets(log)).isEqualTo(expected);

            log.append(TestRequest.control(
                    TestMachine.removeSegment(log.sealedSegments().get(0))));
            await().until(() -> Files.notExists(segment(1)));
            assertThat(offsets(log)).isEmpty();
        }
    }

    @Test
    void servesWhatIsBesideADamagedRecord() throws IOException {
        Map<Long, Long> positions;
        try (Log log = open()) {
            fill(log);
            positions = positions(log);
            clean(log);
        }
        overwrite(segment(1), 64 + 8 + 20);
        try (Log log = open()) {
            List<Long> kept = offsets(log).stream()
                    .map(offset -> positions.getOrDefault(offset, -1L))
                    .toList();
            assertThatThrownBy(() -> log.read(kept.get(0))).isInstanceOf(StorageException.class);
            assertThat(log.read(kept.get(1)).remaining()).isPositive();
        }
    }

    @Test
    void opensWithoutTheMessagesOfASegmentWhoseTableIsDamaged() throws IOException {
        try (Log log = open()) {
            fill(log);
            clean(log);
        }
        overwrite(segment(1), Files.size(segment(1)) - 3);
        try (Log log = open()) {
            long position = positions(log).values().iterator().next();
            assertThatThrownBy(() -> log.read(position)).isInstanceOf(StorageException.class);
        }
    }

    @Test
    void refusesACleanedSegmentOfANewerVersion() throws IOException {
        try (Log log = open()) {
            fill(log);
            clean(log);
        }
        byte[] bytes = Files.readAllBytes(segment(1));
        ByteBuffer header = ByteBuffer.wrap(bytes);
        header.putInt(4, 99);
        header.putInt(60, EntryFormat.crc(new CRC32C(), header.duplicate(), 0, 60));
        Files.write(segment(1), bytes);

        assertThatThrownBy(this::open).isInstanceOf(StorageException.class).hasMessageContaining("newer version");
    }

    @Test
    void refusesToReadTheWholeLogOnceAPartOfItWasCleaned() throws IOException {
        try (Log log = open()) {
            fill(log);
            clean(log);
        }
        try (var files = Files.list(directory)) {
            for (Path snapshot :
                    files.filter(file -> file.toString().endsWith(".snapshot")).toList()) {
                Files.delete(snapshot);
            }
        }
        assertThatThrownBy(this::open).isInstanceOf(StorageException.class).hasMessageContaining("snapshot");
    }

    private Log open() throws IOException {
        return Log.open(
                LogConfig.defaults(directory),
                new UnforcedDisk(),
                InstantSource.system(),
                Failpoints.NONE,
                new TestMachine());
    }

    private void fill(Log log) {
        for (long id = 0; id < MESSAGES; id++) {
            log.append(TestRequest.message(TestMachine.message(1, id, 300)));
        }
        for (int i = 0; i < 3; i++) {
            log.append(TestRequest.message(TestMachine.message(2, i, 1)));
            log.roll();
            int sealed = i + 1;
            await().until(() -> log.sealedSegments().size() == sealed);
        }
        await().until(() -> log.removableBelow() >= log.sealedSegments().get(0).end());
    }

    private void clean(Log log) {
        log.append(TestRequest.control(TestMachine.cleanSegment(1, SALT)));
        await().until(() -> log.sealedSegments().get(0).cleanedAt() > 0);
    }

    private static Map<Long, Long> positions(Log log) {
        Map<Long, Long> positions = new TreeMap<>();
        log.index().scan(1, 0, Integer.MAX_VALUE, (offset, entry) -> {
            positions.put(offset, entry.position());
            return true;
        });
        return positions;
    }

    private static List<Long> offsets(Log log) {
        return List.copyOf(positions(log).keySet());
    }

    private static void checkKept(Log log, Map<Long, Long> before) {
        Map<Long, Long> expected = new TreeMap<>(before);
        expected.keySet().removeIf(id -> !TestMachine.outlives(id, SALT));
        assertThat(expected).isNotEmpty();
        assertThat(positions(log)).isEqualTo(expected);
        assertThat(log.index().end(1)).isEqualTo(MESSAGES);
        expected.forEach((id, position) -> assertThat(log.read(position)).isEqualTo(TestMachine.message(1, id, 300)));
    }

    private Path segment(int number) {
        return directory.resolve(String.format("%010d.segment", number));
    }

    private static void overwrite(Path file, long at) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {(byte) 0xee, (byte) 0xdd}), at);
        }
    }
}
