/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.config.ServerConfig;
import org.polymq.cli.admin.ClusterCommand;
import org.polymq.storage.FixedPorts;
import picocli.CommandLine;

/** Three nodes of three groups in this process, as {@code bin/polymq start --cluster} opens them. */
class ClusterServerTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final List<String> GROUPS = List.of("a", "b", "c");
    private static final int NODES = 3;

    private final HttpClient http = HttpClient.newHttpClient();
    private final List<Integer> between = new ArrayList<>();
    private final List<Integer> nameServers = new ArrayList<>();
    private final List<@Nullable ClusterServer> nodes = new ArrayList<>();

    @TempDir
    private Path directory;

    @BeforeEach
    void open() throws IOException {
        for (int i = 0; i < NODES; i++) {
            between.add(new FixedPorts().block(21));
            nameServers.add(new FixedPorts().block(1));
        }
        for (int i = 0; i < NODES; i++) {
            nodes.add(start(i));
        }
    }

    @AfterEach
    void close() {
        for (int i = 0; i < nodes.size(); i++) {
            stop(i);
        }
    }

    private void stop(int place) {
        ClusterServer node = nodes.get(place);
        if (node != null) {
            node.hurry();
            node.close();
            nodes.set(place, null);
        }
    }

    private ClusterServer start(int place, String... more) throws IOException {
        return ClusterServer.open(config(place, more), reason -> {});
    }

    private ServerConfig config(int place, String... more) {
        List<String> sets = new ArrayList<>(List.of(
                "data=" + directory.resolve("node" + (place + 1)),
                "cluster.enabled=true",
                "cluster.groups=" + String.join(",", GROUPS),
                "cluster.node=" + (place + 1),
                "cluster.nodes="
                        + IntStream.range(0, NODES)
                                .mapToObj(i -> (i + 1) + "@127.0.0.1:" + between.get(i))
                                .collect(Collectors.joining(",")),
                "nameserver.port=" + nameServers.get(place),
                "nameserver.addresses="
                        + nameServers.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(",")),
                "native.port=0",
                "mqtt.port=0",
                "mqtt.websocket-port=0",
                "dashboard.port=0",
                "cluster.grid=off",
                "storage.segment-size=4MB"));
        sets.addAll(List.of(more));
        return ServerConfig.load(null, Map.of(), sets);
    }

    private int port(int place, String listener) {
        ClusterServer node = nodes.get(place);
        return node == null ? 0 : port(node, listener);
    }

    private static int port(ClusterServer server, String listener) {
        return server.lines().stream()
                .filter(line -> line.name().equals(listener))
                .findFirst()
                .orElseThrow()
                .address()
                .getPort();
    }

    private String get(int place, String group, String path) {
        try {
            return body("http://127.0.0.1:" + port(place, "dashboard/" + group) + path);
        } catch (IOException | InterruptedException | IllegalArgumentException away) {
            return "";
        }
    }

    private String body(String url) throws IOException, InterruptedException {
        return http.send(
                        HttpRequest.newBuilder(URI.create(url)).timeout(LONG).build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    /** What {@code bin/polymq cluster ...} prints, asked at the first group's port of a node. */
    private String cli(int place, String... words) {
        StringWriter out = new StringWriter();
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of("--url", "http://127.0.0.1:" + port(place, "dashboard/a")));
        CommandLine command = new CommandLine(new ClusterCommand());
        command.getCommandSpec().addMethodSubcommands();
        command.setOut(new PrintWriter(out, true))
                .setExecutionExceptionHandler((failure, line, parsed) -> {
                    out.write("refused: " + failure.getMessage());
                    return 1;
                })
                .execute(all.toArray(new String[0]));
        return out.toString();
    }

    private boolean isLeading(int place, String group) {
        String status = get(place, group, "/api/v1/cluster"); // its own state, then those of all groups
        return status.substring(0, Math.max(0, status.indexOf("\"groups\""))).contains("\"role\":\"leader\"");
    }

    /** The place of the node that leads a group. */
    private int leader(String group) {
        return await("a node leads " + group)
                .atMost(LONG)
                .until(
                        () -> IntStream.range(0, NODES)
                                .filter(i -> isLeading(i, group))
                                .boxed()
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    private void awaitSpread() {
        await("each node leads a group")
                .atMost(LONG)
                .until(() -> IntStream.range(0, NODES).allMatch(slot -> leader(GROUPS.get(slot)) == slot));
    }

    @Test
    void spreadsTheLeadsAndEachGroupGoesOnWithoutTheOthersLeaders() throws Exception {
        awaitSpread();
        for (int place = 0; place < NODES; place++) {
            int asked = place;
            await("all know all leaders")
                    .atMost(LONG)
                    .untilAsserted(() -> assertThat(get(asked, "b", "/api/v1/cluster"))
                            .contains("\"cluster\":\"DefaultCluster\",\"group\":\"b\",\"node\":" + (asked + 1))
                            .containsPattern(
                                    "\"group\":\"a\",\"slot\":0,[^}]*\"leader\":1,\"leaderUrl\":\"http://127.0.0.1:"
                                            + port(0, "dashboard/a"))
                            .containsPattern("\"group\":\"c\",\"slot\":2,[^}]*\"leader\":3,"));
            assertThat(get(place, "a", "/health/ready")).contains("\"groups\":{\"status\":\"UP\"}");
        }
        assertThat(cli(0, "status")).containsPattern("(?m)^c +2 +follower +\\d+ +3 +http://127.0.0.1:");
        assertThat(cli(0, "nodes", "--group", "c")).containsPattern("(?m)^3 +127.0.0.1:\\d+ +leader +in touch");
        for (String group : GROUPS) {
            // Node 2 leads b, and passes on what the others are to store.
            try (NativeSender sender = new NativeSender(port(1, "native/" + group))) {
                assertThat(sender.send("T", "to " + group).fields().string("queueOffset"))
                        .isEqualTo("0");
            }
        }
        try (NativeSender names = new NativeSender(nameServers.get(1))) {
            await("routes name all groups").atMost(LONG).until(() -> {
                String route = names.route("T");
                return GROUPS.stream().allMatch(each -> route.contains("\"brokerName\":\"" + each + "\""));
            });
        }

        stop(0);
        for (String group : GROUPS) {
            assertThat(leader(group)).isNotZero();
            try (NativeSender sender = new NativeSender(port(2, "native/" + group))) {
                assertThat(sender.send("T", "again to " + group).fields().string("queueOffset"))
                        .isEqualTo("1");
            }
        }
        nodes.set(0, start(0));
        awaitSpread();
        try (NativeSender sender = new NativeSender(port(0, "native/a"))) {
            assertThat(sender.send("T", "to the first leader").fields().string("queueOffset"))
                    .isEqualTo("2");
        }
    }

    @Test
    void keepsALeadWhereAnAdministratorGaveItAndBringsItBackThere() throws Exception {
        awaitSpread();

        assertThat(cli(2, "transfer-leader", "2")).contains("say which one by --group a, b, c");
        assertThat(cli(2, "transfer-leader", "2", "--group", "x")).contains("there is no group x; there is a, b, c");
        cli(2, "transfer-leader", "2", "--group", "a"); // its answer may be lost with the lead
        await().atMost(LONG).until(() -> leader("a") == 1);
        stop(1);
        assertThat(leader("a")).isNotEqualTo(1);
        nodes.set(1, start(1));

        await("the lead is back with node 2").atMost(LONG).until(() -> leader("a") == 1);
    }

    @Test
    void aSinkThatIsSpreadWritesWhatEachGroupHasAlsoWhenALeaderIsGone() throws Exception {
        awaitSpread();
        Path out = directory.resolve("out");
        String sink =
                "{\"name\":\"out\",\"kind\":\"lines\",\"config\":{\"spread\":\"true\",\"topics\":\"T\",\"file\":\""
                        + out + "\"}}";
        assertThat(post(1, "b", "connectors", sink)).contains("defined in group a");
        assertThat(post(0, "a", "connectors", sink)).contains("\"name\":\"out\"");
        Set<String> sent = new TreeSet<>(send(0, "before "));

        await("all of it is written").atMost(LONG).until(() -> lines(out).equals(sent));
        await("the first group shows the tasks of all")
                .atMost(LONG)
                .untilAsserted(() -> assertThat(get(0, "a", "/api/v1/connectors/out"))
                        .contains("{\"id\":0,\"state\":\"running\"}")
                        .contains("{\"id\":0,\"group\":\"b\",\"state\":\"running\"}")
                        .contains("{\"id\":0,\"group\":\"c\",\"state\":\"running\"}")
                        .contains("\"sent\":3"));
        assertThat(post(1, "b", "connectors/out/pause", "{}")).contains("defined in group a");

        stop(1);
        assertThat(leader("b")).isNotEqualTo(1);
        sent.addAll(send(2, "after "));
        await("the next leader writes what is new")
                .atMost(LONG)
                .until(() -> lines(out).equals(sent));
    }

    private Set<String> send(int place, String text) throws Exception {
        Set<String> sent = new TreeSet<>();
        for (String group : GROUPS) {
            try (NativeSender sender = new NativeSender(port(place, "native/" + group))) {
                sender.send("T", text + group);
                sent.add(text + group);
            }
        }
        return sent;
    }

    private static Set<String> lines(Path file) throws IOException {
        return Files.exists(file) ? new TreeSet<>(Files.readAllLines(file)) : Set.of();
    }

    private String post(int place, String group, String path, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + port(place, "dashboard/" + group) + "/api/v1/" + path))
                .timeout(LONG)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    @Test
    void isNotOpenedOverOtherDataOrWithOtherGroups() throws Exception {
        stop(2);

        assertThatThrownBy(() -> start(2, "cluster.groups=b,a,c")).hasMessageContaining("none is moved or taken out");
        assertThatThrownBy(() -> start(2, "cluster.groups=a,b")).hasMessageContaining("none is moved or taken out");
        assertThatThrownBy(() -> GroupServer.open(config(2, "cluster.groups="), reason -> {}))
                .hasMessageContaining("holds the data of node 3 of the groups 'a,b,c'")
                .hasMessageContaining("of group 'broker-a'");
        assertThatThrownBy(() -> Server.open(config(2, "cluster.groups=", "cluster.enabled=false")))
                .hasMessageContaining("start it with --cluster");
        Path ofOne = directory.resolve("one");
        GroupServer.open(config(2, "cluster.groups=", "data=" + ofOne), reason -> {})
                .close();
        assertThatThrownBy(() -> start(2, "data=" + ofOne)).hasMessageContaining("holds the data of node 3 of group");
        Path alone = directory.resolve("alone");
        try (Server server = Server.open(config(2, "cluster.groups=", "cluster.enabled=false", "data=" + alone));
                NativeSender sender =
                        new NativeSender(server.lines().get(1).address().getPort())) {
            sender.send("T", "makes a segment");
        }
        assertThatThrownBy(() -> start(2, "data=" + alone)).hasMessageContaining("the data of a single server");
        assertThat(Files.exists(alone.resolve("groups"))).isFalse();

        nodes.set(2, start(2, "cluster.groups=a,b,c,d"));
        assertThat(get(2, "d", "/api/v1/cluster")).contains("\"group\":\"d\",\"slot\":3");
    }
}
