/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Collectors;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.tck.client.JmsProtocol;
import org.polymq.tck.client.Mqtt5Protocol;
import org.polymq.tck.client.NativeClient;
import org.polymq.tck.client.Outgoing;
import org.polymq.tck.client.Protocol;
import org.polymq.tck.client.Publisher;
import org.polymq.tck.client.QueueSender;
import org.polymq.tck.client.RocketMqVersion;
import org.polymq.tck.client.Subscriber;
import org.polymq.tck.server.ClusterProcess;
import org.polymq.tck.server.Endpoints;

/** Three groups over three nodes: official clients use them as one, and lose nothing when a leader is killed. */
@EnabledIfSystemProperty(named = "polymq.tier", matches = "full")
class SeveralGroupsIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int GROUPS = 3;
    private static final int MESSAGES = 60;
    private static final int QUEUES = 4;

    @TempDir
    Path directory;

    private static ConditionFactory soon() {
        return await().atMost(PATIENCE);
    }

    private static void persist(Callable<?> attempt) {
        soon().ignoreExceptions().until(() -> {
            attempt.call();
            return true;
        });
    }

    @Test
    void rocketMqClientsSpreadTheirMessagesAndGoOnWhenALeaderIsKilled() throws Exception {
        try (ClusterProcess cluster = ClusterProcess.in(directory, 3, null, GROUPS)) {
            cluster.start(PATIENCE);
            Endpoints server = cluster.endpoints(0);
            try (QueueSender maker = RocketMqVersion.queueSender(server)) {
                persist(() -> {
                    maker.create("spread", QUEUES);
                    return true;
                });
            }
            for (RocketMqVersion version : RocketMqVersion.values()) {
                String name = version.name();
                try (NativeClient client = version.client(server, "producers-" + name)) {
                    client.consume("consumers-" + name, "spread");
                    Set<String> sent = new TreeSet<>();
                    send(client, name + "-before-", sent);
                    int leader = cluster.awaitLeader(1, PATIENCE);
                    cluster.node(leader).kill();
                    send(client, name + "-after-", sent);
                    soon().until(() -> texts(client, name).equals(sent));
                    cluster.node(leader).start();
                    cluster.awaitLeader(1, PATIENCE);
                }
            }
            for (int slot = 0; slot < GROUPS; slot++) {
                int leader = cluster.awaitLeader(slot, PATIENCE);
                assertThat(cluster.status(leader, slot).get("logEnd"))
                        .as("a third of the messages or so are in group " + slot)
                        .isGreaterThan(MESSAGES * 100L);
            }
        }
    }

    private static void send(NativeClient client, String prefix, Set<String> sent) {
        for (int i = 0; i < MESSAGES; i++) {
            String text = prefix + i;
            persist(() -> client.send("spread", text, "", ""));
            sent.add(text);
        }
    }

    private static Set<String> texts(NativeClient client, String version) {
        return client.got().stream()
                .map(NativeClient.Got::text)
                .filter(each -> each.startsWith(version))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void everyProtocolReachesEveryOtherThroughAnyNode() throws Exception {
        try (ClusterProcess cluster = ClusterProcess.in(directory, 3, null, GROUPS)) {
            cluster.start(PATIENCE);
            List<Protocol> protocols =
                    List.of(RocketMqVersion.V5.protocol(), JmsProtocol.topics(), Mqtt5Protocol.topics(1));
            for (Protocol from : protocols) {
                for (int node = 0; node < cluster.size(); node++) {
                    passesToAll(from, protocols, cluster.endpoints(node), "way-" + from.name() + "-" + node);
                }
            }
        }
    }

    private static void passesToAll(Protocol from, List<Protocol> protocols, Endpoints server, String topic)
            throws Exception {
        List<Subscriber> subscribers = new ArrayList<>();
        List<Set<String>> received = new ArrayList<>();
        try {
            for (Protocol to : protocols) {
                Set<String> arrived = new ConcurrentSkipListSet<>();
                received.add(arrived);
                subscribers.add(to.subscriber(
                        server,
                        topic + "-to-" + to.name(),
                        topic,
                        message -> arrived.add(new String(message.body(), UTF_8))));
            }
            try (Publisher publisher = from.publisher(server, topic + "-from", topic)) {
                for (int i = 0; i < 10; i++) {
                    byte[] body = Integer.toString(i).getBytes(UTF_8);
                    persist(() -> {
                        publisher.publish(Outgoing.of(body));
                        return true;
                    });
                }
            }
            soon().until(() -> received.stream().allMatch(each -> each.size() == 10));
        } finally {
            subscribers.forEach(Subscriber::close);
        }
    }
}
