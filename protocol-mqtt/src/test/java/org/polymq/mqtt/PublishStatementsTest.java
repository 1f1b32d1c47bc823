/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.polymq.mqtt.Packets.*;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Data, properties, PUBLISH and its answers, statement by statement: 1.5, 2 and 3.3 to 3.7 of MQTT 5.0 and 3.1.1. */
class PublishStatementsTest extends ByteCases {
    /** A PUBLISH of QoS 0 whose topic is these bytes. */
    private static String publishTo5(String topicBytes) {
        return packet("30", u16(topicBytes.length() / 2), topicBytes, "00", hex("x"));
    }

    private static String publishTo3(String topicBytes) {
        return packet("30", u16(topicBytes.length() / 2), topicBytes, hex("x"));
    }

    @Test
    @Clauses(v5 = "1.5.4-1 3.3.2-1 4.7.3-2 1.5.4-2", v3 = "1.5.3-1 1.5.3-2 3.3.2-1 4.7.3-2")
    void aTextIsWellFormedAndHoldsNoNull() throws IOException {
        refused5(publishTo5("ff"), "81");
        refused5(publishTo5("eda080"), "81"); // U+D800
        refused5(publishTo5("c080"), "81"); // a long form of U+0000
        refused5(publishTo5("610062"), "81");
        closed3(publishTo3("ff"));
        closed3(publishTo3("eda080"));
        closed3(publishTo3("610062"));
    }

    @Test
    @Clauses(v5 = "1.5.4-3 4.7.3-4", v3 = "1.5.3-3 4.7.3-4")
    void aTextIsNeitherStrippedNorNormalized() throws IOException {
        String precomposed = unique() + "/\u00e9";
        String decomposed = precomposed.replace("\u00e9", "e\u0301");
        String marked = "\ufeff" + unique();
        try (RawClient watcher = subscribed5(precomposed, 0);
                RawClient legacy = subscribed3(precomposed, 0)) {
            subscribe(watcher, marked, 0);
            publish(0, decomposed, "another name");
            publish(0, marked.substring(1), "another name");
            publish(0, precomposed, "1");
            publish(0, marked, "2");
            watcher.expect(publish5(0, precomposed, 0, "1")).expect(publish5(0, marked, 0, "2"));
            legacy.expect(publish311(0, precomposed, 0, "1"));
        }
    }

    @Test
    @Clauses(v5 = "1.5.5-1")
    void aLengthIsInItsShortestForm() throws IOException {
        refused5("c08000", "81");
        refused5(packet("30", text("a"), "8000", hex("x")), "81");
    }

    @Test
    @Clauses(v5 = "1.5.7-1")
    void bothTextsOfAPairAreWellFormed() throws IOException {
        refused5(publish5(0, "a", 0, "x", "26" + "0001ff" + text("v")), "81");
        refused5(publish5(0, "a", 0, "x", "26" + text("n") + "0001ff"), "81");
    }

    @Test
    @Clauses(v5 = "2.1.3-1 3.6.1-1 3.8.1-1 3.10.1-1", v3 = "2.2.2-1 2.2.2-2 3.6.1-1 3.8.1-1 3.10.1-1")
    void reservedFlagsAreAsTheyHaveToBe() throws IOException {
        for (String first : new String[] {"41", "52", "60", "71", "80", "a0", "c1"}) {
            refused5(first + "00", "81");
            closed3(first + "00");
        }
    }

