/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.connector.ConnectorStatus.State;

/** The classes of a plugin that is replaced or taken out go when the last connector that has them ends. */
class PluginLeakTest {
    private static final String BAD_SOURCE = "org.polymq.connect.bad.BadSource";
    private static final String FLAKY_SINK = "org.polymq.connect.bad.FlakySink";

    @TempDir
    Path directory;

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(60));
    }

    /** The plugin's classes, as the thread of its first task has them. */
    private static Optional<ClassLoader> classes(String connector) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(each -> each.getName().startsWith("polymq-connector-" + connector + "-task-0"))
                .map(Thread::getContextClassLoader)
                .filter(PluginLoader.class::isInstance)
                .findFirst();
    }

    private static WeakReference<ClassLoader> awaitClasses(String connector) {
        return new WeakReference<>(
                soon().until(() -> classes(connector), Optional::isPresent).orElseThrow());
    }

    private static void awaitGone(WeakReference<ClassLoader> classes) {
        soon().until(() -> {
            System.gc();
            return classes.get() == null;
        });
    }

    private static void createSource(ConnectBed bed) {
        bed.create("source", Map.of("connector.class", BAD_SOURCE, "topic", "t", "count", "3"));
        soon().until(() -> bed.view("source").counts().received() == 3);
    }

    @Test
    void aPluginThatIsReplacedIsTakenByTheNextStartAndTheOldOneGoes() throws Exception {
        try (ConnectBed bed = ConnectBed.open(directory)) {
            createSource(bed);
            Path out = directory.resolve("out");
            Path up = Files.createFile(directory.resolve("up"));
            bed.create(
                    "sink",
                    Map.of("connector.class", FLAKY_SINK, "topics", "t", "file", out.toString(), "up", up.toString()));
            soon().until(() -> bed.view("sink").counts().sent() == 3);
            WeakReference<ClassLoader> before = awaitClasses("source");
            assertThat(awaitClasses("sink").get()).isSameAs(before.get());

            ConnectBed.replaceBad(directory);
            ConnectBed.get(bed.runner().restart("source"));
            assertThat(awaitClasses("source").get()).isNotNull().isNotSameAs(before.get());
            assertThat(awaitClasses("sink").get())
                    .as("goes on with what it has")
                    .isSameAs(before.get());
            ConnectBed.get(bed.runner().restart("sink"));

            awaitGone(before);
            soon().until(() -> bed.view("sink").status().state() == State.RUNNING);
        }
    }

    @Test
    void aPluginThatIsTakenOutGoesWithItsLastConnector() throws Exception {
        try (ConnectBed bed = ConnectBed.open(directory)) {
            createSource(bed);
            WeakReference<ClassLoader> classes = awaitClasses("source");

            Files.delete(directory.resolve("plugins").resolve("bad.jar"));
            ConnectBed.get(bed.runner().delete("source"));
            assertThat(ConnectBed.get(bed.runner().plugins()))
                    .noneMatch(each -> each.name().equals(BAD_SOURCE));

            awaitGone(classes);
        }
    }

    @Test
    void nothingOfAPluginStaysWhenTheBrokerHasStopped() throws Exception {
        WeakReference<ClassLoader> classes;
        try (ConnectBed bed = ConnectBed.open(directory)) {
            createSource(bed);
            classes = awaitClasses("source");
        }

        awaitGone(classes);
    }
}
