/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.polymq.mqtt.Packets.*;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.subscription.SubscriptionKey;

/** Shared subscriptions, byte by byte: MQTT 5, 4.8.2. */
class SharedSubscriptionTest {
    private static final SubscriptionKey KEY = SubscriptionKey.mqttShared("g", "jobs/+");

    @TempDir
    Path directory;

    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer(directory);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void restart() throws IOException {
        server.close();
        start();
    }

    private RawClient connect311(String clientId, boolean clean, boolean present) throws IOException {
        return new RawClient(server.port())
                .send(Packets.connect311(clientId, clean))
                .expect(present ? "20020100" : "20020000");
    }

    private RawClient member311(String clientId, int qos) throws IOException {
        return connect311(clientId, true, false)
                .send(subscribe311(1, "$share/g/jobs/+", qos))
                .expect("9003 0001" + u8(qos));
    }

    private RawClient persistent5(String clientId) throws IOException {
        RawClient client = new RawClient(server.port()).send(connect5(clientId, false, sessionExpiry(1000)));
        assertThat(client.packet()).startsWith("20");
        return client;
    }

    private void publish(int qos, String... payloads) throws IOException {
        try (RawClient publisher = connect311("publisher", true, false)) {
            int id = 1;
            for (String payload : payloads) {
                publisher.send(publish311(qos << 1, "jobs/a", id, payload));
                if (qos == 1) {
                    publisher.expect(puback(id));
                } else if (qos == 2) {
                    publisher.expect(pubrec(id)).send(pubrel(id)).expect(pubcomp(id));
                }
                id++;
            }
            publisher.send(PING).expect(PONG);
        }
    }

    private static String seen(String payload, int packetId) {
        return publish311(2, "jobs/a", packetId, payload);
    }

    @Test
    void sharesMessagesAmongItsMembersOncePerMessage() throws IOException {
        try (RawClient one = member311("one", 0);
                RawClient two = member311("two", 0)) {
            publish(0, "m1", "m2", "m3", "m4");

            Set<String> got = new HashSet<>(List.of(one.packet(), one.packet(), two.packet(), two.packet()));

            assertThat(got)
                    .containsExactlyInAnyOrder(
                            publish311(0, "jobs/a", 0, "m1"),
                            publish311(0, "jobs/a", 0, "m2"),
                            publish311(0, "jobs/a", 0, "m3"),
                            publish311(0, "jobs/a", 0, "m4"));
        }
    }

    @Test
    void keepsItsMessagesWhileNoMemberIsConnectedAcrossARestart() throws IOException {
        member311("one", 1).close();
        publish(1, "m1", "m2");
        restart();

        try (RawClient other = member311("other", 1)) {
            other.expect(seen("m1", 1)).expect(seen("m2", 2));
            other.send(puback(1)).send(puback(2)).send(PING).expect(PONG);
        }

        try (RawClient again = member311("again", 1)) {
            again.send(PING).expect(PONG);
        }
    }

    @Test
    void givesAnUnansweredQos1MessageOfALostConnectionToAnotherMember() throws IOException {
        try (RawClient two = connect311("two", true, false)) {
            try (RawClient one = member311("one", 1)) {
                publish(1, "m1");
                one.expect(seen("m1", 1));
                two.send(subscribe311(1, "$share/g/jobs/+", 1)).expect("9003 0001 01");
            }

            two.expect(seen("m1", 1));
        }
    }

    @Test // [MQTT-4.8.2-4]
    void completesAQos2MessageWithItsSessionOnly() throws IOException {
        try (RawClient two = connect311("two", true, false)) {
            try (RawClient one = connect311("one", false, false)) {
                one.send(subscribe311(1, "$share/g/jobs/+", 2)).expect("9003 0001 02");
                publish(2, "m1");
                one.expect(publish311(4, "jobs/a", 1, "m1"));
                two.send(subscribe311(1, "$share/g/jobs/+", 2)).expect("9003 0001 02");
            }
            two.send(PING).expect(PONG);
        }
        restart();
        try (RawClient one = connect311("one", false, true)) {
            one.expect(publish311(12, "jobs/a", 1, "m1")).send(pubrec(1)).expect(pubrel(1));
        }
        try (RawClient one = connect311("one", false, true)) {
            one.expect(pubrel(1)).send(pubcomp(1)).send(PING).expect(PONG);
        }
        try (RawClient one = connect311("one", false, true)) {
            one.send(PING).expect(PONG);
        }
    }

    @Test // [MQTT-4.8.2-5]
    void sendsAQos2MessageOfASessionThatEndedToNobodyElseAndCountsIt() throws IOException {
        try (RawClient two = connect311("two", true, false)) {
            try (RawClient one = member311("one", 2)) {
                publish(2, "m1");
                one.expect(publish311(4, "jobs/a", 1, "m1"));
                two.send(subscribe311(1, "$share/g/jobs/+", 2)).expect("9003 0001 02");
            }
            await().untilAsserted(
                            () -> assertThat(server.counted("polymq.mqtt.messages.dropped", "reason", "session_ended"))
                                    .isEqualTo(1));
            two.send(PING).expect(PONG);
        }
    }

