/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.polymq.tck.client.AdminTool;
import org.polymq.tck.client.JmsProtocol;
import org.polymq.tck.client.Mqtt5Protocol;
import org.polymq.tck.client.NativeClient;
import org.polymq.tck.client.NativeClient.Got;
import org.polymq.tck.client.Outgoing;
import org.polymq.tck.client.Protocol;
import org.polymq.tck.client.Publisher;
import org.polymq.tck.client.RocketMqVersion;
import org.polymq.tck.client.Subscriber;
import org.polymq.tck.ledger.Ledger;
import org.polymq.tck.ledger.Stamp;
import org.polymq.tck.ledger.Verdict;

/** An operator changes, deletes and makes anew what applications are using. */
@Execution(ExecutionMode.CONCURRENT)
@SuppressWarnings("try") // what is opened works while it is open
class QueueChangesIT {
    private static final int PATHS = 8;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @RegisterExtension
    static final SharedServer SERVER = new SharedServer();

    private final AdminTool tool = RocketMqVersion.V5.admin(SERVER.at().nameServer());
    private final String broker = SERVER.at().nativePort();

    @Test
    void moreQueuesTakeNoPathOutOfOrderAndLoseNothing() throws Exception {
        change("grown", 4, 4);
        Protocol devices = Mqtt5Protocol.topics(1);
        Ledger ledger = new Ledger();
        Set<String> streams = new LinkedHashSet<>();
        for (int path = 0; path < PATHS; path++) {
            streams.add("grown#" + path);
        }
        ledger.subscribes("grown-service", streams);
        ledger.subscribes("grown-application", streams);
        try (Publisher publisher = devices.publisher(SERVER.at(), "grown-device", "grown");
                Subscriber service = subscriber(RocketMqVersion.V5.protocol(), "grown-service", "grown", ledger);
                Subscriber application = subscriber(JmsProtocol.topics(), "grown-application", "grown", ledger)) {
            publish(publisher, ledger, 100);
            change("grown", 16, 16);
            publish(publisher, ledger, 100);
            change("grown", 32, 32);
            publish(publisher, ledger, 100);

            await().atMost(PATIENCE).until(ledger::complete);
        }

        Verdict verdict = ledger.judge();
        assertThat(verdict.atLeastOnce())
                .as("%s %s", verdict, verdict.examples())
                .isTrue();
        assertThat(verdict.acknowledged()).isEqualTo(300);
    }

    @Test
    void fewerQueuesLoseNothing() throws Exception {
        change("shrunk", 8, 8);
        try (NativeClient client = RocketMqVersion.V5.client(SERVER.at(), "shrunk-producers")) {
            client.consume("shrunk-readers", "shrunk");
            AtomicBoolean stop = new AtomicBoolean();
            AtomicInteger toKeptQueues = new AtomicInteger(); // in a row
            Set<String> sent = new LinkedHashSet<>();
            Thread producer = new Thread(() -> {
                for (int n = 0; !stop.get(); n++) {
                    try {
                        int queue = client.send("shrunk", "n" + n, "", "").queueId();
                        toKeptQueues.updateAndGet(before -> queue < 2 ? before + 1 : 0);
                        synchronized (sent) {
                            sent.add("n" + n);
                        }
                    } catch (Exception e) {
                        throw new AssertionError("message " + n, e);
                    }
                }
            });
            producer.start();
            awaitMore(client, 100);

            change("shrunk", 8, 2); // first nobody writes to six of the queues, and they are read to their ends
            await().atMost(PATIENCE).until(() -> toKeptQueues.get() >= 50); // the producer has heard of it
            Set<String> before;
            synchronized (sent) {
                before = Set.copyOf(sent);
            }
            await().atMost(PATIENCE)
                    .until(() -> client.got().stream()
                            .map(Got::text)
                            .collect(Collectors.toSet())
                            .containsAll(before));
            change("shrunk", 2, 2); // then nobody reads them
            awaitMore(client, 100);
            change("shrunk", 6, 6);
            awaitMore(client, 100);
            stop.set(true);
            producer.join(PATIENCE.toMillis());
            assertThat(producer.isAlive()).as("it still sends").isFalse();

            await().atMost(PATIENCE)
                    .until(() -> client.got().stream()
                            .map(Got::text)
                            .collect(Collectors.toSet())
                            .containsAll(sent));
            for (int queue = 0; queue < 8; queue++) {
                int mine = queue;
                assertThat(client.got().stream()
                                .filter(got -> got.queueId() == mine)
                                .map(Got::offset)
                                .distinct())
                        .isSorted();
            }
        }
        assertThat(tool.run("topicRoute -t shrunk -l")).containsPattern(broker + "\\} +6 +6 +6");
    }

