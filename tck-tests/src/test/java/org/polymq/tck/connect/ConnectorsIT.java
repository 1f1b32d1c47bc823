/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.tck.server.AdminApi;
import org.polymq.tck.server.BrokerProcess;

/** Lines go from a file through a topic to another file while the server is killed: none is lost. */
class ConnectorsIT {
    private static final int ROUNDS = 2;
    private static final int LINES = 200;

    @TempDir
    Path directory;

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofMinutes(2));
    }

    @Test
    void losesNoLineWhenTheServerIsKilled() throws Exception {
        Path in = Files.createFile(directory.resolve("in"));
        Path out = directory.resolve("out");
        Set<String> written = new TreeSet<>();
        try (BrokerProcess server = BrokerProcess.in(directory)
                .with("security.enabled", true)
                .with("security.password-iterations", 1_000)
                .with("connectors.plugins", FilePlugin.install(directory.resolve("plugins")))) {
            server.start();
            AdminApi api = AdminApi.first(server);
            FilePlugin.create(api, "in", FilePlugin.source(in, "lines"));
            FilePlugin.create(api, "out", FilePlugin.sink("lines", out));
            for (int round = 0; round < ROUNDS; round++) {
                written.addAll(append(in, round));
                soon().until(() -> !lines(out).isEmpty() && (lines(out).size() > written.size() / 2));
                server.kill();
                server.start();
            }
            AdminApi last = AdminApi.first(server);
            written.addAll(append(in, ROUNDS));

            soon().until(() -> new TreeSet<>(lines(out)).size() >= written.size());

            assertThat(new TreeSet<>(lines(out))).isEqualTo(written);
            soon().until(() -> last.call("GET", "connectors/out", "").body().contains("\"lag\":0"));
            assertThat(last.call("GET", "connectors", "").body()).contains("\"state\":\"running\"");
        }
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
