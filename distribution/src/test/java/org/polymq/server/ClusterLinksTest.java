/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;

/** Streams of gateways to leaders in the same process and in others. */
class ClusterLinksTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int ENOUGH = 100;
    /** Type 0: let in, had no session, an empty name since security is off; then CONNACK. */
    private static final String LET_IN = "0004" + "01" + "00" + "0000" + "20020000";

    @TempDir
    private Path directory;

    @Test
    void leadersServeStreamsOfTheirOwnProcessOfOthersAndOfOneWithoutLogs() throws Exception {
        try (GroupsOfNodes cluster = new GroupsOfNodes(directory, 3, List.of("a", "b"))) {
            for (int slot = 0; slot < 2; slot++) {
                int leader = cluster.leader(slot);
                for (int node : List.of(leader, leader % 3 + 1, 0)) {
                    StreamEnd subscriber = StreamEnd.open(cluster, cluster.links(node), slot, StreamEnd.CLIENT);
                    subscriber.write(StreamEnd.connect("s" + node, null, null));
                    await().atMost(LONG).until(() -> subscriber.read().equals(LET_IN));
                    subscriber.write(StreamEnd.subscribe(1, "t"));
                    await().atMost(LONG).until(() -> subscriber.read().endsWith("9003000100"));

                    // A client that was let in elsewhere is not told again as whom.
                    StreamEnd publisher = StreamEnd.open(cluster, cluster.links(node), slot, StreamEnd.CLIENT.as(""));
                    publisher.write(StreamEnd.connect("p" + node, null, null));
                    await().atMost(LONG).until(() -> publisher.read().equals(LET_IN));
                    publisher.write(StreamEnd.publish("t", "x".repeat(200_000)));
                    await().atMost(LONG).until(() -> subscriber.read().endsWith("78".repeat(200_000)));

                    subscriber.channel().close();
                    publisher.channel().close();
                }
            }
            assertThat(cluster.registry
                            .get("polymq.gateway.streams.opened")
                            .tag("leader", "local")
                            .counter()
                            .count())
                    .isGreaterThanOrEqualTo(4);
            await().atMost(LONG)
                    .until(() -> cluster.links(0).streams(0) + cluster.links(0).streams(1) == 0);
        }
    }

    @Test
    void streamsOfALeaderThatIsGoneAreClosedAndTheNextOneIsFound() throws Exception {
        try (GroupsOfNodes cluster = new GroupsOfNodes(directory, 3, List.of("a", "b"))) {
            int first = cluster.leader(1);
            ClusterLinks links = cluster.links(first % 3 + 1);
            StreamEnd before = letIn(cluster, links);

            cluster.stop(first, 1);
            await().atMost(LONG).until(() -> !before.channel().isOpen());

            assertThat(letIn(cluster, links).channel().isOpen()).isTrue();
        }
    }

    /** A stream to group b whose client is let in; the lead may move on a busy machine before it is. */
    private static StreamEnd letIn(GroupsOfNodes cluster, ClusterLinks links) throws Exception {
        for (int tries = 0; tries < ENOUGH; tries++) {
            StreamEnd end = StreamEnd.open(cluster, links, 1, StreamEnd.CLIENT);
            end.write(StreamEnd.connect("c", null, null));
            await().atMost(LONG)
                    .until(() -> end.read().equals(LET_IN) || !end.channel().isOpen());
            if (end.read().equals(LET_IN)) {
                return end;
            }
        }
        throw new AssertionError("not let in");
    }

    @Test
    void aGroupOutOfReachIsUnavailable() throws Exception {
        try (GroupsOfNodes cluster = new GroupsOfNodes(directory, 1, List.of("a", "b"))) {
            cluster.leader(1);
            cluster.stop(1, 1);

            for (int node : List.of(0, 1)) {
                assertThatThrownBy(() -> StreamEnd.open(cluster, cluster.links(node), 1, StreamEnd.CLIENT))
                        .isInstanceOf(ExecutionException.class)
                        .cause()
                        .isInstanceOfSatisfying(
                                BrokerException.class,
                                e -> assertThat(e.reason()).isEqualTo(Reason.UNAVAILABLE))
                        .hasMessageContaining("group b");
            }
            cluster.leader(0);
            assertThat(StreamEnd.open(cluster, cluster.links(0), 0, StreamEnd.CLIENT)
                            .channel()
                            .isActive())
                    .isTrue();
        }
    }

    @Test
    void aQueueIsWhereItWasMadeElseWhereItBelongs() throws Exception {
        try (GroupsOfNodes cluster = new GroupsOfNodes(directory, 1, List.of("a", "b"))) {
            String name = "q";
            int home = cluster.links(0).placement().ofPath(name);
            int other = 1 - home;
            cluster.leader(home);
            cluster.leader(other);

            for (int node : List.of(0, 1)) {
                assertThat(place(cluster, node, name)).isEqualTo(home);
            }
            StreamEnd maker = StreamEnd.open(cluster, cluster.links(0), other, StreamEnd.CLIENT);
            maker.write(StreamEnd.connect("m", null, null));
            maker.write(StreamEnd.publish("$queue/" + name, "made before there were two groups"));
            for (int node : List.of(0, 1)) {
                await().atMost(LONG).until(() -> place(cluster, node, name) == other);
            }
        }
    }

    private static int place(GroupsOfNodes cluster, int node, String name) throws Exception {
        return cluster.links(node)
                .ofQueue(name, cluster.transport().workers().next())
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);
    }
}
