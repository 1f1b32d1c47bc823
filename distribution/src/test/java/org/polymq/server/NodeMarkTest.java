/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.config.ConfigException;
import org.polymq.broker.config.ServerConfig;

class NodeMarkTest {
    @TempDir
    private Path data;

    private ServerConfig node(String... sets) {
        List<String> all = new ArrayList<>(List.of(
                "data=" + data,
                "cluster.enabled=true",
                "cluster.nodes=1@a:1,2@b:2,3@c:3",
                "cluster.node=2",
                "cluster.name=blue",
                "broker.name=orders"));
        all.addAll(List.of(sets));
        return ServerConfig.load(null, Map.of(), all);
    }

    @Test
    void refusesADirectoryOfAnotherNodeGroupOrCluster() throws IOException {
        NodeMark.check(node());
        assertThatCode(() -> NodeMark.check(node())).doesNotThrowAnyException();

        assertThatThrownBy(() -> NodeMark.check(node("cluster.node=3")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("holds the data of node 2 of group 'orders' of cluster 'blue'")
                .hasMessageContaining("node 3");
        assertThatThrownBy(() -> NodeMark.check(node("cluster.name=green"))).hasMessageContaining("'green'");
        assertThatThrownBy(() -> NodeMark.check(node("broker.name=bills"))).hasMessageContaining("'bills'");
        assertThatThrownBy(() -> NodeMark.checkAlone(data)).hasMessageContaining("start it with --cluster");
    }

    @Test
    void refusesADirectoryThatANewerVersionMarked() throws IOException {
        NodeMark.check(node());
        Path mark = data.resolve("node.properties");
        String now = Files.readString(mark);
        assertThat(now).contains("format=1");

        Files.writeString(mark, now.replace("format=1", "format=2"));
        for (ThrowingCallable start : List.<ThrowingCallable>of(
                () -> NodeMark.check(node()),
                () -> NodeMark.checkAlone(data),
                () -> NodeMark.checkSeveral(several()))) {
            assertThatThrownBy(start).hasMessageContaining("has format 2, which a newer version wrote");
        }

        Files.writeString(mark, now.replaceAll("format=1\\R", ""));
        assertThatCode(() -> NodeMark.check(node())).doesNotThrowAnyException();
    }

    private ServerConfig several() {
        return ServerConfig.load(
                null,
                Map.of(),
                List.of(
                        "data=" + data,
                        "cluster.enabled=true",
                        "cluster.nodes=1@a:1,2@b:2,3@c:3",
                        "cluster.node=2",
                        "cluster.groups=a,b"));
    }

    @Test
    void tellsAKilledProcessFromAMachineThatWentDown() throws IOException {
        RunMark.begin(data, "boot 1").trust();

        assertThat(RunMark.begin(data, "boot 1").powerWasCut()).isFalse();
        assertThat(RunMark.begin(data, "boot 2").powerWasCut()).isTrue();
        // Killed again before it had caught up: still the same.
        RunMark again = RunMark.begin(data, "boot 2");
        assertThat(again.powerWasCut()).isTrue();

        again.trust();
        assertThat(RunMark.begin(data, "boot 2").powerWasCut()).isFalse();
        again.end();
        assertThat(RunMark.begin(data, "boot 3").powerWasCut()).isFalse();
    }
}
