/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.connector.Connector.Target;
import org.polymq.broker.connector.ConnectorStatus.State;
import org.polymq.broker.connector.ConnectorStatus.Task;
import org.polymq.broker.connector.GroupsInProcess;

/**
 * A source of six tasks that is spread over three groups, each a broker of its own in this process. Whatever moves or
 * is lost, each task's records come to the first group's log in their order, none missing and none twice.
 */
class SpreadSourceTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final List<String> NAMES = List.of("a", "b", "c");
    private static final int TASKS = 6;
    private static final int COUNT = 400;

    @TempDir
    Path directory;

    private final GroupsInProcess groups = new GroupsInProcess(NAMES);
    private final AtomicReferenceArray<ConnectBed> beds = new AtomicReferenceArray<>(NAMES.size());

    private ConnectBed bed(int slot) {
        ConnectBed bed = beds.get(slot);
        if (bed == null) {
            throw new IllegalStateException("group " + NAMES.get(slot) + " has no leader");
        }
        return bed;
    }

    @BeforeEach
    void open() throws IOException {
        for (int slot = 0; slot < NAMES.size(); slot++) {
            open(slot);
        }
        for (int slot = 0; slot < NAMES.size(); slot++) {
            bed(slot).runner().start();
        }
    }

    private void open(int slot) throws IOException {
        ConnectBed bed = ConnectBed.open(directory.resolve(NAMES.get(slot)), groups.seenBy(slot));
        beds.set(slot, bed);
        groups.lead(slot, bed.broker(), bed.runner());
    }

    @AfterEach
    void close() {
        for (int slot = NAMES.size() - 1; slot >= 0; slot--) {
            lose(slot);
        }
        groups.close();
    }

    private void lose(int slot) {
        ConnectBed bed = beds.getAndSet(slot, null);
        if (bed != null) {
            groups.lose(slot);
            bed.close();
        }
    }

    private void find(int slot) throws IOException {
        open(slot);
        bed(slot).runner().start();
    }

    private Path gate() {
        return directory.resolve("gate");
    }

    /** Each task stops half way until there is the gate. */
    private void createHeld() {
        bed(0).create("count", config(TASKS));
        awaitCounted(COUNT / 2);
    }

    private Map<String, String> config(int tasks) {
        return Map.of(
                "connector.class",
                "org.polymq.connect.bad.BadSource",
                "tasks.max",
                Integer.toString(tasks),
                "spread",
                "true",
                "topic",
                "numbers",
                "count",
                Integer.toString(COUNT),
                "gate",
                gate().toString());
    }

    private void awaitCounted(int to) {
        Map<String, List<Integer>> expected = new TreeMap<>();
        for (int task = 0; task < TASKS; task++) {
            expected.put(
                    Integer.toString(task), IntStream.rangeClosed(1, to).boxed().toList());
        }
        await().atMost(LONG).untilAsserted(() -> assertThat(counted()).isEqualTo(expected));
    }

    /** What each task brought, in the order of the log. */
    private Map<String, List<Integer>> counted() {
        Map<String, List<Integer>> counted = new TreeMap<>();
        for (String text : bed(0).texts("numbers")) {
            String[] parts = text.split(":", 2);
            counted.computeIfAbsent(parts[0], task -> new ArrayList<>()).add(Integer.parseInt(parts[1]));
        }
        return counted;
    }

    private List<Task> tasks() {
        return bed(0).view("count").status().tasks();
    }

    private void awaitPlaces(String... groups) {
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(tasks())
                        .extracting(Task::group, Task::state)
                        .containsExactlyInAnyOrderElementsOf(List.of(groups).stream()
                                .map(group -> tuple(group, State.RUNNING))
                                .toList()));
    }

    @Test
    void allGroupsWorkAndTheFirstStoresAll() {
        createHeld();
        awaitPlaces("", "", "b", "b", "c", "c");
        assertThat(bed(1).view("count").status().tasks()).hasSize(2);
        await().atMost(LONG).until(() -> bed(0).view("count").counts().received() == TASKS * COUNT / 2);
        assertThat(bed(1).texts("numbers")).isEmpty();
        assertThat(tasks()).extracting(Task::id).containsExactly(0, 1, 2, 3, 4, 5);
    }

    @Test
    void othersWorkForAGroupWithoutALeaderUntilItHasOne() throws IOException {
        createHeld();
        awaitPlaces("", "", "b", "b", "c", "c");

        Files.createFile(gate());
        lose(1);
        awaitPlaces("", "", "", "c", "c", "c");
        awaitCounted(COUNT);

        find(1);
        awaitPlaces("", "", "b", "b", "c", "c");
        awaitCounted(COUNT);
    }

    @Test
    void theNextLeaderOfTheFirstGroupGoesOnWhereItWas() throws IOException {
        createHeld();

        Files.createFile(gate());
        lose(0);
        await().atMost(LONG).until(() -> bed(1).view("count").status().tasks().isEmpty());
        find(0);

        awaitCounted(COUNT);
        awaitPlaces("", "", "b", "b", "c", "c");
    }

    @Test
    void streamsThatBreakAreOpenedAgain() throws IOException {
        createHeld();

        Files.createFile(gate());
        groups.breakStreams();
        awaitCounted(COUNT);
        awaitPlaces("", "", "b", "b", "c", "c");
    }

    @Test
    void isPausedChangedAndStartedAnewInAllGroups() throws IOException {
        createHeld();
        awaitPlaces("", "", "b", "b", "c", "c");

        ConnectBed.get(bed(0).runner().setTarget("count", Target.PAUSED));
        await().atMost(LONG).until(() -> tasks().stream().allMatch(task -> task.state() == State.PAUSED));
        ConnectBed.get(bed(0).runner().setTarget("count", Target.RUNNING));
        awaitPlaces("", "", "b", "b", "c", "c");

        for (int task = 0; task < TASKS; task++) {
            ConnectBed.get(bed(0).runner().restartTask("count", task));
        }
        int lent = bed(1).view("count").status().tasks().get(0).id();
        ConnectBed.get(bed(1).runner().restartTask("count", lent));
        assertThatThrownBy(() -> ConnectBed.get(bed(2).runner().restartTask("count", lent)))
                .hasStackTraceContaining("is not lent to this group");
        ConnectBed.get(bed(0).runner().restart("count"));
        awaitPlaces("", "", "b", "b", "c", "c");

        ConnectBed.get(bed(0).runner().setTarget("count", Target.STOPPED));
        await().atMost(LONG).until(() -> bed(1).view("count").status().state() == State.STOPPED);
        ConnectBed.get(bed(0).runner().setTarget("count", Target.RUNNING));
        Files.createFile(gate());
        awaitCounted(COUNT);

        Map<String, String> fewer = new TreeMap<>(config(TASKS / 2));
        fewer.put("value.converter", "org.apache.kafka.connect.storage.StringConverter");
        ConnectBed.get(bed(0).runner().change("count", "", fewer));
        awaitPlaces("", "b", "c");
        ConnectBed.get(bed(0).runner().delete("count"));
        await().atMost(LONG).until(() -> bed(1).runner().all().isEmpty());
    }

    @Test
    void aGroupWithoutThePluginTakesNoTasksAndSaysWhy() throws IOException {
        try (Stream<Path> jars = Files.list(directory.resolve("b/plugins/file"))) {
            for (Path jar : jars.toList()) {
                Files.delete(jar);
            }
        }
        String ofB = IntStream.range(0, NAMES.size())
                .mapToObj(number -> "lines" + number)
                .filter(name -> Math.floorMod(name.hashCode(), NAMES.size()) == 1)
                .findFirst()
                .orElseThrow();
        Path in = Files.writeString(directory.resolve("in"), "one\ntwo\n");

        bed(0).create(
                        ofB,
                        Map.of(
                                "connector.class",
                                "org.apache.kafka.connect.file.FileStreamSourceConnector",
                                "spread",
                                "true",
                                "topic",
                                "lines",
                                "file",
                                in.toString()));

        await().atMost(LONG).until(() -> bed(0).texts("lines").equals(List.of("one", "two")));
        assertThat(bed(0).view(ofB).status().tasks())
                .extracting(Task::group, Task::state)
                .containsExactly(tuple("c", State.RUNNING));
        await().atMost(LONG).until(() -> bed(0).view(ofB).status().error().contains("group b takes no tasks"));
        assertThat(bed(0).view(ofB).status().error()).contains("FileStreamSourceConnector");
    }
}