    @Test
    void aTopicOfAThousandQueuesIsServed() throws Exception {
        change("wide", 1000, 1000);
        try (NativeClient client = RocketMqVersion.V5.client(SERVER.at(), "wide-producers")) {
            client.send("wide", 999, "the last queue");
            client.send("wide", 0, "the first queue");
        }
        assertThat(tool.run("topicStatus -t wide"))
                .containsPattern(" 999 +0 +1 +20")
                .containsPattern(" 500 +0 +0 ");
        assertThat(tool.run("updateTopic -b " + broker + " -t too-wide -r 1025 -w 4"))
                .contains("between 1 and 1024");
    }

    @Test
    void aTopicDeletedAndMadeAnewBeginsAtNothing() throws Exception {
        change("phoenix", 1, 1);
        try (NativeClient client = RocketMqVersion.V5.client(SERVER.at(), "phoenix-producers")) {
            client.consume("phoenix-readers", "phoenix");
            for (int n = 0; n < 5; n++) {
                client.send("phoenix", 0, "old " + n);
            }
            await().atMost(PATIENCE).until(() -> client.got().size() == 5);

            assertThat(tool.run("deleteTopic -t phoenix -c " + cluster())).contains("success");
            change("phoenix", 1, 1);
            assertThat(tool.run("topicStatus -t phoenix")).containsPattern(" 0 +0 +0 ");
            await().atMost(PATIENCE)
                    .ignoreExceptions()
                    .until(() -> client.send("phoenix", 0, "new").offset() >= 0);

            await("the consumer that stayed online")
                    .atMost(PATIENCE)
                    .until(() ->
                            client.got().stream().anyMatch(got -> got.text().equals("new") && got.offset() == 0));
        }
    }

    @Test
    void aGroupDeletedWhileItsMembersAreOnlineGoesOn() throws Exception {
        change("stubborn", 1, 1);
        try (NativeClient client = RocketMqVersion.V5.client(SERVER.at(), "stubborn-producers")) {
            client.consume("stubborn-readers", "stubborn");
            client.send("stubborn", 0, "before");
            await().atMost(PATIENCE).until(() -> client.got().size() == 1);

            assertThat(tool.run("deleteSubGroup -b " + broker + " -g stubborn-readers"))
                    .contains("success");
            client.send("stubborn", 0, "after");

            await().atMost(PATIENCE).until(() -> client.got().size() == 2);
        }
    }

    @Test
    void permissionsOfATopicHoldForJms() throws Exception {
        Protocol jms = JmsProtocol.topics();
        writesAreRefused(jms, "perm-jms");
        tool.run("updateTopicPerm -t perm-jms -p 2 -b " + broker);

        assertThatThrownBy(() -> jms.subscriber(SERVER.at(), "perm-subscriber", "perm-jms", got -> {})
                        .close())
                .hasMessageContaining("'perm-jms' is not readable");
    }

    @Test
    void permissionsOfATopicHoldForMqtt() throws Exception {
        writesAreRefused(Mqtt5Protocol.topics(1), "perm-mqtt");
        tool.run("updateTopicPerm -t perm-mqtt -p 2 -b " + broker);

        try (MqttClient client =
                new MqttClient("tcp://" + SERVER.at().mqtt(), "perm-watcher", new MemoryPersistence())) {
            client.setTimeToWait(PATIENCE.toMillis());
            client.connect();
            assertThatThrownBy(() -> client.subscribe("perm-mqtt/#")).isInstanceOf(MqttException.class);
            client.subscribe("another/#");
            client.disconnect();
        }
    }

    private void writesAreRefused(Protocol protocol, String topic) throws Exception {
        change(topic, 1, 1);
        try (Publisher publisher = protocol.publisher(SERVER.at(), topic + "-publisher", topic)) {
            publisher.publish(Outgoing.of(new byte[] {1}));
            tool.run("updateTopicPerm -t " + topic + " -p 4 -b " + broker);

            assertThatThrownBy(() -> publisher.publish(Outgoing.of(new byte[] {2})))
                    .isInstanceOf(Exception.class);
        }
        assertThat(tool.run("topicStatus -t " + topic)).containsPattern(" 0 +0 +1 ");
    }

    private static Subscriber subscriber(Protocol protocol, String identity, String topic, Ledger ledger)
            throws Exception {
        return protocol.subscriber(SERVER.at(), identity, topic, got -> ledger.received(identity, got.body()));
    }

    private static void publish(Publisher publisher, Ledger ledger, int count) throws Exception {
        for (int n = 0; n < count; n++) {
            int path = n % PATHS;
            Stamp stamp = ledger.next("grown#" + path);
            publisher.publish(Outgoing.of(stamp.body(100)).withPath("p" + path));
            ledger.acknowledged(stamp);
        }
    }

    private static void awaitMore(NativeClient client, int more) {
        int before = client.got().size();
        await().atMost(PATIENCE).until(() -> client.got().size() >= before + more);
    }

    private void change(String topic, int read, int write) throws Exception {
        assertThat(tool.run("updateTopic -b " + broker + " -t " + topic + " -r " + read + " -w " + write))
                .contains("success");
    }

    private String cluster() throws Exception {
        return tool.run("topicClusterList -t phoenix").strip();
    }
}
