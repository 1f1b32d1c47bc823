/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.storage.StateFiles;

class DiskMapTest {
    private static final long SMALL = 256 << 10;
    private static final long LARGE = 64 << 20;

    @TempDir
    private Path directory;

    /** What a snapshot of the log keeps of a map. */
    private record Saved(ByteArrayOutputStream bytes, StateFiles files, Map<String, String> content) {}

    @Test
    void staysInMemoryWhileItIsSmall() throws IOException {
        Saved saved;
        try (DiskMap map = new DiskMap(directory.resolve("views"), LARGE)) {
            put(map, "a", "1");
            put(map, "b", "2");
            remove(map, "a");
            saved = save(map, Map.of("b", "2"));

            assertThat(map.isOnDisk()).isFalse();
            assertThat(saved.files()).isSameAs(StateFiles.NONE);
        }

        try (DiskMap loaded = load(saved, "one", LARGE)) {
            assertThat(content(loaded)).isEqualTo(saved.content());
        }
        assertThat(directory.resolve("views")).doesNotExist();
    }

    @Test
    void isWhatItWasAtTheRecordOfASnapshotWhateverCameLater() throws IOException {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        List<Saved> taken = new ArrayList<>();
        Map<String, String> model = new TreeMap<>();
        try (DiskMap map = new DiskMap(directory.resolve("views"), SMALL)) {
            for (int i = 0; i < 20_000; i++) {
                change(random, map, model);
                if (random.nextInt(4_000) == 0) {
                    assertThat(content(map)).as("seed %d", seed).isEqualTo(model);
                    taken.add(save(map, model));
                }
            }
            taken.add(save(map, model));
            assertThat(map.isOnDisk()).isTrue();
            for (int i = 0; i < taken.size(); i++) {
                taken.get(i).files().write(directory.resolve("files" + i));
            }
        }

        for (int i = 0; i < taken.size(); i++) {
            try (DiskMap loaded = load(taken.get(i), "files" + i, SMALL)) {
                assertThat(content(loaded))
                        .as("seed %d, snapshot %d", seed, i)
                        .isEqualTo(taken.get(i).content());
            }
        }
    }

    @Test
    void forgetsWhatWasNotInTheSnapshotItIsLoadedFrom() throws IOException {
        Saved saved;
        try (DiskMap map = new DiskMap(directory.resolve("views"), SMALL)) {
            fill(map, "early");
            saved = save(map, content(map));
            saved.files().write(directory.resolve("files"));
            fill(map, "late");
        }

        try (DiskMap loaded = load(saved, "files", SMALL)) {
            assertThat(content(loaded)).isEqualTo(saved.content());
            remove(loaded, "early 7");
            assertThat(loaded.get(bytes("early 7"))).isNull();
        }
        try (DiskMap again = load(saved, "files", SMALL)) {
            assertThat(again.get(bytes("early 7"))).isNotNull();
        }
    }

    @Test
    void forgetsEverythingWhenThereIsNoSnapshot() throws IOException {
        try (DiskMap map = new DiskMap(directory.resolve("views"), SMALL)) {
            fill(map, "lost");
            Files.createDirectories(directory.resolve("views.checkpoint-0"));
        }

        try (DiskMap map = new DiskMap(directory.resolve("views"), SMALL)) {
            map.loadFiles(null);

            assertThat(content(map)).isEmpty();
            assertThat(directory.resolve("views.checkpoint-0")).doesNotExist();
        }
    }

    private static void fill(DiskMap map, String name) {
        for (int i = 0; i < 2_000; i++) {
            put(map, name + " " + i, "value " + i);
        }
    }

    private static void change(Random random, DiskMap map, Map<String, String> model) {
        String key = "key " + random.nextInt(5_000);
        if (random.nextInt(3) == 0) {
            remove(map, key);
            model.remove(key);
        } else {
            String value = "value " + random.nextInt();
            put(map, key, value);
            model.put(key, value);
        }
    }

    private static Saved save(DiskMap map, Map<String, String> content) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        map.image().write(new DataOutputStream(out));
        return new Saved(out, map.saveFiles(), new TreeMap<>(content));
    }

    private DiskMap load(Saved saved, String files, long memory) throws IOException {
        DiskMap map = new DiskMap(directory.resolve("views"), memory);
        Path written = directory.resolve(files);
        map.loadFiles(Files.isDirectory(written) ? written : null);
        map.load(new DataInputStream(new ByteArrayInputStream(saved.bytes().toByteArray())));
        return map;
    }

    private static Map<String, String> content(DiskMap map) {
        Map<String, String> content = new TreeMap<>();
        try (Cursor cursor = map.cursor()) {
            for (boolean more = cursor.seek(new byte[0]); more; more = cursor.next()) {
                String key = text(cursor.key());
                content.put(key, text(cursor.value()));
                assertThat(map.get(cursor.key())).isEqualTo(cursor.value());
            }
        }
        return content;
    }

    private static void put(DiskMap map, String key, String value) {
        map.put(bytes(key), bytes(value));
    }

    private static void remove(DiskMap map, String key) {
        map.remove(bytes(key));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
