/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import jakarta.jms.JMSContext;
import jakarta.jms.JMSRuntimeException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.security.Accounts;
import org.polymq.broker.security.Permission;
import org.polymq.broker.security.User;
import org.polymq.jms.PolyMQConnectionFactory;

/** Users of the first group at the second one. */
class AccountsMirrorTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int ENOUGH = 100;
    private static final String PASSWORD = "a good password";
    private static final String LET_IN = "20020000";
    private static final String REFUSED = "20020004";
    private static final String[] SECURED = {"security.enabled=true", "security.password-iterations=1000"};

    private final HttpClient http = HttpClient.newHttpClient();

    @TempDir
    private Path directory;

    @Test
    void aUserOfTheFirstGroupLogsInAtTheSecondUntilItIsDeleted() throws Exception {
        try (GroupsOfNodes cluster = new GroupsOfNodes(directory, 1, List.of("a", "b"), SECURED)) {
            cluster.leader(0);
            cluster.leader(1);
            AccountsMirror mirror = mirror(cluster, 1);
            make(cluster, 1, "ann");
            awaitCopied(cluster, 1, mirror);
            String stored = lastEntry(cluster);
            mirror.look();
            mirror.look();
            assertThat(lastEntry(cluster)).as("equal accounts make no records").isEqualTo(stored);

            StreamEnd mqtt = mqtt(cluster, "ann", LET_IN);
            try (JMSContext jms = jms(cluster)) {
                jms.createProducer().send(jms.createTopic("t"), "text");
            }
            assertThatThrownBy(() -> make(cluster, 1, 1, "bob"))
                    .hasCauseInstanceOf(BrokerException.class)
                    .hasMessageContaining("defined in group a");
            this.<Boolean>done(reply -> accounts(cluster, 1, 0).delete("ann", Lane.direct(), reply));
            awaitCopied(cluster, 1, mirror);

            await("its connection ends")
                    .atMost(LONG)
                    .until(() -> !mqtt.channel().isOpen());
            mqtt(cluster, "ann", REFUSED);
            assertThatThrownBy(() -> jms(cluster)).isInstanceOf(JMSRuntimeException.class);
        }
    }

    @Test
    void theSecondGroupLetsThemInWithoutTheFirstAndAfterARestart() throws Exception {
        try (GroupsOfNodes cluster = new GroupsOfNodes(directory, 3, List.of("a", "b"), SECURED)) {
            int first = cluster.leader(0);
            make(cluster, first, "ann");
            int leader = cluster.leader(1);
            awaitCopied(cluster, leader, mirror(cluster, leader));

            for (int node = 1; node <= 3; node++) {
                cluster.stop(node, 0);
            }
            mqtt(cluster, "ann", LET_IN);
            cluster.stop(leader, 1);
            cluster.leader(1);
            mqtt(cluster, "ann", LET_IN);
            for (int node = 1; node <= 3; node++) {
                cluster.stop(node, 1);
            }
            for (int node = 1; node <= 3; node++) {
                cluster.start(node, 1);
            }
            cluster.leader(1);
            mqtt(cluster, "ann", LET_IN);
            mqtt(cluster, "eve", REFUSED);
        }
    }

    private static AccountsMirror mirror(GroupsOfNodes cluster, int node) {
        return new AccountsMirror("b", () -> node(cluster, node, 0), () -> node(cluster, node, 1));
    }

    private static GroupNode node(GroupsOfNodes cluster, int node, int slot) {
        return cluster.server(node, slot).orElseThrow().node();
    }

    private static Accounts accounts(GroupsOfNodes cluster, int node, int slot) {
        return node(cluster, node, slot).security().accounts();
    }

    /** The last entry in the log of the second group, as its admin API says. */
    private String lastEntry(GroupsOfNodes cluster) throws Exception {
        String ann = Base64.getEncoder().encodeToString(("ann:" + PASSWORD).getBytes(UTF_8));
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + port(cluster, "dashboard") + "/api/v1/cluster"))
                .timeout(LONG)
                .header("Authorization", "Basic " + ann)
                .build();
        String status = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
        Matcher entry = Pattern.compile("\"lastEntry\":(\\d+)").matcher(status);
        assertThat(entry.find()).as(status).isTrue();
        return entry.group(1);
    }

    private void make(GroupsOfNodes cluster, int node, String name) throws Exception {
        make(cluster, node, 0, name);
    }

    private void make(GroupsOfNodes cluster, int node, int slot, String name) throws Exception {
        User user = User.of(name)
                .withPermissions(
                        List.of(Permission.parse("allow PUB,SUB topic:#"), Permission.parse("allow SUB cluster:*")));
        this.<User>done(reply -> accounts(cluster, node, slot).create(user, PASSWORD, Lane.direct(), reply));
    }

    private <T> T done(Consumer<Reply<T>> request) throws Exception {
        CompletableFuture<T> done = new CompletableFuture<>();
        request.accept(Reply.of(done::complete, done::completeExceptionally));
        return done.get(60, TimeUnit.SECONDS);
    }

    /** Looks until the second group has what the node knows of the first, and that is something. */
    private static void awaitCopied(GroupsOfNodes cluster, int node, AccountsMirror mirror) {
        await("copied").atMost(LONG).until(() -> {
            mirror.look();
            long version = accounts(cluster, node, 0).version();
            return version > 0 && accounts(cluster, node, 1).version() == version;
        });
    }

    /** Logs in by MQTT; the lead may move on a busy machine before there is an answer. */
    private static StreamEnd mqtt(GroupsOfNodes cluster, String user, String answer) throws Exception {
        for (int tries = 0; tries < ENOUGH; tries++) {
            StreamEnd end = StreamEnd.open(cluster, cluster.links(0), 1, StreamEnd.CLIENT);
            end.write(StreamEnd.connect("client-of-" + user, user, PASSWORD));
            await().atMost(LONG)
                    .until(() -> end.read().contains("2002") || !end.channel().isOpen());
            if (end.read().contains("2002")) {
                assertThat(end.read()).endsWith(answer);
                return end;
            }
        }
        throw new AssertionError("no answer");
    }

    private static JMSContext jms(GroupsOfNodes cluster) {
        return new PolyMQConnectionFactory("polymq://127.0.0.1:" + port(cluster, "native"))
                .createContext("ann", PASSWORD);
    }

    private static int port(GroupsOfNodes cluster, String listener) {
        return cluster.server(1, 1).orElseThrow().lines().stream()
                .filter(line -> line.name().equals(listener))
                .findFirst()
                .orElseThrow()
                .address()
                .getPort();
    }
}
