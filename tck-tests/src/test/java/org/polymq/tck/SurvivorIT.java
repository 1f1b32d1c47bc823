/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.polymq.tck.client.NativeClient;
import org.polymq.tck.client.RocketMqVersion;
import org.polymq.tck.server.ClusterProcess;
import org.polymq.tck.server.Endpoints;

/** What the last node of a group of three still does: RocketMQ consumers read what was committed, nobody writes. */
@EnabledIfSystemProperty(named = "polymq.tier", matches = "full")
class SurvivorIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    /** In one queue; several times what a client reads ahead. */
    private static final int MESSAGES = 3_000;

    private static final int SENDERS = 32;
    private static final int BEFORE = 20;
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    Path directory;

    private static ConditionFactory soon() {
        return await().atMost(PATIENCE);
    }

    @ParameterizedTest
    @CsvSource({"V5, true", "V5, false", "V4, true", "V4, false"})
    void consumersGoOnWithTheBacklogAndNoWriteSucceeds(RocketMqVersion version, boolean leaderSurvives)
            throws Exception {
        try (ClusterProcess group = ClusterProcess.in(directory, 3).with("cluster.election-timeout", "3s")) {
            group.start(PATIENCE);
            int leader = group.awaitLeader(PATIENCE);
            int survivor = leaderSurvives ? leader : (leader + 1) % 3;
            Endpoints at = endpoints(group);
            CountDownLatch killed = new CountDownLatch(1);
            try (NativeClient client = version.client(at, "producers")) {
                Set<String> sent = new TreeSet<>();
                for (int i = 0; i < BEFORE; i++) {
                    sent.add(stored(client, "early " + i));
                }
                try (NativeClient second = version.client(at, "others")) {
                    second.consume("later", "backlog");
                    soon().until(() -> second.got().size() >= BEFORE);
                }
                client.consume("working", "backlog", message -> {
                    if (!message.text().startsWith("early")) {
                        hold(killed);
                    }
                });
                ExecutorService senders = Executors.newFixedThreadPool(SENDERS);
                try {
                    List<Callable<String>> sends = IntStream.range(0, MESSAGES)
                            .<Callable<String>>mapToObj(i -> () -> stored(client, "message " + i))
                            .toList();
                    for (Future<String> each : senders.invokeAll(sends, 5, TimeUnit.MINUTES)) {
                        sent.add(each.get());
                    }
                } finally {
                    senders.shutdown();
                }

                // A follower learns with the next word of the leader that what it has is committed.
                soon().until(() -> hasAppliedAll(group.status(survivor)));
                for (int node = 0; node < 3; node++) {
                    if (node != survivor) {
                        group.node(node).kill();
                    }
                }
                soon().until(() -> status(group, survivor).contains("nothing is stored until a node leads"));
                killed.countDown();
                soon().until(() -> texts(client).containsAll(sent));

                assertThatThrownBy(() -> send(client, "when two of three are gone"));
                try (NativeClient third = version.client(at, "more")) {
                    soon().ignoreExceptions().until(() -> consumes(third));
                    soon().until(() -> texts(third).size() >= MESSAGES);
                    assertThat(sent).containsAll(texts(third));
                }
                assertThat(texts(client)).isEqualTo(sent);

                group.node((survivor + 1) % 3).start();
                group.awaitLeader(PATIENCE);
                sent.add(stored(client, "when one is back"));
                soon().until(() -> texts(client).containsAll(sent));
            }
        }
    }

    private static String send(NativeClient client, String text) throws Exception {
        client.send("backlog", 0, text);
        return text;
    }

    /** Sends until it is acknowledged: on a busy machine the lead moves. */
    private static String stored(NativeClient client, String text) {
        return soon().pollDelay(Duration.ZERO).ignoreExceptions().until(() -> send(client, text), text::equals);
    }

    /**
     * RocketMQ's newer clients do not start if the name server that they choose first is down; the next try is another.
     */
    private static boolean consumes(NativeClient client) throws Exception {
        client.consume("later", "backlog");
        return true;
    }

    private static boolean hasAppliedAll(Map<String, Long> status) {
        return status.containsKey("lastEntry") && status.get("lastEntry").equals(status.get("appliedEntry"));
    }

    private static Set<String> texts(NativeClient client) {
        return client.got().stream().map(NativeClient.Got::text).collect(Collectors.toCollection(TreeSet::new));
    }

    private static void hold(CountDownLatch latch) {
        try {
            if (!latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("nodes were not killed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Endpoints endpoints(ClusterProcess group) {
        List<String> nameServers = IntStream.range(0, group.size())
                .mapToObj(node -> group.node(node).address("nameserver.port"))
                .toList();
        return new Endpoints(String.join(";", nameServers), "-", "-", "-", "-");
    }

    private static String status(ClusterProcess group, int node) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://" + group.node(node).address("dashboard.port") + "/api/v1/cluster"))
                .timeout(PATIENCE)
                .build();
        return HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
}
