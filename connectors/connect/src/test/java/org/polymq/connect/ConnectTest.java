/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.TestBroker;
import org.polymq.broker.connector.ConfigProblem;
import org.polymq.broker.connector.Connector.Target;
import org.polymq.broker.connector.ConnectorPlugin;
import org.polymq.broker.connector.ConnectorStatus.State;
import org.polymq.broker.message.Property;

class ConnectTest {
    private static final String FILE_SOURCE = "org.apache.kafka.connect.file.FileStreamSourceConnector";
    private static final String FILE_SINK = "org.apache.kafka.connect.file.FileStreamSinkConnector";
    private static final String BAD_SOURCE = "org.polymq.connect.bad.BadSource";
    private static final String FLAKY_SINK = "org.polymq.connect.bad.FlakySink";

    @TempDir
    Path directory;

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(60));
    }

    private static List<String> lines(Path file) throws IOException {
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    private static void append(Path file, String... lines) throws IOException {
        Files.write(file, List.of(lines), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    @Test
    void takesLinesOfAFileThroughATopicToAnotherAcrossARestart() throws Exception {
        Path in = directory.resolve("in");
        Path out = directory.resolve("out");
        append(in, "one", "two");
        try (ConnectBed bed = ConnectBed.open(directory)) {
            Map<String, String> source = new HashMap<>(Map.of(
                    "connector.class", FILE_SOURCE,
                    "file", in.toString(),
                    "topic", "lines",
                    "transforms", "mark",
                    "transforms.mark.type", "org.apache.kafka.connect.transforms.InsertHeader",
                    "transforms.mark.header", "origin",
                    "transforms.mark.value.literal", "file",
                    "transforms.mark.predicate", "isLines"));
            source.put("predicates", "isLines");
            source.put("predicates.isLines.type", "org.apache.kafka.connect.transforms.predicates.TopicNameMatches");
            source.put("predicates.isLines.pattern", "li.*");
            bed.create("in", source);
            bed.create("out", Map.of("connector.class", FILE_SINK, "file", out.toString(), "topics", "lines"));

            soon().until(() -> lines(out).size() == 2);
            soon().until(() -> bed.view("out").lag() == 0);
            assertThat(bed.messages("lines").get(0).properties()).containsExactly(Property.of("origin", "file"));
        }
        append(in, "three");

        try (ConnectBed bed = ConnectBed.open(directory)) {
            soon().until(() -> lines(out).size() >= 3);
            soon().until(() -> bed.view("out").lag() == 0);

            assertThat(lines(out)).containsExactlyInAnyOrder("one", "two", "three");
            assertThat(bed.texts("lines")).hasSize(3);
            assertThat(bed.view("in").counts().received()).isEqualTo(1);
            assertThat(bed.view("out").counts().sent()).isEqualTo(1);
        }
    }

    @Test
    void listsPluginsAndNamesWhatIsWrongWithAConfiguration() throws Exception {
        try (ConnectBed bed = ConnectBed.open(directory)) {
            assertThat(ConnectBed.get(bed.runner().plugins()))
                    .extracting(ConnectorPlugin::name)
                    .contains(FILE_SOURCE, FILE_SINK, BAD_SOURCE);

            assertThat(check(bed, Map.of("connector.class", FILE_SOURCE, "fil", "x")))
                    .anyMatch(problem -> problem.startsWith("fil: ") && problem.contains("the nearest is file"))
                    .anyMatch(problem -> problem.startsWith("topic: Missing required configuration"));
            assertThat(check(bed, Map.of("connector.class", "no.such.Thing", "tasks.max", "0")))
                    .anyMatch(problem -> problem.startsWith("connector.class: ") && problem.contains("[bad.jar, file]"))
                    .anyMatch(problem -> problem.startsWith("tasks.max: "));
            assertThat(check(bed, Map.of("connector.class", FILE_SINK, "file", "x")))
                    .anyMatch(problem -> problem.startsWith("topics: "));
            assertThat(check(
                            bed,
                            Map.of(
                                    "connector.class", FILE_SINK,
                                    "topics", "t",
                                    "errors.deadletterqueue.topic.name", "failed/#")))
                    .singleElement()
                    .asString()
                    .contains("holds the wildcard #");
            assertThat(check(
                            bed,
                            Map.of(
                                    "connector.class", FILE_SOURCE,
                                    "topic", "t",
                                    "transforms", "a",
                                    "value.converter", "no.Converter")))
                    .singleElement()
                    .asString()
                    .contains("no.Converter");
            assertThat(check(bed, Map.of("connector.class", FILE_SOURCE, "topic", "t", "transforms", "a")))
                    .singleElement()
                    .asString()
                    .contains("transforms.a.type");
            assertThat(check(
                            bed,
                            Map.of("connector.class", FILE_SOURCE, "topic", "t", "more", "1", "unknown.keys", "allow")))
                    .isEmpty();
        }
    }

    private static List<String> check(ConnectBed bed, Map<String, String> config) {
        return ConnectBed.get(bed.runner().check("connect", "c", config)).stream()
                .map(ConfigProblem::toString)
                .toList();
    }

    @Test
    void failsATaskWhosePluginThrowsAndStartsItAgain() throws Exception {
        try (ConnectBed bed = ConnectBed.open(directory)) {
            bed.create(
                    "bad",
                    Map.of(
                            "connector.class", BAD_SOURCE,
                            "topic", "numbers",
                            "count", "3",
                            "then", "throw",
                            "pin", "1234",
                            "tasks.max", "2",
                            "restart.max", "2",
                            "restart.delay.ms", "1"));

            soon().until(() ->
                    bed.view("bad").status().tasks().stream().allMatch(task -> task.state() == State.FAILED));
            assertThat(bed.view("bad").status().tasks().get(1).error()).isEqualTo("the other side is gone");
            assertThat(bed.view("bad").counts().restarts()).isEqualTo(4);
            assertThat(bed.view("bad").connector().shownConfig()).containsEntry("pin", "********");
            assertThat(bed.texts("numbers")).containsExactlyInAnyOrder("0:1", "0:2", "0:3", "1:1", "1:2", "1:3");
        }
    }

    @Test
    void refusesARecordForANameThatNoTopicHas() throws Exception {
        try (ConnectBed bed = ConnectBed.open(directory)) {
            bed.create("bad", Map.of("connector.class", BAD_SOURCE, "topic", "numbers/+", "restart.max", "0"));

            soon().until(() ->
                    bed.view("bad").status().tasks().stream().anyMatch(task -> task.state() == State.FAILED));
            assertThat(bed.view("bad").status().tasks().get(0).error()).contains("holds the wildcard +");
        }
    }

    @Test
    void leavesBehindAPluginThatHangs() throws Exception {
        try (ConnectBed bed = ConnectBed.open(directory, Duration.ofSeconds(3))) {
            bed.create(
                    "hangs",
                    Map.of(
                            "connector.class", BAD_SOURCE,
                            "topic", "numbers",
                            "count", "1",
                            "then", "hang",
                            "task.shutdown.graceful.timeout.ms", "100"));
            soon().until(() -> bed.texts("numbers").size() == 1);

            ConnectBed.get(bed.runner().restart("hangs"));
            soon().until(() -> bed.view("hangs").status().state() == State.RUNNING);
            assertThat(Thread.getAllStackTraces().keySet())
                    .anyMatch(thread -> thread.getName().startsWith("polymq-connector-hangs-task-0-"));
            ConnectBed.get(bed.runner().delete("hangs"));

            bed.create("starts", Map.of("connector.class", BAD_SOURCE, "topic", "numbers", "then", "start"));
            soon().until(() -> bed.view("starts").status().state() == State.FAILED);
            assertThat(bed.view("starts").status().error()).contains("connectors.patience");
            ConnectBed.get(bed.runner().delete("starts"));

            bed.publish("numbers", "the broker lives");
            assertThat(bed.texts("numbers")).contains("the broker lives");
        }
    }

    @Test
    void keepsTheBacklogOfASinkThatIsDownInTheLog() throws Exception {
        Path up = directory.resolve("up");
        Path out = directory.resolve("out");
        try (ConnectBed bed = ConnectBed.open(directory)) {
            bed.create(
                    "sink",
                    Map.of(
                            "connector.class",
                            FLAKY_SINK,
                            "file",
                            out.toString(),
                            "up",
                            up.toString(),
                            "topics",
                            "work",
                            "tasks.max",
                            "2",
                            "consumer.override.max.poll.records",
                            "10"));
            IntStream.range(0, 200).forEach(i -> bed.publish("work", "m" + i));
            soon().until(() -> bed.view("sink").counts().retries() > 2);
            assertThat(bed.view("sink").lag()).isEqualTo(200);
            assertThat(bed.view("sink").counts().sent()).isZero();

            Files.createFile(up);

            soon().until(() -> bed.view("sink").lag() == 0);
            assertThat(lines(out)).hasSize(200).doesNotHaveDuplicates().contains("m0", "m199");
        }
    }

    @Test
    void knowsTheBacklogOfASinkThatCannotStart() throws Exception {
        Path out = directory.resolve("later").resolve("out");
        try (ConnectBed bed = ConnectBed.open(directory)) {
            bed.publish("work", "before");
            bed.create(
                    "sink",
                    Map.of(
                            "connector.class", FILE_SINK,
                            "file", out.toString(),
                            "topics", "work",
                            "restart.delay.ms", "1",
                            "restart.max.delay.ms", "50"));
            soon().until(() -> bed.view("sink").counts().restarts() > 1);
            bed.publish("work", "after");
            assertThat(bed.view("sink").lag()).isEqualTo(2);

            Files.createDirectory(out.getParent());

            soon().until(() -> lines(out).size() == 2);
            soon().until(() -> bed.view("sink").lag() == 0);
        }
    }

    @Test
    void putsWhatFailsIntoTheDeadLetters() throws Exception {
        Path up = Files.createFile(directory.resolve("up"));
        Path out = directory.resolve("out");
        try (ConnectBed bed = ConnectBed.open(directory)) {
            bed.create(
                    "sink",
                    Map.of(
                            "connector.class", FLAKY_SINK,
                            "file", out.toString(),
                            "up", up.toString(),
                            "topics", "work",
                            "value.converter", "org.apache.kafka.connect.json.JsonConverter",
                            "value.converter.schemas.enable", "false",
                            "errors.tolerance", "all",
                            "errors.deadletterqueue.topic.name", "letters",
                            "errors.deadletterqueue.context.headers.enable", "true"));
            bed.publish("work", "{not json");
            bed.publish("work", "\"bad\"");
            bed.publish("work", "\"good\"");

            soon().until(() -> bed.messages("letters").size() == 2);
            soon().until(() -> lines(out).equals(List.of("good")));
            soon().until(() -> bed.view("sink").counts().deadLetters() == 2);
            assertThat(bed.texts("letters")).containsExactlyInAnyOrder("{not json", "\"bad\"");
            assertThat(bed.messages("letters").stream()
                            .flatMap(message -> message.properties().stream())
                            .map(Property::toString))
                    .contains(
                            "__connect.errors.topic:string=work",
                            "__connect.errors.stage:string=TASK_PUT",
                            "__connect.errors.stage:string=KEY_VALUE_HEADER_CONVERSION",
                            "__connect.errors.exception.message:string=bad by name");
        }
    }

    @Test
    void pausesAndGoesOn() throws Exception {
        Path in = directory.resolve("in");
        append(in, "one");
        try (ConnectBed bed = ConnectBed.open(directory)) {
            bed.create("in", Map.of("connector.class", FILE_SOURCE, "file", in.toString(), "topic", "lines"));
            soon().until(() -> bed.texts("lines").size() == 1);

            ConnectBed.get(bed.runner().setTarget("in", Target.STOPPED));
            append(in, "two");
            assertThat(bed.view("in").status().state()).isEqualTo(State.STOPPED);
            ConnectBed.get(bed.runner().setTarget("in", Target.PAUSED));
            soon().until(() -> bed.view("in").status().state() == State.PAUSED);
            assertThat(bed.texts("lines")).containsExactly("one");
            ConnectBed.get(bed.runner().setTarget("in", Target.RUNNING));

            soon().until(() -> bed.texts("lines").size() == 2);
        }
    }

    @Test
    void actsAsItsUser() throws Exception {
        try (ConnectBed bed = ConnectBed.openSecured(directory)) {
            TestBroker.addUser(bed.broker(), "counter", "a long password", "allow PUB topic:numbers");
            Map<String, String> config = Map.of("connector.class", BAD_SOURCE, "topic", "other", "restart.max", "0");

            assertThatThrownBy(() -> bed.create("count", "nobody", config)).hasMessageContaining("no user 'nobody'");
            bed.create("count", "counter", config);
            soon().until(() ->
                    bed.view("count").status().tasks().stream().allMatch(task -> task.state() == State.FAILED)
                            && !bed.view("count").status().tasks().isEmpty());
            assertThat(bed.view("count").status().tasks().get(0).error())
                    .contains("user counter may not PUB on topic other");
            assertThat(bed.texts("other")).isEmpty();

            bed.create("count2", "counter", Map.of("connector.class", BAD_SOURCE, "topic", "numbers"));
            soon().until(() -> bed.texts("numbers").size() == 10);
        }
    }

    @Test
    void whatIsSpreadRunsHereWhereThereIsOneGroup() throws Exception {
        try (ConnectBed bed = ConnectBed.open(directory)) {
            Map<String, String> source = Map.of(
                    "connector.class",
                    FILE_SOURCE,
                    "file",
                    directory.resolve("in").toString(),
                    "topic",
                    "t",
                    "spread",
                    "true");

            bed.create("in", source);
            Path out = directory.resolve("out");
            bed.create(
                    "out",
                    Map.of("connector.class", FILE_SINK, "file", out.toString(), "topics", "t", "spread", "true"));
            Files.writeString(directory.resolve("in"), "one\n");

            soon().until(() -> lines(out).equals(List.of("one")));
        }
    }
}
