/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import jakarta.jms.Connection;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.polymq.tck.client.DelayClient;
import org.polymq.tck.client.DelayClient.By;
import org.polymq.tck.client.Incoming;
import org.polymq.tck.client.JmsProtocol;
import org.polymq.tck.client.Mqtt5Protocol;
import org.polymq.tck.client.RocketMqVersion;
import org.polymq.tck.client.Subscriber;
import org.polymq.tck.server.BrokerProcess;

/** Messages that wait: RocketMQ's delay levels and timers, JMS delivery delay; with the official clients. */
@SuppressWarnings("try") // what is opened works while it is open
class DelaysIT {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    /** How late a message may be seen on a busy machine. */
    private static final long LATE_MILLIS = 2_000;

    @TempDir
    private Path directory;

    private BrokerProcess server;
    private final List<Seen> seen = Collections.synchronizedList(new ArrayList<>());

    private record Seen(String text, long at, Map<String, Object> properties) {}

    @BeforeEach
    void start() throws Exception {
        server = BrokerProcess.in(directory).onFixedPorts().with("native.delay-levels", "1s 2s 3s");
        server.start();
    }

    @AfterEach
    void stop() throws Exception {
        if (server.isAlive()) {
            server.kill();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aLevelDelaysAMessageAndTellsWhereItWasSent(RocketMqVersion version) throws Exception {
        try (DelayClient client = version.delays(server.endpoints());
                Subscriber subscriber =
                        version.protocol().subscriber(server.endpoints(), "levels-" + version, "levels", this::see)) {
            warmUp(client, "levels");
            long sent = System.currentTimeMillis();
            client.send("levels", "third", By.LEVEL, 3);
            client.send("levels", "first", By.LEVEL, 1);
            client.send("levels", "last", By.LEVEL, 18); // RocketMQ's rule: at most the last level there is

            await().atMost(PATIENCE).until(() -> seen.size() == 3);

            assertDue(seen("first"), sent + 1_000);
            assertDue(seen("third"), sent + 3_000);
            assertDue(seen("last"), sent + 3_000);
            assertThat(seen("first").properties())
                    .containsEntry("REAL_TOPIC", "levels")
                    .containsKey("REAL_QID")
                    .doesNotContainKey("DELAY");
        }
    }

    @Test
    void aTimerDelaysAMessageByAnyTime() throws Exception {
        try (DelayClient client = RocketMqVersion.V5.delays(server.endpoints());
                Subscriber native5 =
                        RocketMqVersion.V5.protocol().subscriber(server.endpoints(), "timers", "timers", this::see)) {
            warmUp(client, "timers");
            long sent = System.currentTimeMillis();
            client.send("timers", "by ms", By.DELAY_MS, 1_234);
            client.send("timers", "by sec", By.DELAY_SEC, 2);
            client.send("timers", "by time", By.DELIVER_MS, sent + 2_500);
            client.send("timers", "past", By.DELIVER_MS, sent - 60_000);
            client.send(
                    "timers",
                    "in a year",
                    By.DELIVER_MS,
                    sent + Duration.ofDays(365).toMillis());

            await().atMost(PATIENCE).until(() -> seen.size() == 4);

            assertDue(seen("by ms"), sent + 1_234);
            assertDue(seen("by sec"), sent + 2_000);
            assertDue(seen("by time"), sent + 2_500);
            assertDue(seen("past"), sent);
            assertThat(seen("by time").properties()).containsEntry("TIMER_OUT_MS", Long.toString(sent + 2_500));
        }
    }

    @Test
    void aTimerMessageCanBeTakenBackUntilItIsDue() throws Exception {
        try (DelayClient client = RocketMqVersion.V5.delays(server.endpoints());
                Subscriber subscriber =
                        RocketMqVersion.V5.protocol().subscriber(server.endpoints(), "recall", "recall", this::see)) {
            String gone = client.send("recall", "gone", By.DELAY_MS, 3_000).orElseThrow();
            String kept = client.send("recall", "kept", By.DELAY_MS, 3_000).orElseThrow();

            assertThat(client.recall("recall", gone)).isNotBlank();
            assertThatThrownBy(() -> client.recall("recall", gone)).hasMessageContaining("delivered or recalled");
            assertThatThrownBy(() -> client.recall("other", kept)).hasMessageContaining("not exist");

            await().atMost(PATIENCE).until(() -> !seen.isEmpty());
            assertThat(seen).extracting(Seen::text).containsExactly("kept");
            assertThatThrownBy(() -> client.recall("recall", kept)).hasMessageContaining("timestamp invalid");
        }
    }

    @Test
    void whatWaitsOutlivesAKillAndComesOnce() throws Exception {
        Random random = new Random();
        Map<String, Long> due = new HashMap<>();
        long sent = System.currentTimeMillis();
        try (DelayClient client = RocketMqVersion.V5.delays(server.endpoints())) {
            for (int i = 0; i < Tier.choose(500, 5_000); i++) {
                String text = "m" + i;
                due.put(text, sent + 3_000 + random.nextInt(6_000));
                client.send("restart", text, By.DELIVER_MS, due.get(text));
            }
        }

        try (Subscriber subscriber =
                RocketMqVersion.V4.protocol().subscriber(server.endpoints(), "restart", "restart", this::see)) {
            for (int kill = 0; kill < 3; kill++) {
                long until = System.currentTimeMillis() + 1_500;
                await().until(() -> System.currentTimeMillis() >= until);
                server.kill();
                server.start();
            }
            await().atMost(PATIENCE)
                    .until(() -> seen.stream().map(Seen::text).distinct().count() == due.size());
        }

        for (Seen each : seen) {
            assertThat(each.at()).as(each.text()).isGreaterThanOrEqualTo(due.get(each.text()));
        }
        // The consumer may see one again that it had not acknowledged; the broker stores each only once.
        assertThat(seen.stream().map(each -> each.properties().get("#msgId")).distinct())
                .hasSize(due.size());
    }

    @Test
    void aJmsDeliveryDelayHoldsForEveryProtocol() throws Exception {
        try (Connection connection = JmsProtocol.factory(server.endpoints()).createConnection();
                Subscriber mqtt =
                        Mqtt5Protocol.topics(1).subscriber(server.endpoints(), "delays", "later", this::see)) {
            connection.start();
            Session session = connection.createSession(Session.SESSION_TRANSACTED);
            MessageConsumer consumer = session.createConsumer(session.createTopic("later"));
            MessageProducer producer = session.createProducer(session.createTopic("later"));
            producer.setDeliveryDelay(1_500);
            TextMessage message = session.createTextMessage("delayed");
            producer.send(message);
            session.commit();

            Message received = consumer.receive(PATIENCE.toMillis());

            long at = System.currentTimeMillis();
            assertThat(at)
                    .isBetween(message.getJMSTimestamp() + 1_500, message.getJMSTimestamp() + 1_500 + LATE_MILLIS);
            assertThat(received.getJMSDeliveryTime()).isEqualTo(message.getJMSDeliveryTime());
            await().atMost(PATIENCE).until(() -> seen.size() == 1);
            assertDue(seen.get(0), message.getJMSTimestamp() + 1_500);
        }
    }

    /** Until the consumer has found the topic and its queues. */
    private void warmUp(DelayClient client, String topic) throws Exception {
        for (int queue = 0; queue < 8; queue++) {
            client.send(topic, "warm up " + queue, By.LEVEL, 1);
        }
        await().atMost(PATIENCE).until(() -> seen.size() == 8);
        seen.clear();
    }

    private void see(Incoming incoming) {
        seen.add(new Seen(new String(incoming.body(), UTF_8), System.currentTimeMillis(), incoming.properties()));
    }

    private static void assertDue(Seen message, long due) {
        assertThat(message.at()).as(message.text()).isBetween(due, due + LATE_MILLIS);
    }

    private Seen seen(String text) {
        return seen.stream()
                .filter(each -> each.text().equals(text))
                .findFirst()
                .orElseThrow();
    }
}
