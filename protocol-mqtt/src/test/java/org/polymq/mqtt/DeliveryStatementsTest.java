/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import static org.polymq.mqtt.Packets.*;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Sessions, delivery and its order, statement by statement: 4.1 to 4.9 of MQTT 5.0 and 3.1.1. */
class DeliveryStatementsTest extends ByteCases {
    @Test
    @Clauses(v5 = "3.3.1-1 4.4.0-1 4.3.2-3 4.5.0-1", v3 = "3.3.1-1 4.4.0-1 4.5.0-1 4.6.0-1")
    void whatWasNotAcknowledgedIsSentAgainAfterAReconnectionOnly() throws IOException {
        String id = unique();
        String topic = unique();
        try (RawClient client = kept5(id, false)) {
            subscribe(client, topic, 2);
            publish(0, topic, "1");
            publish(0, topic, "2");
            client.expect(publish5(2, topic, 1, "1")).expect(publish5(2, topic, 2, "2"));
            silent(client);
        }
        try (RawClient client = kept5(id, true)) {
            client.expect(publish5(8 | 2, topic, 1, "1"))
                    .expect(publish5(8 | 2, topic, 2, "2"))
                    .send(puback(1))
                    .send(puback(2));
            silent(client);
        }
        try (RawClient client = kept5(id, true)) {
            silent(client);
        }
        String legacy = unique();
        try (RawClient client = kept3(legacy, false)) {
            client.send(subscribe311(1, topic, 1)).expect("9003000101");
            publish(0, topic, "1");
            publish(0, topic, "2");
            client.expect(publish311(2, topic, 1, "1")).expect(publish311(2, topic, 2, "2"));
        }
        try (RawClient client = kept3(legacy, true)) {
            client.expect(publish311(8 | 2, topic, 1, "1")).expect(publish311(8 | 2, topic, 2, "2"));
        }
    }

    @Test
    @Clauses(v5 = "4.3.2-5")
    void theSameIdentifierAfterPubackIsANewMessage() throws IOException {
        String topic = unique();
        try (RawClient watcher = subscribed5(topic, 0);
                RawClient publisher = v5()) {
            publisher.send(publish5(2, topic, 1, "x")).expect(puback(1));
            publisher.send(publish5(8 | 2, topic, 1, "x")).expect(puback(1));
            watcher.expect(publish5(0, topic, 0, "x")).expect(publish5(0, topic, 0, "x"));
        }
    }

    @Test
    @Clauses(v5 = "4.3.3-1 4.3.3-2 4.3.3-3 4.3.3-4 4.3.3-5 4.3.3-6", v3 = "4.3.3-1 4.6.0-4")
    void aQos2MessageIsSentUntilItIsReceivedAndReleasedUntilThatIsComplete() throws IOException {
        String id = unique();
        String topic = unique();
        try (RawClient client = kept5(id, false)) {
            subscribe(client, topic, 2);
            publishQos2(topic, "x");
            client.expect(publish5(4, topic, 1, "x"));
        }
        try (RawClient client = kept5(id, true)) {
            client.expect(publish5(8 | 4, topic, 1, "x")).send(pubrec(1)).expect(pubrel(1));
        }
        try (RawClient client = kept5(id, true)) {
            client.expect(pubrel(1)).send(pubcomp(1));
            silent(client);
        }
        try (RawClient client = kept5(id, true)) {
            silent(client);
            publishQos2(topic, "y");
            client.expect(publish5(4, topic, 1, "y"));
        }
    }

    @Test
    @Clauses(v5 = "4.3.3-10 4.3.3-12")
    void aRepeatedQos2MessageIsOneUntilItIsReleased() throws IOException {
        String topic = unique();
        try (RawClient watcher = subscribed5(topic, 0);
                RawClient publisher = v5()) {
            publisher.send(publish5(4, topic, 1, "x")).expect(pubrec(1));
            publisher.send(publish5(8 | 4, topic, 1, "x")).expect(pubrec(1));
            publisher.send(publish5(8 | 4, topic, 1, "x")).expect(pubrec(1));
            publisher.send(pubrel(1)).expect(pubcomp(1));
            publisher.send(publish5(4, topic, 1, "new")).expect(pubrec(1));
            watcher.expect(publish5(0, topic, 0, "x")).expect(publish5(0, topic, 0, "new"));
        }
    }