    @Test
    @Clauses(
            v5 = "2.2.1-2 2.2.1-4 2.2.1-5 2.2.1-6 2.2.2-1 4.3.2-1 4.3.2-2 4.3.2-4 4.3.1-1 3.3.1-2",
            v3 = "2.3.1-4 2.3.1-5 2.3.1-6 2.3.1-7 4.3.1-1 3.3.1-2 4.3.2-1")
    void packetIdentifiersAreWhereTheyBelong() throws IOException {
        String topic = unique();
        try (RawClient watcher = subscribed5(topic, 1);
                RawClient legacy = subscribed3(topic, 1);
                RawClient publisher = v5()) {
            publisher.send(publish5(0, topic, 0, "0"));
            watcher.expect(publish5(0, topic, 0, "0"));
            legacy.expect(publish311(0, topic, 0, "0"));
            publisher.send(publish5(2, topic, 0x1234, "1")).expect(puback(0x1234));
            publisher.send(publish5(2, topic, 0x1234, "2")).expect(puback(0x1234));
            watcher.expect(publish5(2, topic, 1, "1")).expect(publish5(2, topic, 2, "2"));
            legacy.expect(publish311(2, topic, 1, "1")).expect(publish311(2, topic, 2, "2"));
            watcher.send(subscribe5(0x4321, unique(), 0)).expect("9004" + "4321" + "0000");
            legacy.send(subscribe311(0x4321, unique(), 0)).expect("9003" + "4321" + "00");
            legacy.send(unsubscribe311(0x4322, topic)).expect("b002" + "4322");
        }
    }

    @Test
    @Clauses(v3 = "2.3.1-1")
    void aPacketIdentifierIsNotZero() throws IOException {
        closed3(publish311(2, "a", 0, "x"));
        closed3(subscribe311(0, "a", 0));
        closed3(unsubscribe311(0, "a"));
        refused5(publish5(2, "a", 0, "x"), "82");
    }

    @Test
    @Clauses(v5 = "3.3.1-3", v3 = "3.3.1-3")
    void theFlagOfARepeatedPacketIsNotHandedOn() throws IOException {
        String topic = unique();
        try (RawClient watcher = subscribed5(topic, 1);
                RawClient legacy = subscribed3(topic, 1);
                RawClient publisher = v5()) {
            publisher.send(publish5(8 | 2, topic, 1, "x")).expect(puback(1));
            watcher.expect(publish5(2, topic, 1, "x"));
            legacy.expect(publish311(2, topic, 1, "x"));
        }
        refused5(publish5(8, topic, 0, "x"), "81");
    }

    @Test
    @Clauses(v5 = "3.3.1-4", v3 = "3.3.1-4")
    void thereIsNoQos3() throws IOException {
        refused5(publish5(6, "a", 1, "x"), "81");
        closed3(publish311(6, "a", 1, "x"));
    }

    @Test
    @Clauses(
            v5 = "3.3.1-5 3.3.1-6 3.3.1-7 3.3.1-8",
            v3 = "3.3.1-5 3.3.1-6 3.3.1-7 3.3.1-8 3.3.1-9 3.3.1-10 3.3.1-11 3.3.1-12")
    void theLastRetainedMessageOfATopicIsKept() throws IOException {
        String topic = unique();
        try (RawClient watcher = subscribed3(topic, 1)) {
            publish(1, topic, "1");
            watcher.expect(publish311(2, topic, 1, "1"));
            publish(1, topic, "2");
            watcher.expect(publish311(2, topic, 2, "2"));
            publish(0, topic, "not retained");
            watcher.expect(publish311(2, topic, 3, "not retained"));
            try (RawClient late = subscribed3(topic, 1)) {
                late.expect(publish311(3, topic, 1, "2"));
            }
            try (RawClient publisher = v3()) {
                publisher.send(publish311(1, topic, 0, "of QoS 0"));
                watcher.expect(publish311(0, topic, 0, "of QoS 0"));
            }
            try (RawClient late = subscribed3(topic, 1)) {
                late.expect(publish311(1, topic, 0, "of QoS 0"));
            }
            publish(1, topic, "");
            watcher.expect(publish311(2, topic, 4, ""));
            try (RawClient late = subscribed3(topic, 1);
                    RawClient five = subscribed5(topic, 1)) {
                silent(late);
                silent(five);
            }
        }
    }

