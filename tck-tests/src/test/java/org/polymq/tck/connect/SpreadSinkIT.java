/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.tck.client.NativeClient;
import org.polymq.tck.client.QueueSender;
import org.polymq.tck.client.RocketMqVersion;
import org.polymq.tck.server.AdminApi;
import org.polymq.tck.server.ClusterProcess;
import org.polymq.tck.server.Endpoints;

/**
 * A sink that is spread over three groups writes what RocketMQ's client sends to all of them, while the node that leads
 * one of the groups is killed and comes back.
 */
@EnabledIfSystemProperty(named = "polymq.tier", matches = "full")
class SpreadSinkIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int GROUPS = 3;
    private static final int MESSAGES = 200;
    private static final int QUEUES = 4;

    @TempDir
    Path directory;

    private static ConditionFactory soon() {
        return await().atMost(PATIENCE);
    }

    @Test
    void losesNothingWhenALeaderIsKilledInTheMiddle() throws Exception {
        Path out = directory.resolve("out");
        try (ClusterProcess cluster = ClusterProcess.in(directory, 3, null, GROUPS)
                .with("connectors.plugins", FilePlugin.install(directory.resolve("plugins")))) {
            cluster.start(PATIENCE);
            Endpoints all = cluster.endpoints(0);
            try (QueueSender maker = RocketMqVersion.queueSender(all)) {
                soon().ignoreExceptions().until(() -> {
                    maker.create("lines", QUEUES);
                    return true;
                });
            }
            AdminApi home = AdminApi.as(cluster.node(0).endpoints(), "nobody", "security is off");
            Map<String, String> sink = new HashMap<>(FilePlugin.sink("lines", out));
            sink.putAll(Map.of("spread", "true", "tasks.max", "2"));
            FilePlugin.create(home, "out", sink);
            Set<String> sent = new TreeSet<>();
            try (NativeClient client = RocketMqVersion.V5.client(all, "producers")) {
                send(client, "before ", sent);
                int killed = cluster.awaitLeader(1, PATIENCE);
                assertThat(killed).isNotZero();
                cluster.node(killed).kill();
                send(client, "after ", sent);
                soon().until(() -> lines(out).equals(sent));
                cluster.node(killed).start();
                cluster.awaitLeader(1, PATIENCE);
                send(client, "again ", sent);
            }

            soon().until(() -> lines(out).equals(sent));
            soon().untilAsserted(() -> assertThat(
                            home.call("GET", "connectors/out", "").body())
                    .containsPattern("\"id\":1,\"group\":\"b\",\"state\":\"running\"")
                    .containsPattern("\"id\":1,\"group\":\"c\",\"state\":\"running\"")
                    .contains("\"lag\":0"));
            System.out.printf(
                    "%d messages, %d lines: nothing lost%n",
                    sent.size(), Files.readAllLines(out).size());
        }
    }

    private static void send(NativeClient client, String prefix, Set<String> sent) {
        for (int i = 0; i < MESSAGES; i++) {
            String text = prefix + i;
            soon().ignoreExceptions().until(() -> {
                client.send("lines", text, "", "");
                return true;
            });
            sent.add(text);
        }
    }

    private static Set<String> lines(Path file) throws IOException {
        return Files.exists(file) ? new TreeSet<>(Files.readAllLines(file)) : Set.of();
    }
}