    @Test
    @Clauses(v5 = "4.3.3-13")
    void anExpiredQos2MessageIsAcknowledgedToTheEnd() throws IOException {
        String topic = unique();
        try (RawClient publisher = v5()) {
            publisher.send(publish5(4, topic, 1, "x", "02" + u32(0))).expect(pubrec(1));
            publisher.send(publish5(8 | 4, topic, 1, "x", "02" + u32(0))).expect(pubrec(1));
            publisher.send(pubrel(1)).expect(pubcomp(1));
        }
    }

    @Test
    @Clauses(v5 = "4.4.0-2")
    void whatTheClientRefusesIsDone() throws IOException {
        String id = unique();
        String topic = unique();
        try (RawClient client = kept5(id, false)) {
            subscribe(client, topic, 2);
            publish(0, topic, "1");
            publishQos2(topic, "2");
            client.expect(publish5(2, topic, 1, "1"))
                    .expect(publish5(4, topic, 2, "2"))
                    .send(ack("40", 1, 0x80))
                    .send(ack("50", 2, 0x97));
            silent(client);
        }
        try (RawClient client = kept5(id, true)) {
            silent(client);
        }
    }

    @Test
    @Clauses(v5 = "4.6.0-5 4.6.0-6", v3 = "4.6.0-2 4.6.0-3 4.6.0-5 4.6.0-6")
    void orderIsKept() throws IOException {
        String topic = unique();
        try (RawClient watcher = subscribed5(topic, 1);
                RawClient publisher = v3()) {
            for (int i = 1; i <= 20; i++) {
                publisher.send(publish311(2, topic, i, "m" + i));
            }
            publisher.send(publish311(4, topic, 30, "q1")).send(publish311(4, topic, 31, "q2"));
            for (int i = 1; i <= 20; i++) {
                publisher.expect(puback(i));
                watcher.expect(publish5(2, topic, i, "m" + i));
            }
            publisher.expect(pubrec(30)).expect(pubrec(31));
            watcher.expect(publish5(2, topic, 21, "q1")).expect(publish5(2, topic, 22, "q2"));
        }
    }

    @Test
    @Clauses(v5 = "4.8.2-3 4.8.2-6")
    void aSharedSubscriptionHasItsQosAndItsRefusalsAreFinal() throws IOException {
        String topic = unique();
        String shared = "$share/" + unique() + "/" + topic;
        try (RawClient one = subscribed5(shared, 0)) {
            publishQos2(topic, "1");
            one.expect(publish5(0, topic, 0, "1"));
            one.send(subscribe5(2, shared, 1)).expect("900400020001");
            publish(0, topic, "2");
            one.expect(publish5(2, topic, 1, "2"));
            try (RawClient two = subscribed5(shared, 1)) {
                one.send(ack("40", 1, 0x83));
                silent(one);
                silent(two);
            }
        }
    }

    @Test
    @Clauses(v5 = "4.8.2-4 4.8.2-5")
    void aSharedQos2MessageStaysWithItsSession() throws IOException {
        String id = unique();
        String topic = unique();
        String shared = "$share/" + unique() + "/" + topic;
        try (RawClient one = kept5(id, false)) {
            subscribe(one, shared, 2);
            publishQos2(topic, "x");
            one.expect(publish5(4, topic, 1, "x"));
        }
        try (RawClient two = subscribed5(shared, 2)) {
            silent(two);
            try (RawClient one = kept5(id, true)) {
                one.expect(publish5(8 | 4, topic, 1, "x"));
            }
            try (RawClient anew = accepted5(connect5(id, true), false)) { // its session ends
                silent(anew);
                silent(two);
            }
        }
    }

    @Test
    @Clauses(v5 = "4.1.0-2")
    void aSessionWhoseTimeIsOverIsGone() throws IOException {
        String id = unique();
        accepted5(connect5(id, false, sessionExpiry(1)), false).close();
        org.awaitility.Awaitility.await()
                .until(() -> !server.broker().sessions().exists(id));
        kept5(id, false).close();
    }

    @Test
    @Clauses(v5 = "3.1.2-23")
    void theExpiryMayBeShortenedWithDisconnect() throws IOException {
        String id = unique();
        kept5(id, false).send("e0 07 00 05 11 00000000").expectClosed();
        kept5(id, false).close();
        try (RawClient client = v5()) {
            refused(client.send("e0 07 00 05 11 00000001"), "82");
        }
    }
}