    @Test
    @Clauses(v5 = "3.3.1-9 3.3.1-10 3.3.1-11 3.8.4-4", v3 = "3.8.4-3")
    void retainedMessagesComeAsTheSubscriptionSays() throws IOException {
        String topic = unique();
        publish(1, topic, "r");
        String retained = publish5(1, topic, 0, "r");
        try (RawClient client = subscribed5(topic, 0)) {
            client.expect(retained);
            subscribe(client, topic, 0);
            client.expect(retained);
            subscribe(client, topic, 0x10);
            silent(client);
        }
        try (RawClient client = subscribed5(topic, 0x10)) {
            client.expect(retained);
        }
        try (RawClient client = subscribed5(topic, 0x20)) {
            silent(client);
        }
        try (RawClient client = subscribed3(topic, 0)) {
            client.expect(publish311(1, topic, 0, "r"));
            client.send(subscribe311(2, topic, 1)).expect("9003000201").expect(publish311(3, topic, 1, "r"));
        }
    }

    @Test
    @Clauses(v5 = "3.3.1-12 3.3.1-13")
    void theRetainFlagIsHandedOnOnlyIfAskedFor() throws IOException {
        String topic = unique();
        try (RawClient plain = subscribed5(topic, 0);
                RawClient asPublished = subscribed5(topic, 8)) {
            publish(1, topic, "1");
            publish(0, topic, "2");
            plain.expect(publish5(0, topic, 0, "1")).expect(publish5(0, topic, 0, "2"));
            asPublished.expect(publish5(1, topic, 0, "1")).expect(publish5(0, topic, 0, "2"));
        }
    }

    @Test
    @Clauses(v5 = "3.3.2-2 4.7.0-1 3.3.2-14", v3 = "3.3.2-2 4.7.1-1")
    void aTopicNameHoldsNoWildcard() throws IOException {
        for (String topic : new String[] {"a/+", "a/#", "#", "a+b"}) {
            refused5(publish5(0, topic, 0, "x"), "81");
            closed3(publish311(0, topic, 0, "x"));
            refused5(publish5(0, "a", 0, "x", "08" + text(topic)), "82");
        }
    }

    @Test
    @Clauses(v5 = "3.3.2-13 3.3.2-19")
    void textsOfPropertiesAreWellFormed() throws IOException {
        refused5(publish5(0, "a", 0, "x", "08" + "0001ff"), "81");
        refused5(publish5(0, "a", 0, "x", "03" + "0001ff"), "81");
    }

    @Test
    @Clauses(v5 = "3.3.2-4 3.3.2-15 3.3.2-16 3.3.2-17 3.3.2-18 3.3.2-20")
    void propertiesReachTheSubscriberUnaltered() throws IOException {
        String topic = unique();
        String[] properties = {
            "0101",
            "03" + text("text/plain"),
            "08" + text("answers/here"),
            "09" + "0004" + "00ff0102",
            "26" + text("z") + text("1"),
            "26" + text("a") + text("2"),
            "26" + text("z") + text("3")
        };
        try (RawClient watcher = subscribed5(topic, 0)) {
            publish(0, topic, "x", properties);
            watcher.expect(publish5(0, topic, 0, "x", properties));
        }
    }

    @Test
    @Clauses(v5 = "3.3.2-5 3.3.2-6 4.3.3-7")
    void theMessageExpiryIsCountedDown() throws IOException {
        String id = unique();
        String topic = unique();
        try (RawClient client = kept5(id, false)) {
            subscribe(client, topic, 1);
            client.leave();
        }
        publish(0, topic, "short", "02" + u32(1));
        try (RawClient live = subscribed5(topic, 1)) {
            publish(0, topic, "long", "02" + u32(1000));
            live.expect(publish5(2, topic, 1, "long", "02" + u32(1000)));
            // Another message with the same short life has to be gone before the first one is asked for.
            org.awaitility.Awaitility.await().until(() -> isGone(topic));
        }
        try (RawClient client = kept5(id, true)) {
            String first = client.packet();
            assertThat(first).startsWith("32").endsWith(hex("long"));
            int at = first.indexOf("0502") + 4;
            assertThat(Long.parseLong(first.substring(at, at + 8), 16)).isBetween(900L, 1000L);
        }
    }

