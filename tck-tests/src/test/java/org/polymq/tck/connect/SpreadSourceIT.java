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
import org.polymq.tck.server.BrokerProcess;
import org.polymq.tck.server.ClusterProcess;

/**
 * Sources that are spread over three groups bring the lines of files while the nodes that lead a group are killed, or
 * stand still for a while: one that works for the first group, then the one of the first group, which stores all. The
 * log has every line once, those of a file in their order.
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
        try (ClusterProcess cluster = cluster()) {
            begin(cluster);
            lose(cluster, worker(cluster), BrokerProcess::kill, BrokerProcess::start);
            lose(cluster, cluster.awaitLeader(0, PATIENCE), BrokerProcess::kill, BrokerProcess::start);
            append("last");
            awaitBrought(cluster);
            awaitPlaces(cluster);
        }
    }

    @Test
    void leadersThatStoodStillStoreNothingForTheirSuccessors() throws Exception {
        try (ClusterProcess cluster = cluster()) {
            begin(cluster);
            lose(cluster, worker(cluster), BrokerProcess::freeze, BrokerProcess::thaw);
            lose(cluster, cluster.awaitLeader(0, PATIENCE), BrokerProcess::freeze, BrokerProcess::thaw);
            append("last");
            awaitBrought(cluster);
            awaitPlaces(cluster);
        }
    }

    private ClusterProcess cluster() throws IOException {
        return ClusterProcess.in(directory, 3, null, GROUPS)
                .with("connectors.plugins", FilePlugin.install(directory.resolve("plugins")));
    }

    /** Until there is a source for each file, and the first lines are brought. */
    private void begin(ClusterProcess cluster) throws Exception {
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
        awaitBrought(cluster);
        awaitPlaces(cluster);
    }

    /** The node that leads group b, which stores nothing of this. */
    private static int worker(ClusterProcess cluster) throws InterruptedException {
        int worker = cluster.awaitLeader(1, PATIENCE);
        assertThat(worker).as("leads b and not a").isNotEqualTo(cluster.awaitLeader(0, PATIENCE));
        return worker;
    }

    /** What is done to a node. */
    @FunctionalInterface
    private interface Blow {
        void to(BrokerProcess node) throws Exception;
    }

    /** Loses a node while lines are written, and has it back when all have come. */
    private void lose(ClusterProcess cluster, int node, Blow lost, Blow back) throws Exception {
        append("with node " + node);
        lost.to(cluster.node(node));
        append("without node " + node);
        awaitBrought(cluster);
        back.to(cluster.node(node));
        cluster.awaitLeader(0, PATIENCE);
        System.out.printf(
                "without node %d: %d lines of %d files, none missing, all in order, none twice%n",
                node, written.values().stream().mapToInt(List::size).sum(), FILES);
    }

    private void awaitBrought(ClusterProcess cluster) {
        soon().ignoreExceptions()
                .untilAsserted(() -> assertThat(brought(home(cluster))).isEqualTo(written));
    }

    private void awaitPlaces(ClusterProcess cluster) {
        soon().ignoreExceptions()
                .untilAsserted(() -> assertThat(places(home(cluster))).containsExactly("", "b", "c"));
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
