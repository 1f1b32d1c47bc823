/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.tck.server.AdminApi;
import org.polymq.tck.server.ClusterProcess;

/** A group of three runs connectors on the node that leads; the next leader goes on where they were. */
@EnabledIfSystemProperty(named = "polymq.tier", matches = "full")
class ConnectorsInGroupIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int LINES = 200;

    @TempDir
    Path directory;

    private static ConditionFactory soon() {
        return await().atMost(PATIENCE);
    }

    @Test
    void goOnWhereTheyWereWhenTheLeaderIsKilled() throws Exception {
        Path in = Files.createFile(directory.resolve("in"));
        Path out = directory.resolve("out");
        try (ClusterProcess group = ClusterProcess.in(directory, 3)
                .with("connectors.plugins", FilePlugin.install(directory.resolve("plugins")))) {
            group.start(PATIENCE);
            int first = group.awaitLeader(PATIENCE);
            create(group, first, "in", FilePlugin.source(in, "lines"));
            create(group, first, "out", FilePlugin.sink("lines", out));
            Set<String> written = new TreeSet<>(append(in, 0));
            soon().until(() -> new TreeSet<>(lines(out)).equals(written));

            group.node(first).kill();
            written.addAll(append(in, 1));
            int second = group.awaitLeader(PATIENCE);

            assertThat(second).isNotEqualTo(first);
            soon().until(() -> new TreeSet<>(lines(out)).equals(written));
            soon().until(() ->
                    api(group, second).call("GET", "topics/lines", "").body().contains("\"stored\":" + 2 * LINES));
        }
    }

    private static AdminApi api(ClusterProcess group, int node) {
        return AdminApi.as(group.node(node).endpoints(), "nobody", "security is off");
    }

    /** The one that leads takes a moment to serve. */
    private static void create(ClusterProcess group, int leader, String name, Map<String, String> config)
            throws IOException {
        String body = new ObjectMapper().writeValueAsString(Map.of("name", name, "config", config));
        soon().until(() -> api(group, leader).call("POST", "connectors", body).status() == 200);
    }

    private static List<String> append(Path file, int round) throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < LINES; i++) {
            lines.add("round " + round + " line " + i);
        }
        Files.write(file, lines, StandardOpenOption.APPEND);
        return lines;
    }

    private static List<String> lines(Path file) throws IOException {
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }
}