    /** Whether a retained message of one second's life that was published at the first call has expired. */
    private static boolean isGone(String topic) throws IOException {
        String probe = topic + "/probe";
        try (RawClient late = v5()) {
            if (!probing) {
                probing = true;
                publish(1, probe, "x", "02" + u32(1));
            }
            subscribe(late, probe, 0);
            return late.send(PING).packet().equals(PONG);
        }
    }

    private static boolean probing;

    @Test
    @Clauses(v5 = "3.3.2-7 3.3.2-8 3.3.2-12")
    void aClientsAliasesHoldForItsConnection() throws IOException {
        String topic = unique();
        try (RawClient watcher = subscribed5(topic, 0)) {
            try (RawClient publisher = v5()) {
                publisher
                        .send(publish5(0, topic, 0, "1", "23" + u16(TOPIC_ALIASES)))
                        .send(publish5(0, "", 0, "2", "23" + u16(TOPIC_ALIASES)));
                watcher.expect(publish5(0, topic, 0, "1")).expect(publish5(0, topic, 0, "2"));
            }
            refused5(publish5(0, "", 0, "3", "23" + u16(TOPIC_ALIASES)), "82");
            refused5(publish5(0, topic, 0, "3", "23" + u16(0)), "94");
            refused5(publish5(0, topic, 0, "3", "23" + u16(TOPIC_ALIASES + 1)), "94");
            silent(watcher);
        }
    }

    @Test
    @Clauses(v5 = "3.1.2-26 3.1.2-27 3.3.2-11")
    void theBrokerUsesAsManyAliasesAsTheClientAllows() throws IOException {
        String topic = "long/" + unique();
        String other = "other/" + unique();
        try (RawClient none = v5();
                RawClient one = v5("22" + u16(1))) {
            for (RawClient each : new RawClient[] {none, one}) {
                subscribe(each, topic, 0);
                subscribe(each, other, 0);
            }
            publish(0, topic, "1");
            publish(0, topic, "2");
            publish(0, other, "3");
            one.expect(publish5(0, topic, 0, "1", "23" + u16(1)))
                    .expect(publish5(0, "", 0, "2", "23" + u16(1)))
                    .expect(publish5(0, other, 0, "3", "23" + u16(1)));
            none.expect(publish5(0, topic, 0, "1"))
                    .expect(publish5(0, topic, 0, "2"))
                    .expect(publish5(0, other, 0, "3"));
        }
    }

    @Test
    @Clauses(v5 = "3.3.4-1 4.3.3-8 4.3.3-11", v3 = "3.3.4-1 4.3.2-2 4.3.3-2")
    void theAnswerToAPublishIsTheOneOfItsQos() throws IOException {
        String topic = unique();
        try (RawClient five = v5();
                RawClient three = v3()) {
            five.send(publish5(0, topic, 0, "x")).send(PING).expect(PONG);
            five.send(publish5(2, topic, 7, "x")).expect(puback(7));
            five.send(publish5(4, topic, 7, "x"))
                    .expect(pubrec(7))
                    .send(pubrel(7))
                    .expect(pubcomp(7));
            three.send(publish311(0, topic, 0, "x")).send(PING).expect(PONG);
            three.send(publish311(2, topic, 7, "x")).expect(puback(7));
            three.send(publish311(4, topic, 7, "x"))
                    .expect(pubrec(7))
                    .send(pubrel(7))
                    .expect(pubcomp(7));
        }
    }

