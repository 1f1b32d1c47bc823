/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A directory that a newer version wrote is refused, whichever of its files tells. Cleaned segments: CleaningTest. */
class NewerFormatTest {
    private static final int NEWER = 99;

    @TempDir
    private Path directory;

    @BeforeEach
    void write() throws IOException {
        try (Log log = open()) {
            log.append(TestRequest.message(TestMachine.message(1, 0, 300)));
            log.roll();
            await().until(() -> log.sealedSegments().size() == 1);
            log.append(TestRequest.message(TestMachine.message(1, 1, 300)));
        }
        open().close(); // what is to be refused below would be opened otherwise
    }

    @Test
    void refusesASealedSegment() throws IOException {
        headerOf(files(".segment").get(0));

        isRefused("a segment");
    }

    @Test
    void refusesTheSegmentToGoOnWith() throws IOException {
        for (Path snapshot : files(".snapshot")) {
            Files.delete(snapshot);
        }
        List<Path> segments = files(".segment");
        headerOf(segments.get(segments.size() - 1));

        isRefused("a segment");
    }

    @Test
    void refusesAnEntry() throws IOException {
        for (Path snapshot : files(".snapshot")) {
            Files.delete(snapshot);
        }
        Path segment = files(".segment").get(0);
        byte[] bytes = Files.readAllBytes(segment);
        ByteBuffer file = ByteBuffer.wrap(bytes);
        int at = SegmentHeader.SIZE;
        file.putInt(at + EntryFormat.VERSION_AT, NEWER);
        long logId = file.getLong(8);
        long position = file.getLong(24) + at;
        int length = file.getInt(at + EntryFormat.LENGTH);
        int sum = EntryFormat.crc(new CRC32C(), file.duplicate(), at + EntryFormat.VERSION_AT, at + length);
        file.putInt(at + EntryFormat.CRC, sum ^ EntryFormat.mix(logId, position, length));
        Files.write(segment, bytes);

        isRefused("the entry at " + position);
    }

    @Test
    void refusesAnIndex() throws IOException {
        headerOf(files(".index").get(0));

        isRefused("the index of segment 1");
    }

    @Test
    void refusesASnapshot() throws IOException {
        List<Path> snapshots = files(".snapshot");
        Path newest = snapshots.get(snapshots.size() - 1);
        byte[] bytes = Files.readAllBytes(newest);
        ByteBuffer file = ByteBuffer.wrap(bytes);
        file.putInt(4, NEWER);
        CRC32C crc = new CRC32C();
        crc.update(bytes, 64, bytes.length - 64 - 4);
        crc.update(bytes, 0, 64);
        file.putInt(bytes.length - 4, (int) crc.getValue());
        Files.write(newest, bytes);

        isRefused("the snapshot at");
    }

    private void isRefused(String what) {
        assertThatThrownBy(this::open)
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(what)
                .hasMessageContaining("has format " + NEWER + ", which a newer version wrote");
    }

    /** Segments and indexes have their version and the checksum of their header at the same places. */
    private static void headerOf(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        ByteBuffer header = ByteBuffer.wrap(bytes);
        header.putInt(4, NEWER);
        header.putInt(60, EntryFormat.crc(new CRC32C(), header.duplicate(), 0, 60));
        Files.write(file, bytes);
    }

    private List<Path> files(String suffix) throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            List<Path> found = all.filter(each -> each.toString().endsWith(suffix))
                    .sorted()
                    .toList();
            assertThat(found).isNotEmpty();
            return found;
        }
    }

    private Log open() throws IOException {
        return Log.open(
                LogConfig.defaults(directory),
                new UnforcedDisk(),
                InstantSource.system(),
                Failpoints.NONE,
                new TestMachine());
    }
}
