/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.tck.client.QueueSender;
import org.polymq.tck.client.RocketMqVersion;
import org.polymq.tck.server.AdminApi;
import org.polymq.tck.server.ClusterProcess;

/**
 * Sources that are spread over three groups bring the lines of files while the nodes that lead a group are killed: one
 * that works for the first group, then the one of the first group, which stores what all bring. The log has every line,
 * those of a file in their order.
 */
@EnabledIfSystemProperty(named = "polymq.tier", matches = "full")
class SpreadSourceIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int GROUPS = 3;
    private static final int FILES = 6;
    private static final int LINES = 300;
    private static final int PAGE = 200;
    private static final String TOPIC = "lines";

    private final ObjectMapper json = new ObjectMapper();
    /** By file: what was written to it. */
    private final Map<String, List<String>> written = new TreeMap<>();

    @TempDir
    Path directory;

    private static ConditionFactory soon() {
        return await().atMost(PATIENCE);
    }

    @Test
    void losesNothingAndKeepsTheOrderWhenLeadersAreKilled() throws Exception {
        try (ClusterProcess cluster = ClusterProcess.in(directory, 3, null, GROUPS)
                .with("connectors.plugins", FilePlugin.install(directory.resolve("plugins")))) {
            cluster.start(PATIENCE);
            try (QueueSender maker = RocketMqVersion.queueSender(cluster.endpoints(0))) {
                soon().ignoreExceptions().until(() -> {
                    maker.create(TOPIC, 1); // one queue: the log's order is that of the messages
                    return true;
                });
            }
            for (int file = 0; file < FILES; file++) {
                Path in = Files.createFile(directory.resolve("in" + file));
                Map<String, String> source = new HashMap<>(FilePlugin.source(in, TOPIC));
                source.put("spread", "true");
                FilePlugin.create(home(cluster), "in" + file, source);
            }
            append("first");
            soon().until(() -> brought(home(cluster)).equals(written));
            soon().untilAsserted(() -> assertThat(places(home(cluster))).containsExactly("", "b", "c"));

            int worker = cluster.awaitLeader(1, PATIENCE);
            assertThat(worker).as("leads b and not a").isNotEqualTo(cluster.awaitLeader(0, PATIENCE));
            lose(cluster, worker, "without b's");
            lose(cluster, cluster.awaitLeader(0, PATIENCE), "without a's");
            append("last");
            soon().untilAsserted(() -> assertThat(brought(home(cluster))).isEqualTo(written));
            soon().untilAsserted(() -> assertThat(places(home(cluster))).containsExactly("", "b", "c"));
        }
    }

    /** Kills a node while lines are written, and starts it again when all have come. */
    private void lose(ClusterProcess cluster, int node, String round) throws Exception {
        append(round + " before");
        cluster.node(node).kill();
        append(round + " after");
        soon().ignoreExceptions()
                .untilAsserted(() -> assertThat(brought(home(cluster))).isEqualTo(written));
        cluster.node(node).start();
        cluster.awaitLeader(0, PATIENCE);
        System.out.printf(
                "%s leader: %d lines of %d files, none missing, all in order, none twice%n",
                round, written.values().stream().mapToInt(List::size).sum(), FILES);
    }

    private static AdminApi home(ClusterProcess cluster) throws InterruptedException {
        int leader = cluster.awaitLeader(0, PATIENCE);
        return AdminApi.as(cluster.node(leader).endpoints(), "nobody", "security is off");
    }

    private void append(String round) throws IOException {
        for (int file = 0; file < FILES; file++) {
            List<String> lines = new ArrayList<>();
            for (int line = 0; line < LINES; line++) {
                lines.add("in" + file + " " + round + " " + line);
            }
            Files.write(directory.resolve("in" + file), lines, StandardOpenOption.APPEND);
            written.computeIfAbsent("in" + file, each -> new ArrayList<>()).addAll(lines);
        }
    }

    /** What the first group's log has, by file, in its order. */
    private Map<String, List<String>> brought(AdminApi home) throws IOException {
        Map<String, List<String>> brought = new TreeMap<>();
        long next = 0;
        long end;
        do {
            JsonNode page = json.readTree(
                    home.call("GET", "topics/" + TOPIC + "/messages?limit=" + PAGE + "&offset=" + next, "")
                            .body());
            for (JsonNode message : page.path("messages")) {
                String line = message.path("preview").asText();
                brought.computeIfAbsent(line.substring(0, line.indexOf(' ')), each -> new ArrayList<>())
                        .add(line);
            }
            next = page.path("next").asLong();
            end = page.path("end").asLong();
        } while (next < end);
        return brought;
    }

    /** The groups that run the sources' tasks. */
    private Set<String> places(AdminApi home) throws IOException {
        Set<String> places = new TreeSet<>();
        for (int file = 0; file < FILES; file++) {
            JsonNode tasks = json.readTree(
                            home.call("GET", "connectors/in" + file, "").body())
                    .path("tasks");
            assertThat(tasks).hasSize(1);
            assertThat(tasks.get(0).path("state").asText()).isEqualTo("running");
            places.add(tasks.get(0).path("group").asText());
        }
        return places;
    }
}