    @Test // [MQTT-4.8.2-6]
    void doesNotRedeliverWhatAMemberRefused() throws IOException {
        try (RawClient one = persistent5("one")) {
            one.send(subscribe5(1, "$share/g/jobs/+", 2)).expect("9004 0001 00 02");
            publish(1, "m1");
            one.expect(publish5(2, "jobs/a", 1, "m1")).send(ack("40", 1, 0x87));
            publish(2, "m2");
            one.expect(publish5(4, "jobs/a", 2, "m2"))
                    .send(ack("50", 2, 0x80))
                    .send(PING)
                    .expect(PONG);
        }
        restart();
        try (RawClient one = persistent5("one");
                RawClient two = member311("two", 2)) {
            one.send(PING).expect(PONG);
            two.send(PING).expect(PONG);
        }
    }

    @Test
    void sendsNoRetainedMessagesAndAllSubscriptionsOfASessionTheirCopy() throws IOException {
        publish(0);
        try (RawClient publisher = connect311("publisher", true, false)) {
            publisher.send(publish311(3, "jobs/a", 1, "kept")).expect(puback(1));
        }
        try (RawClient one = persistent5("one")) {
            one.send(subscribe5(1, "$share/g/jobs/+", 0, "0b07")).expect("9004 0001 00 00");
            one.send(subscribe5(2, "jobs/#", 0x20, "0b08")).expect("9004 0002 00 00");
            one.send(PING).expect(PONG);

            publish(0, "m1");

            Set<String> got = new HashSet<>(List.of(one.packet(), one.packet()));
            assertThat(got)
                    .containsExactlyInAnyOrder(
                            publish5(0, "jobs/a", 0, "m1", "0b07"), publish5(0, "jobs/a", 0, "m1", "0b08"));
        }
    }

    @Test
    void endsWithTheLastHolderThatUnsubscribes() throws IOException {
        try (RawClient one = member311("one", 1);
                RawClient two = connect311("two", false, false)) {
            two.send(subscribe311(1, "$share/g/jobs/+", 1)).expect("9003 0001 01");
            one.send(unsubscribe311(2, "$share/g/jobs/+"))
                    .expect("b002 0002")
                    .send(PING)
                    .expect(PONG);
            assertThat(server.broker().subscriptions().find(KEY)).isPresent();

            two.send(unsubscribe311(2, "$share/g/jobs/+")).expect("b002 0002");

            await().untilAsserted(() ->
                    assertThat(server.broker().subscriptions().find(KEY)).isEmpty());
        }
    }

    @Test
    void endsWhenNobodyHasUsedItForLong() throws IOException {
        member311("one", 1).close();
        await().untilAsserted(() ->
                assertThat(server.broker().subscriptions().isActive(KEY)).isFalse());

        assertThat(server.broker().shared().expire(Duration.ofHours(1))).isZero();
        restart();
        assertThat(server.broker().shared().expire(Duration.ofHours(1))).isZero();
        assertThat(server.broker().subscriptions().find(KEY)).isPresent();

        assertThat(server.broker().shared().expire(Duration.ZERO)).isEqualTo(1);
        assertThat(server.broker().subscriptions().find(KEY)).isEmpty();
    }

    @Test
    void staysWhileAPersistentSessionHoldsIt() throws IOException {
        try (RawClient two = connect311("two", false, false)) {
            two.send(subscribe311(1, "$share/g/jobs/+", 1)).expect("9003 0001 01");
        }
        await().untilAsserted(() ->
                assertThat(server.broker().subscriptions().isActive(KEY)).isFalse());
        restart();

        server.broker().shared().expire(Duration.ZERO);
        assertThat(server.broker().shared().expire(Duration.ZERO)).isZero();
        publish(1, "m1");

        try (RawClient two = connect311("two", false, true)) {
            two.expect(seen("m1", 1));
        }
    }

    @Test
    void refusesWhatCannotBeShared() throws IOException {
        try (RawClient client = persistent5("one")) {
            client.send(subscribe5(1, "$share/g/$queue/q", 1));
            assertThat(client.packet()).endsWith("8f");
            client.send(subscribe5(2, "$share/g/jobs/+", 4)); // No Local: [MQTT-3.8.3-4]
            assertThat(client.packet()).startsWith("e0").contains("82");
            client.expectClosed();
        }
        for (String filter : List.of("$share//x", "$share/g", "$share/g/", "$share/g+/x", "$share/#/x")) {
            try (RawClient client = persistent5("two")) { // [MQTT-4.8.2-1], [MQTT-4.8.2-2]
                client.send(subscribe5(1, filter, 1));
                assertThat(client.packet()).as(filter).startsWith("e0");
                client.expectClosed();
            }
        }
    }
}
