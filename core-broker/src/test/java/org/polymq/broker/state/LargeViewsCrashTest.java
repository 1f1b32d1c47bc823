/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.Answer;
import org.polymq.broker.Broker;
import org.polymq.broker.Lane;
import org.polymq.broker.TestBroker;
import org.polymq.broker.message.Address;
import org.polymq.broker.message.BodyKind;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.Origin;
import org.polymq.broker.publish.Outgoing;
import org.polymq.broker.publish.Stored;
import org.polymq.broker.retained.RetainedView.Retained;
import org.polymq.storage.FlushMode;
import org.polymq.storage.LogConfig;

/**
 * Retained messages that do not fit into memory, when the process is killed: what a copy of the directory of a running
 * broker opens as.
 */
class LargeViewsCrashTest {
    private static final int NAMES = 3_000;

    @TempDir
    private Path directory;

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);
    private final Map<String, Long> model = new TreeMap<>();
    private Broker broker;

    @BeforeEach
    void open() {
        broker = open(directory.resolve("running"));
        for (int i = 0; i < 3 * NAMES; i++) {
            change();
        }
    }

    @AfterEach
    void close() {
        broker.close();
    }

    @Test
    void comesBackFromTheCheckpointAndTheLogAfterIt() throws IOException {
        roll();
        assertThat(folders(directory.resolve("running"))).isNotEmpty();
        change();

        try (Broker copy = open(copy("killed"))) {
            assertThat(retained(copy)).as("seed %d", seed).isEqualTo(model);
            assertThat(copy.retained().size()).isEqualTo(model.size());
        }
    }

    @Test
    void comesBackFromTheOlderSnapshotIfTheNewestIsLost() throws IOException {
        long older = roll();
        change();
        long newest = roll();
        change();
        Path killed = copy("killed");
        assertThat(newest).isGreaterThan(older);
        Files.delete(killed.resolve(String.format("%020d.snapshot", newest)));

        try (Broker copy = open(killed)) {
            assertThat(copy.log().recovery().snapshotPosition()).isEqualTo(older);
            assertThat(retained(copy)).as("seed %d", seed).isEqualTo(model);
        }
    }

    @Test
    void usesTheOlderSnapshotIfAFileOfTheNewestIsDamaged() throws IOException {
        long older = roll();
        change();
        long newest = roll();
        Path killed = copy("killed");
        Path damaged = files(killed.resolve(String.format("%020d.files", newest))).stream()
                .filter(file -> file.toString().endsWith(".sst"))
                .findFirst()
                .orElseThrow();
        byte[] bytes = Files.readAllBytes(damaged);
        bytes[bytes.length / 2] ^= 1;
        Files.delete(damaged);
        Files.write(damaged, bytes);

        try (Broker copy = open(killed)) {
            assertThat(copy.log().recovery().snapshotPosition()).isEqualTo(older);
            assertThat(retained(copy)).as("seed %d", seed).isEqualTo(model);
        }
    }

    @Test
    void isThereAtOnceAfterACleanStopAndAfterAStopThatChangedNothing() {
        for (int i = 0; i < 3; i++) {
            broker.close();
            broker = open(directory.resolve("running"));

            assertThat(broker.log().recovery().recordsApplied()).isZero();
            assertThat(retained(broker)).as("seed %d", seed).isEqualTo(model);
        }
    }

    /** Takes a snapshot and waits until it is written; gives its position. */
    private long roll() throws IOException {
        broker.log().roll();
        long position = broker.log().sealedSegments().stream()
                .mapToLong(segment -> segment.end())
                .max()
                .orElseThrow();
        Path snapshot = directory.resolve("running").resolve(String.format("%020d.snapshot", position));
        await().untilAsserted(() -> assertThat(snapshot).exists());
        return position;
    }

    private void change() {
        String name = "device/" + random.nextInt(NAMES) + "/state";
        if (random.nextInt(4) == 0) {
            publish(name, "");
            model.remove(name);
        } else {
            model.put(name, publish(name, "on").position());
        }
    }

    private Stored publish(String name, String text) {
        Message message = Message.to(Address.split(name))
                .origin(Origin.MQTT)
                .durable(true)
                .body(BodyKind.BYTES, text.getBytes(StandardCharsets.UTF_8))
                .retain(true)
                .build();
        Answer<Stored> answer = new Answer<>();
        broker.publisher().publish(Outgoing.toTopic(message), Lane.direct(), answer);
        return answer.get();
    }

    private static Map<String, Long> retained(Broker broker) {
        return new TreeMap<>(
                broker.retained().matching("#").stream().collect(Collectors.toMap(Retained::name, Retained::position)));
    }

    private static Broker open(Path directory) {
        LogConfig config = new LogConfig(directory, 1 << 20, FlushMode.ASYNC, Duration.ofMillis(200), 256 << 10, 0);
        return TestBroker.open(directory, config, InstantSource.system(), 256 << 10);
    }

    private Path copy(String name) throws IOException {
        Path to = directory.resolve(name);
        Path from = directory.resolve("running");
        Files.createDirectories(to);
        for (Path file : files(from)) {
            Path target = to.resolve(file.getFileName());
            if (file.getFileName().toString().equals("holder")) {
                continue;
            }
            try {
                copy(file, target);
            } catch (NoSuchFileException deleted) {
                // A snapshot that is not kept any more, deleted just now.
            }
        }
        return to;
    }

    private static void copy(Path file, Path target) throws IOException {
        if (!Files.isDirectory(file)) {
            Files.copy(file, target);
            return;
        }
        Files.createDirectories(target);
        for (Path inside : files(file)) {
            Files.copy(inside, target.resolve(inside.getFileName()));
        }
    }

    private static List<Path> folders(Path directory) throws IOException {
        return files(directory).stream()
                .filter(file -> file.toString().endsWith(".files"))
                .toList();
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }
}
