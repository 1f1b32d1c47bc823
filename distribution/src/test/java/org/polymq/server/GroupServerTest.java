/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import jakarta.jms.JMSContext;
import jakarta.jms.JMSRuntimeException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.config.ServerConfig;
import org.polymq.jms.PolyMQConnectionFactory;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.RequestCode;
import org.polymq.remoting.wire.ResponseCode;
import org.polymq.storage.FixedPorts;
import org.polymq.storage.StorageException;

/** Three nodes in this process, as {@code bin/polymq start --cluster} opens them. */
class GroupServerTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final HttpClient http = HttpClient.newHttpClient();
    private final List<Integer> ports = new ArrayList<>();
    private final List<@Nullable GroupServer> nodes = new ArrayList<>();

    @TempDir
    private Path directory;

    @BeforeEach
    void open() throws IOException {
        for (int i = 0; i < 6; i++) {
            ports.add(freePort());
        }
        for (int node = 1; node <= 3; node++) {
            nodes.add(start(node));
        }
    }

    @AfterEach
    void close() {
        for (int i = 0; i < nodes.size(); i++) {
            GroupServer each = nodes.get(i);
            if (each != null) {
                each.hurry();
                each.close();
                nodes.set(i, null);
            }
        }
    }

    private static int freePort() throws IOException {
        return new FixedPorts().block(1);
    }

    private GroupServer start(int node, String... more) throws IOException {
        return GroupServer.open(config(node, more), reason -> {});
    }

    private ServerConfig config(int node, String... more) {
        List<String> sets = new ArrayList<>(List.of(
                "data=" + directory.resolve("node" + node),
                "cluster.enabled=true",
                "cluster.node=" + node,
                "cluster.nodes="
                        + IntStream.rangeClosed(1, 3)
                                .mapToObj(i -> i + "@127.0.0.1:" + ports.get(i - 1))
                                .collect(Collectors.joining(",")),
                "nameserver.port=" + (node > 3 ? 0 : ports.get(2 + node)),
                "nameserver.addresses="
                        + IntStream.rangeClosed(4, 6)
                                .mapToObj(i -> "127.0.0.1:" + ports.get(i - 1))
                                .collect(Collectors.joining(",")),
                "native.port=0",
                "mqtt.port=0",
                "mqtt.websocket-port=0",
                "dashboard.port=0",
                "storage.segment-size=4MB"));
        sets.addAll(List.of(more));
        return ServerConfig.load(null, Map.of(), sets);
    }

    private String address(int place, String listener) {
        GroupServer node = nodes.get(place);
        return node == null
                ? "-"
                : node.lines().stream()
                        .filter(line -> line.name().equals(listener))
                        .map(line -> "127.0.0.1:" + line.address().getPort())
                        .findFirst()
                        .orElse("-");
    }

    private String status(int place) {
        try {
            return http.send(
                            HttpRequest.newBuilder(
                                            URI.create("http://" + address(place, "dashboard") + "/api/v1/cluster"))
                                    .timeout(LONG)
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException | InterruptedException | IllegalArgumentException away) {
            return "";
        }
    }

    private HttpResponse<String> post(int place, String path, String body) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://" + address(place, "dashboard") + "/api/v1/" + path))
                        .timeout(LONG)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** The place of the node that leads; all that run know it and where it is. */
    private int leader() {
        return await("a node leads")
                .atMost(LONG)
                .until(
                        () -> IntStream.range(0, 3)
                                .filter(i -> status(i).contains("\"role\":\"leader\""))
                                .filter(i -> IntStream.range(0, 3)
                                        .filter(other -> nodes.get(other) != null)
                                        .allMatch(other -> status(other).contains("\"leader\":" + (i + 1))
                                                && status(other).contains("\"leaderUrl\"")))
                                .boxed()
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    private JMSContext connect(int... places) {
        var factory = new PolyMQConnectionFactory("polymq://"
                + IntStream.of(places).mapToObj(i -> address(i, "native")).collect(Collectors.joining(",")));
        return await("the group takes connections")
                .atMost(LONG)
                .ignoreException(JMSRuntimeException.class)
                .until(factory::createContext, context -> true);
    }

    private static void send(JMSContext context, String text) {
        await("the group takes sends")
                .atMost(LONG)
                .ignoreException(JMSRuntimeException.class)
                .until(() -> {
                    context.createProducer().send(context.createQueue("q"), text);
                    return true;
                });
    }

    @Test
    void keepsWhatItAcknowledgedWhenTheLeadMovesAndWhenTheLeaderIsGone() throws Exception {
        int first = leader();
        int follower = (first + 1) % 3;
        try (JMSContext context = connect(follower)) { // which passes it on
            send(context, "one");
        }
        assertThat(post(follower, "cluster/leader", "{\"node\":" + (follower + 1) + "}")
                        .body())
                .contains("only the leader");
        assertThat(post(first, "cluster/leader", "{\"node\":" + (follower + 1) + "}")
                        .statusCode())
                .isEqualTo(200);
        await().atMost(LONG).until(() -> leader() == follower);
        try (JMSContext context = connect(first)) {
            send(context, "two");
        }

        try (JMSContext context = connect(first)) {
            var later = context.createProducer().setDeliveryDelay(2_000);
            later.send(context.createQueue("delayed"), "when another leads");
        }

        nodes.get(follower).close();
        nodes.set(follower, null);
        int third = leader();
        try (JMSContext context = connect(third)) {
            send(context, "three");
            var consumer = context.createConsumer(context.createQueue("q"));
            for (String expected : List.of("one", "two", "three")) {
                assertThat(consumer.receiveBody(String.class, 10_000)).isEqualTo(expected);
            }
            assertThat(context.createConsumer(context.createQueue("delayed")).receiveBody(String.class, 20_000))
                    .isEqualTo("when another leads");
        }

        nodes.set(follower, start(follower + 1));
        await().atMost(LONG).until(() -> status(follower).contains("\"role\":\"follower\""));
    }

    @Test
    void aNativeConnectionLosesNoSendWhenItsNodeGivesTheLeadAwayAndStops() throws Exception {
        int first = leader();
        try (NativeSender sender = new NativeSender(port(first, "native"))) {
            assertThat(sender.send("T", "stored by the first").code()).isZero();
            int next = (first + 1) % 3;
            assertThat(post(first, "cluster/leader", "{\"node\":" + (next + 1) + "}")
                            .statusCode())
                    .isEqualTo(200);
            assertThat(sender.send("T", "passed on").fields().string("queueOffset"))
                    .isEqualTo("1");

            await().atMost(LONG).until(() -> leader() == next);
            CompletableFuture<Void> stopped;
            try (NativeSender stale = new NativeSender(port(next, "native"))) {
                assertThat(stale.send("T", "stored by the next").fields().string("queueOffset"))
                        .isEqualTo("2");
                GroupServer stopping = Objects.requireNonNull(nodes.get(next));
                stopped = CompletableFuture.runAsync(stopping::close);
                await("another node leads")
                        .atMost(LONG)
                        .until(() -> IntStream.range(0, 3)
                                .filter(i -> i != next)
                                .anyMatch(i -> status(i).contains("\"role\":\"leader\"")));
                for (int offset = 3; offset < 13; offset++) {
                    assertThat(stale.send("T", "passed on").fields().string("queueOffset"))
                            .isEqualTo(Integer.toString(offset));
                }
                assertThat(stopped).isNotDone();
            }
            stopped.get(LONG.toSeconds(), TimeUnit.SECONDS);
            nodes.set(next, null);
        }
    }

    @Test
    void nameServersNeverShowAGroupWithoutALeaderWhileTheLeadIsHandedOver() throws Exception {
        int first = leader();
        int next = (first + 1) % 3;
        try (NativeSender sender = new NativeSender(port(first, "native"));
                NativeSender names = new NativeSender(port((first + 2) % 3, "nameserver"))) {
            sender.send("T", "makes the topic");
            await().atMost(LONG).until(() -> isLeader(first, names.route("T")));

            await().atMost(LONG)
                    .until(() -> post(first, "cluster/leader", "{\"node\":" + (next + 1) + "}")
                                    .statusCode()
                            == 200);
            long end = System.nanoTime() + LONG.toNanos();
            String route = names.route("T");
            while (!isLeader(next, route)) {
                assertThat(isLeader(first, route)).as(route).isTrue();
                assertThat(System.nanoTime()).as("the lead was not handed over").isLessThan(end);
                route = names.route("T");
            }
        }
    }

    private boolean isLeader(int place, String route) {
        return route.replace("\"0\"", "0").contains("0:\"" + address(place, "native"));
    }

    private int port(int place, String listener) {
        String address = address(place, listener);
        return Integer.parseInt(address.substring(address.indexOf(':') + 1));
    }

    @Test
    void theLastNodeServesReadsOfWhatWasCommittedAndStoresNothing() throws Exception {
        int first = leader();
        int last = (first + 1) % 3;
        try (NativeSender client = new NativeSender(port(first, "native"))) {
            for (int i = 0; i < 5; i++) {
                assertThat(client.send("T", "message " + i).code()).isZero();
            }
            assertThat(client.pull("readers", "T", 0).code()).isZero(); // makes the group
        }
        await().atMost(LONG).until(() -> appliedBy(last).equals(appliedBy(first)));
        for (int place = 0; place < 3; place++) {
            GroupServer other = Objects.requireNonNull(nodes.get(place));
            if (place != last) {
                other.hurry();
                other.close();
                nodes.set(place, null);
            }
        }
        await().atMost(LONG).until(() -> status(last).contains("nothing is stored until a node leads"));

        try (NativeSender client = new NativeSender(port(last, "native"))) {
            RemotingCommand pulled = client.pull("readers", "T", 0);
            assertThat(pulled.code()).isZero();
            assertThat(pulled.fields().string("nextBeginOffset")).isEqualTo("5");
            RemotingCommand ahead = client.pull("readers", "T", 9);
            assertThat(ahead.code()).as("it may have been seen elsewhere").isEqualTo(ResponseCode.PULL_NOT_FOUND);
            assertThat(ahead.fields().string("nextBeginOffset")).isEqualTo("9");
            ExtFields queue = new ExtFields().with("topic", "T").with("queueId", 0);
            assertThat(client.request(RequestCode.GET_MAX_OFFSET, queue)
                            .fields()
                            .string("offset"))
                    .isEqualTo("5");
            assertThat(client.pull("new", "T", 0).code()).isEqualTo(ResponseCode.SERVICE_NOT_AVAILABLE);
            assertThat(client.send("T", "nobody stores it").code()).isEqualTo(ResponseCode.SERVICE_NOT_AVAILABLE);
            assertThat(client.pull("readers", "T", 5).code()).isEqualTo(ResponseCode.PULL_NOT_FOUND);
        }

        nodes.set(first, start(first + 1));
        leader();
        try (NativeSender client = new NativeSender(port(last, "native"))) {
            assertThat(client.send("T", "when most are back").fields().string("queueOffset"))
                    .isEqualTo("5");
        }
    }

    @Test
    void isRestoredFromABackupThatOneNodeWroteWhileItRan() throws Exception {
        int backedUp = (leader() + 1) % 3;
        String large = "x".repeat(200_000);
        try (JMSContext context = connect(0, 1, 2)) {
            for (int i = 0; i < 30; i++) { // 6 MB, two segments
                send(context, i + large);
            }
            await().atMost(LONG).until(() -> appliedBy(backedUp).equals(appliedBy(leader())));
            assertThat(post(backedUp, "backups", "{\"name\":\"daily\"}").body()).contains("\"name\":\"daily\"");
            assertThat(post(backedUp, "backups", "{\"name\":\"../daily\"}").statusCode())
                    .isEqualTo(400);
            send(context, "later");
        }
        close();
        Path data = directory.resolve("node" + (backedUp + 1));
        Files.move(data.resolve("backups/daily"), directory.resolve("daily"));
        for (int place = 0; place < 3; place++) {
            delete(directory.resolve("node" + (place + 1)));
        }
        Files.move(directory.resolve("daily"), data);

        // Two empty nodes are a majority, and must not lead without the copy.
        int last = (backedUp + 2) % 3;
        for (int empty : List.of((backedUp + 1) % 3, last)) {
            nodes.set(empty, start(empty + 1));
        }
        await("the empty nodes wait for the copy")
                .during(Duration.ofSeconds(3))
                .atMost(LONG)
                .until(() -> IntStream.range(0, 3).noneMatch(i -> status(i).contains("\"role\":\"leader\"")));
        nodes.set(backedUp, start(backedUp + 1));
        assertThat(leader()).isEqualTo(backedUp);
        try (JMSContext context = connect(last)) {
            var consumer = context.createConsumer(context.createQueue("q"));
            for (int i = 0; i < 30; i++) {
                assertThat(consumer.receiveBody(String.class, 10_000)).isEqualTo(i + large);
            }
            send(context, "after it");
            assertThat(consumer.receiveBody(String.class, 10_000)).isEqualTo("after it");
        }
        await().atMost(LONG)
                .until(() -> appliedBy(0).equals(appliedBy(1)) && appliedBy(1).equals(appliedBy(2)));
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }

    @Test
    void takesInANodeThatGetsTheLogAsFilesAndLetsOneGo() throws Exception {
        int leader = leader();
        String large = "x".repeat(200_000);
        try (JMSContext context = connect(leader)) {
            for (int i = 0; i < 80; i++) { // 16 MB, four segments
                send(context, large);
            }
        }
        int replication = freePort();
        nodes.add(GroupServer.open(
                config(4, "cluster.nodes=4@127.0.0.1:" + replication, "cluster.join=true", "nameserver.port=0"),
                reason -> {}));

        HttpResponse<String> added =
                post(leader, "cluster/nodes", "{\"node\":4,\"address\":\"127.0.0.1:" + replication + "\"}");
        assertThat(added.body()).contains("\"done\":true");
        await().atMost(LONG).until(() -> appliedBy(3).equals(appliedBy(leader)));
        assertThat(post(leader, "cluster/nodes", "{\"node\":4,\"address\":\"127.0.0.1:1\"}")
                        .body())
                .contains("in the group already");

        int gone = (leader + 1) % 3;
        HttpRequest removal = HttpRequest.newBuilder(
                        URI.create("http://" + address(leader, "dashboard") + "/api/v1/cluster/nodes/" + (gone + 1)))
                .timeout(LONG)
                .DELETE()
                .build();
        assertThat(http.send(removal, HttpResponse.BodyHandlers.ofString()).body())
                .contains("\"done\":true");
        nodes.get(gone).close();
        nodes.set(gone, null);
        try (JMSContext context = connect(3)) {
            send(context, large);
            var consumer = context.createConsumer(context.createQueue("q"));
            for (int i = 0; i < 81; i++) {
                assertThat(consumer.receiveBody(String.class, 10_000)).isEqualTo(large);
            }
        }
    }

    private String appliedBy(int place) {
        return status(place).replaceAll(".*\"appliedEntry\":(\\d+).*", "$1");
    }

    @Test
    void refusesAnotherClustersDataAndASingleNodesStart() {
        leader();
        nodes.get(2).close();
        nodes.set(2, null);

        assertThatThrownBy(() -> start(3, "cluster.name=other")).hasMessageContaining("correct cluster.name");
        assertThatThrownBy(() -> start(3, "storage.segment-size=8MB"))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("not of this group");
        assertThatThrownBy(() -> Server.open(config(3, "cluster.enabled=false")))
                .hasMessageContaining("start it with --cluster");
    }
}