    @Test
    @Clauses(v3 = "3.3.5-2 4.8.0-2")
    void a311ClientThatMayNotPublishIsClosed() throws IOException {
        closed3(publish311(2, "$SYS/broker/x", 1, "x"));
    }

    @Test
    @Clauses(v5 = "3.3.4-6")
    void aClientSendsNoSubscriptionIdentifier() throws IOException {
        refused5(publish5(0, "a", 0, "x", "0b01"), "82");
    }

    @Test
    @Clauses(v5 = "3.3.4-9 3.3.4-10 4.9.0-1 4.9.0-2 4.9.0-3")
    void noMoreMessagesAreOnTheirWayThanTheClientTakes() throws IOException {
        String topic = unique();
        try (RawClient client = v5("21" + u16(2))) {
            subscribe(client, topic, 2);
            publish(0, topic, "1");
            publishQos2(topic, "2");
            publish(0, topic, "3");
            client.expect(publish5(2, topic, 1, "1")).expect(publish5(4, topic, 2, "2"));
            silent(client);
            client.send(pubrec(2)).expect(pubrel(2));
            silent(client);
            client.send(pubcomp(2)).expect(publish5(2, topic, 3, "3"));
            client.send(puback(1)).send(puback(3));
            silent(client);
        }
    }

    @Test
    @Clauses(v5 = "3.1.2-24 3.1.2-25")
    void whatIsTooLargeForTheClientIsAsGoodAsSent() throws IOException {
        String topic = unique();
        try (RawClient client = v5("27" + u32(40))) {
            subscribe(client, topic, 1);
            publish(0, topic, "x".repeat(40));
            publish(0, topic, "small");
            client.expect(publish5(2, topic, 1, "small")).send(puback(1));
            silent(client);
        }
    }

    @Test
    @Clauses(v5 = "3.4.2-1 3.5.2-1 3.1.2-29")
    void aRefusedPublishHasItsReason() throws IOException {
        try (RawClient client = v5("1700")) {
            client.send(publish5(2, "$SYS/broker/x", 1, "x")).expect(ack("40", 1, 0x87));
            client.send(publish5(4, "$SYS/broker/x", 2, "x")).expect(ack("50", 2, 0x87));
        }
        try (RawClient client = v5()) {
            assertThat(client.send(publish5(2, "$SYS/broker/x", 1, "x")).packet())
                    .contains("1f00");
        }
    }

    @Test
    @Clauses(v5 = "3.4.2-2 3.4.2-3 3.5.2-2 3.5.2-3 3.6.2-1 3.6.2-2 3.6.2-3 3.7.2-1 3.7.2-2 3.7.2-3")
    void answersFitThePacketSizeThatTheClientAllows() throws IOException {
        String topic = unique();
        try (RawClient client = v5("27" + u32(30))) {
            client.send(publish5(2, "$SYS/broker/x", 1, "x")).expect(ack("40", 1, 0x87));
            client.send(publish5(4, "$SYS/broker/x", 2, "x")).expect(ack("50", 2, 0x87));
            client.send(pubrel(9)).expect(pubcomp(9));
            subscribe(client, topic, 2);
            publishQos2(topic, "x");
            client.expect(publish5(4, topic, 1, "x"))
                    .send(pubrec(1))
                    .expect(pubrel(1))
                    .send(pubcomp(1));
            silent(client);
        }
    }

    @Test
    @Clauses(v5 = "4.3.3-9")
    void aMessageRefusedByPubrecIsForgotten() throws IOException {
        String topic = unique();
        try (RawClient watcher = subscribed5(topic, 0);
                RawClient client = v5("1700")) {
            client.send(publish5(4, "$SYS/broker/x", 2, "x")).expect(ack("50", 2, 0x87));
            client.send(publish5(4, topic, 2, "new")).expect(pubrec(2));
            watcher.expect(publish5(0, topic, 0, "new"));
        }
    }
}
