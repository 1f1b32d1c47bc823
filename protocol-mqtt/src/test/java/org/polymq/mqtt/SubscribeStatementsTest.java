/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.polymq.mqtt.Packets.*;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Subscriptions and PINGREQ, statement by statement: 3.8 to 3.12 and 4.7 of MQTT 5.0 and 3.1.1. */
class SubscribeStatementsTest extends ByteCases {
    @Test
    @Clauses(v5 = "3.8.3-1 3.10.3-1", v3 = "3.8.3-1 3.10.3-1")
    void aFilterIsWellFormed() throws IOException {
        refused5(packet("82", "0001", "00", "0001ff", "00"), "81");
        refused5(packet("a2", "0001", "00", "0001ff"), "81");
        closed3(packet("82", "0001", "0001ff", "00"));
        closed3(packet("a2", "0001", "0001ff"));
    }

    @Test
    @Clauses(v5 = "3.8.3-2 3.10.3-2", v3 = "3.8.3-3 3.10.3-2")
    void thereIsAFilter() throws IOException {
        refused5(packet("82", "0001", "00"), "82");
        refused5(packet("a2", "0001", "00"), "82");
        closed3(packet("82", "0001"));
        closed3(packet("a2", "0001"));
    }

    @Test
    @Clauses(v5 = "3.8.3-3")
    void noLocalKeepsOwnMessagesAway() throws IOException {
        String topic = unique();
        try (RawClient client = subscribed5(topic, 4)) {
            client.send(publish5(0, topic, 0, "own"));
            silent(client);
            publish(0, topic, "another's");
            client.expect(publish5(0, topic, 0, "another's"));
        }
    }

    @Test
    @Clauses(v5 = "3.8.3-4 4.8.2-1 4.8.2-2")
    void aSharedSubscriptionIsWellFormed() throws IOException {
        refused5(subscribe5(1, "$share/g/a", 4), "82");
        for (String filter : new String[] {"$share", "$share/", "$share//a", "$share/g", "$share/g/", "$share/g+/a"}) {
            refused5(subscribe5(1, filter, 0), "81");
        }
    }

    @Test
    @Clauses(v5 = "3.8.3-5", v3 = "3-8.3-4 3.8.3-2")
    void reservedBitsOfTheOptionsAreZero() throws IOException {
        refused5(subscribe5(1, "a", 0x40), "81");
        refused5(subscribe5(1, "a", 0x80), "81");
        refused5(subscribe5(1, "a", 3), "82");
        refused5(subscribe5(1, "a", 0x30), "82");
        closed3(subscribe311(1, "a", 3));
        closed3(subscribe311(1, "a", 4));
    }

    @Test
    @Clauses(
            v5 = "3.8.4-1 3.8.4-2 3.8.4-5 3.8.4-6 3.8.4-7 3.9.3-1 3.9.3-2",
            v3 = "3.8.4-1 3.8.4-2 3.8.4-4 3.8.4-5 3.9.3-1 3.9.3-2")
    void eachFilterHasItsAnswerInItsPlace() throws IOException {
        try (RawClient five = v5();
                RawClient three = v3()) {
            String bad = "$queue/" + unique() + "/x";
            five.send(packet(
                            "82", "0102", "00", text("a") + "01", text(bad) + "00", text("b") + "00", text("c") + "02"))
                    .expect(packet("90", "0102", "00", "018f0002"));
            three.send(packet("82", "0102", text("a") + "01", text(bad) + "00", text("b") + "00", text("c") + "02"))
                    .expect(packet("90", "0102", "01800002"));
        }
    }

    @Test
    @Clauses(v5 = "3.8.4-3")
    void theSameFilterAgainReplacesTheSubscription() throws IOException {
        String topic = unique();
        try (RawClient client = subscribed5(topic, 1)) {
            subscribe(client, topic, 0);
            publish(0, topic, "x");
            client.expect(publish5(0, topic, 0, "x"));
            silent(client);
        }
    }

    @Test
    @Clauses(v5 = "3.8.4-8 3.3.2-3", v3 = "3.8.4-6 3.3.2-3")
    void aMessageHasTheLowerQos() throws IOException {
        String topic = unique();
        String[] sent = {publish5(0, topic, 0, "x"), publish5(2, topic, 1, "x"), publish5(4, topic, 1, "x")};
        for (int granted = 0; granted <= 2; granted++) {
            for (int published = 0; published <= 2; published++) {
                try (RawClient client = subscribed5(topic, granted);
                        RawClient publisher = v5()) {
                    publisher.send(publish5(published << 1, topic, published == 0 ? 0 : 1, "x"));
                    client.expect(sent[Math.min(granted, published)]);
                }
            }
        }
    }

    @Test
    @Clauses(v5 = "3.3.4-2 3.3.4-3 3.3.4-4", v3 = "3.3.5-1")
    void overlappingFiltersBringOneCopy() throws IOException {
        String level = unique();
        try (RawClient client = v5();
                RawClient legacy = v3()) {
            client.send(subscribe5(1, level + "/#", 1, "0b01")).expect("900400010001");
            client.send(subscribe5(2, level + "/+", 2, "0b02")).expect("900400020002");
            client.send(subscribe5(3, level + "/a", 0)).expect("900400030000");
            legacy.send(packet("82", "0001", text(level + "/#") + "01", text(level + "/+") + "02"))
                    .expect(packet("90", "0001", "0102"));
            publishQos2(level + "/a", "x");
            String got = client.packet();
            assertThat(got)
                    .isIn(
                            publish5(4, level + "/a", 1, "x", "0b01", "0b02"),
                            publish5(4, level + "/a", 1, "x", "0b02", "0b01"));
            silent(client);
            legacy.expect(publish311(4, level + "/a", 1, "x"));
            silent(legacy);
        }
    }

