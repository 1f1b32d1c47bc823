/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.config.GridConfig.Member;
import org.polymq.broker.config.GridConfig.Use;

class GridConfigTest {
    @TempDir
    Path directory;

    @Test
    void isWrittenAsAWordInAFileToo() throws IOException {
        Path file = Files.writeString(directory.resolve("polymq.yaml"), "cluster:\n  grid: off\n");
        assertThat(ServerConfig.load(file, Map.of(), List.of()).grid().use()).isEqualTo(Use.OFF);
        Files.writeString(file, "cluster.grid: on\n");
        assertThat(ServerConfig.load(file, Map.of(), List.of()).grid().use()).isEqualTo(Use.ON);
    }

    @Test
    void itsMembersAreTheNodesUnlessTheyAreNamed() {
        ServerConfig config = load("cluster.nodes=1@a:10912,2@b:10922,3@b:10932", "cluster.hazelcast-port=5801");
        assertThat(config.grid().members(config.cluster().nodes()))
                .containsExactly(new Member("a", 5801), new Member("b", 5801), new Member("b", 5802));
        assertThat(config.grid()
                        .portOf(
                                config.cluster().nodes(),
                                Optional.of(config.cluster().nodes().get(2)),
                                "b"))
                .isEqualTo(5802);
        assertThat(config.grid().portOf(config.cluster().nodes(), Optional.empty(), "b"))
                .isEqualTo(5803);

        ServerConfig named = load("cluster.nodes=1@a:10912", "cluster.grid-members=c:5701,d:5702");
        assertThat(named.grid().members(named.cluster().nodes()))
                .containsExactly(new Member("c", 5701), new Member("d", 5702));
    }

    @Test
    void refusesAPortThatOthersReachUnlessToldThatTheyDoNot() {
        GridConfig on = load().grid();
        assertThatThrownBy(() -> on.check(false, false))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("cluster.grid: private")
                .hasMessageContaining("cluster.grid: off");
        on.check(true, false);
        on.check(false, true);
        load("cluster.grid=private").grid().check(false, false);
        load("cluster.grid=off").grid().check(false, false);
    }

    private static ServerConfig load(String... sets) {
        return ServerConfig.load(null, Map.of(), List.of(sets));
    }
}