    @Test
    @Clauses(v5 = "3.9.2-1 3.9.2-2 3.11.2-1 3.11.2-2")
    void answersFitThePacketSizeThatTheClientAllows() throws IOException {
        try (RawClient client = v5("27" + u32(20))) {
            client.send(subscribe5(1, "$queue/a/b", 0)).expect("90040001" + "008f");
            client.send(unsubscribe5(2, "none")).expect("b0040002" + "0011");
        }
    }

    @Test
    @Clauses(
            v5 = "3.10.4-1 3.10.4-2 3.10.4-4 3.10.4-5 3.10.4-6 3.11.3-1 3.11.3-2",
            v3 = "3.10.4-1 3.10.4-2 3.10.4-4 3.10.4-5 3.10.4-6")
    void aFilterIsUnsubscribedLetterByLetter() throws IOException {
        String level = unique();
        try (RawClient five = subscribed5(level + "/#", 0);
                RawClient three = subscribed3(level + "/#", 0)) {
            five.send(packet("a2", "0102", "00", text(level + "/+"), text(level + "/a")))
                    .expect("b005" + "0102" + "00" + "1111");
            three.send(unsubscribe311(0x102, level + "/+")).expect("b0020102");
            publish(0, level + "/a", "still");
            five.expect(publish5(0, level + "/a", 0, "still"));
            three.expect(publish311(0, level + "/a", 0, "still"));
            five.send(packet("a2", "0103", "00", text(level + "/+"), text(level + "/#")))
                    .expect("b005" + "0103" + "00" + "1100");
            three.send(packet("a2", "0103", text(level + "/+"), text(level + "/#")))
                    .expect("b0020103");
            publish(0, level + "/a", "no more");
            silent(five);
            silent(three);
        }
    }

    @Test
    @Clauses(v5 = "3.10.4-3", v3 = "3.10.4-3")
    void whatIsOnItsWayIsCompleted() throws IOException {
        String topic = unique();
        try (RawClient five = subscribed5(topic, 2);
                RawClient three = subscribed3(topic, 2)) {
            publishQos2(topic, "x");
            five.expect(publish5(4, topic, 1, "x"));
            three.expect(publish311(4, topic, 1, "x"));
            five.send(unsubscribe5(9, topic)).expect("b00400090000");
            three.send(unsubscribe311(9, topic)).expect("b0020009");
            five.send(pubrec(1)).expect(pubrel(1)).send(pubcomp(1));
            three.send(pubrec(1)).expect(pubrel(1)).send(pubcomp(1));
            silent(five);
            silent(three);
        }
    }

    @Test
    @Clauses(v5 = "3.12.4-1 4.2-1", v3 = "3.12.4-1 7.1.1-1")
    void aPingIsAnswered() throws IOException {
        try (RawClient five = v5();
                RawClient three = v3()) {
            five.send(PING).expect(PONG);
            three.send(PING).expect(PONG);
        }
    }

    @Test
    @Clauses(v5 = "4.7.1-1 4.7.1-2 4.7.3-1", v3 = "4.7.1-2 4.7.1-3 4.7.3-1")
    void wildcardsStandForWholeLevels() throws IOException {
        for (String filter : new String[] {"a#", "a/#/b", "#/a", "a+", "+a/b", "a/b+/c", ""}) {
            refused5(subscribe5(1, filter, 0), "81");
            closed3(subscribe311(1, filter, 0));
        }
        String level = unique();
        try (RawClient client = v5()) {
            for (String filter : new String[] {level + "/#", "+/" + level, level + "/+/z", "/+/" + level}) {
                subscribe(client, filter, 0);
            }
            for (String topic : new String[] {level, level + "/a/b", "x/" + level, level + "/y/z", "/q/" + level}) {
                publish(0, topic, "x");
                client.expect(publish5(0, topic, 0, "x"));
            }
            publish(0, "x/y/" + level, "no");
            silent(client);
        }
        closed3(publish311(0, "", 0, "x"));
        refused5(publish5(0, "", 0, "x"), "82");
    }

    @Test
    @Clauses(v5 = "4.7.2-1", v3 = "4.7.2-1")
    void wildcardsDoNotMatchNamesThatBeginWithADollar() throws IOException {
        String level = unique();
        try (RawClient wild = subscribed5("+/" + level, 0);
                RawClient all = subscribed5("#", 0);
                RawClient exact = subscribed5("$dollar/" + level, 0)) {
            publish(0, "$dollar/" + level, "hidden");
            exact.expect(publish5(0, "$dollar/" + level, 0, "hidden"));
            publish(0, "x/" + level, "shown");
            wild.expect(publish5(0, "x/" + level, 0, "shown"));
            all.expect(publish5(0, "x/" + level, 0, "shown"));
        }
    }

    @Test
    @Clauses(v5 = "4.7.3-3", v3 = "4.7.3-3")
    void aTopicIsNoLongerThanItsLengthCanSay() throws IOException {
        String longest = "tenletter/".repeat(102) + "tens";
        publish(
                0, longest,
                "x"); // longer ones are refused by limits.topic-length; 65,535 bytes is what a length can say
        refused5(publish5(0, longest + "t", 0, "x"), "90");
        closed3(publish311(0, "t".repeat(65_535), 0, "x"));
    }
}
