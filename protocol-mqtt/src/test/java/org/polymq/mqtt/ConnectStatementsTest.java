/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.polymq.mqtt.Packets.*;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** CONNECT, CONNACK and DISCONNECT, statement by statement: 3.1, 3.2 and 3.14 of MQTT 5.0 and 3.1.1. */
class ConnectStatementsTest extends ByteCases {
    private static final String NAME = text("MQTT");

    /** A 5.0 CONNECT of flags and payload. */
    private static String connect5(int flags, String... payload) {
        return packet("10", NAME, "05", u8(flags), "003c", "00", String.join("", payload));
    }

    private static String connect3(int flags, String... payload) {
        return packet("10", NAME, "04", u8(flags), "003c", String.join("", payload));
    }

    private static String withWill5(int flags, String id, String topic, String payload, String... properties) {
        return connect5(flags | 6, text(id), properties(properties), text(topic), text(payload));
    }

    @Test
    @Clauses(v5 = "3.1.0-1", v3 = "3.1.0-1 4.8.0-1")
    void theFirstPacketIsConnect() throws IOException {
        closedConnect(PING);
        closedConnect(publish311(0, "a", 0, "x"));
    }

    @Test
    @Clauses(v5 = "3.1.0-2 4.13.1-1", v3 = "3.1.0-2")
    void aSecondConnectEndsTheConnection() throws IOException {
        refused5(Packets.connect5(unique(), true), "82");
        closed3(connect311(unique(), true));
    }

    @Test
    @Clauses(v5 = "3.1.2-1", v3 = "3.1.2-1")
    void anotherProtocolIsNotServed() throws IOException {
        closedConnect(packet("10", text("MQTX"), "05", "02", "003c", "00", text(unique())));
        closedConnect(packet("10", text("MQTX"), "04", "02", "003c", text(unique())));
    }

    @Test
    @Clauses(v5 = "3.1.2-2", v3 = "3.1.2-2")
    void anUnknownVersionIsRefused() throws IOException {
        refusedConnect5(packet("10", NAME, "06", "02", "003c", "00", text(unique())), "84");
        try (RawClient client = open().send(packet("10", NAME, "03", "02", "003c", text(unique())))) {
            client.expect("20020001").expectClosed();
        }
    }

    @Test
    @Clauses(v5 = "3.1.2-3 3.1.4-1", v3 = "3.1.2-3 3.1.4-1")
    void theReservedFlagIsZero() throws IOException {
        refusedConnect5(connect5(3, text(unique())), "81");
        closedConnect(connect3(3, text(unique())));
    }

    @Test
    @Clauses(
            v5 = "3.1.2-4 3.1.2-5 3.1.2-6 3.1.2-23 3.1.3-2 3.1.4-4 3.1.4-5 3.2.2-2 3.2.2-3",
            v3 = "3.1.2-4 3.1.2-5 3.1.3-2 3.1.4-3 3.1.4-4 3.2.2-1 3.2.2-2 3.2.2-3 4.1.0-1")
    void aSessionIsResumedOrBegunAsTheClientAsks() throws IOException {
        String id = unique();
        String topic = unique();
        try (RawClient client = kept5(id, false)) {
            subscribe(client, topic, 1);
            client.leave();
        }
        publish(0, topic, "kept");
        try (RawClient client = kept5(id, true)) {
            client.expect(publish5(2, topic, 1, "kept")).send(puback(1));
            silent(client);
        }
        try (RawClient client = accepted5(Packets.connect5(id, true, sessionExpiry(1000)), false)) {
            publish(0, topic, "nobody is subscribed");
            silent(client);
        }
        String legacy = unique();
        try (RawClient client = kept3(legacy, false)) {
            client.send(subscribe311(1, topic, 1)).expect("9003000101").leave();
        }
        publish(0, topic, "kept");
        try (RawClient client = kept3(legacy, true)) {
            client.expect(publish311(2, topic, 1, "kept")).send(puback(1));
            silent(client);
        }
    }

    @Test
    @Clauses(v3 = "3.1.2-6 3.1.2.7")
    void aCleanSessionLeavesNothingButRetainedMessages() throws IOException {
        String id = unique();
        String topic = unique();
        try (RawClient client = kept3(id, false)) {
            client.send(subscribe311(1, topic, 1)).expect("9003000101");
        }
        publish(1, topic, "retained");
        open().send(connect311(id, true))
                .expect("20020000")
                .send(PING)
                .expect(PONG)
                .close();
        try (RawClient client = kept3(id, false)) {
            silent(client);
            client.send(subscribe311(1, topic, 1)).expect("9003000101").expect(publish311(3, topic, 1, "retained"));
        }
    }

    @Test
    @Clauses(v5 = "3.1.2-7 3.1.2-8 3.1.2-12 3.1.2-14 3.1.2-15 3.1.3-10", v3 = "3.1.2-8 3.1.2-9 3.1.2-16 3.1.2-17")
    void aWillIsPublishedAsItWasLeft() throws IOException {
        String topic = unique();
        for (int qos = 0; qos <= 2; qos++) {
            try (RawClient watcher = subscribed5(topic, 2 | 8)) {
                accepted5(
                                withWill5(
                                        qos << 3,
                                        unique(),
                                        topic,
                                        "bye",
                                        "26" + text("z") + text("1"),
                                        "26" + text("a") + text("2")),
                                false)
                        .drop();
                watcher.expect(publish5(
                        qos << 1, topic, 1, "bye", "26" + text("z") + text("1"), "26" + text("a") + text("2")));
            }
        }
        try (RawClient watcher = subscribed5(topic, 1 | 8)) {
            accepted5(withWill5(0x28, unique(), topic, "kept"), false).drop();
            watcher.expect(publish5(3, topic, 1, "kept"));
        }
        try (RawClient late = subscribed3(topic, 1)) {
            late.expect(publish311(3, topic, 1, "kept"));
        }
        publish(1, topic, "");
    }

    @Test
    @Clauses(v5 = "3.1.2-10 3.14.4-3", v3 = "3.1.2-10 3.1.2-12 3.14.4-3")
    void aWillIsForgottenWithAnOrderlyEnd() throws IOException {
        String topic = unique();
        try (RawClient watcher = subscribed5(topic, 0)) {
            accepted5(withWill5(0, unique(), topic, "bye"), false)
                    .send(DISCONNECT)
                    .expectClosed();
            open().send(connect3(6, text(unique()), text(topic), text("bye")))
                    .expect("20020000")
                    .send(DISCONNECT)
                    .expectClosed();
            v5().drop();
            publish(0, topic, "the end");
            watcher.expect(publish5(0, topic, 0, "the end"));
        }
    }

    @Test
    @Clauses(v5 = "3.1.3-9")
    void aWillIsNotSentIfItsClientIsBackInTime() throws IOException {
        String id = unique();
        String topic = unique();
        String connect = packet(
                "10",
                NAME,
                "05",
                "04",
                "003c",
                properties(sessionExpiry(1000)),
                text(id),
                properties("18" + u32(1000)),
                text(topic),
                text("bye"));
        try (RawClient watcher = subscribed5(topic, 0)) {
            accepted5(connect, false).drop();
            try (RawClient back = kept5(id, true)) {
                publish(0, topic, "the end");
                watcher.expect(publish5(0, topic, 0, "the end"));
                silent(back);
            }
        }
    }

    @Test
    @Clauses(v5 = "3.1.2-9 3.1.2-11 3.1.2-13 3.1.3-11", v3 = "3.1.2-11 3.1.2-13 3.1.2-14 3.1.2-15 3.1.3-10")
    void theWillsFlagsAndFieldsFitTogether() throws IOException {
        refusedConnect5(connect5(6, text(unique())), "81");
        refusedConnect5(connect5(0x0A, text(unique())), "81");
        refusedConnect5(connect5(0x22, text(unique())), "81");
        refusedConnect5(withWill5(0x18, unique(), "w", "x"), "81");
        refusedConnect5(connect5(6, text(unique()), "00", "0001ff", text("x")), "81");
        closedConnect(connect3(0x0A, text(unique())));
        closedConnect(connect3(0x22, text(unique())));
        closedConnect(connect3(0x1E, text(unique()), text("w"), text("x")));
        closedConnect(connect3(6, text(unique()), "0001ff", text("x")));
    }

    @Test
    @Clauses(
            v5 = "3.1.2-16 3.1.2-17 3.1.2-18 3.1.2-19 3.1.3-12",
            v3 = "3.1.2-18 3.1.2-19 3.1.2-20 3.1.2-21 3.1.2-22 3.1.3-11")
    void theFlagsOfUserNameAndPasswordSayWhatIsThere() throws IOException {
        refusedConnect5(connect5(2, text(unique()), text("user")), "81");
        refusedConnect5(connect5(0x82, text(unique())), "81");
        refusedConnect5(connect5(0x82, text(unique()), text("user"), text("password")), "81");
        refusedConnect5(connect5(0xC2, text(unique()), text("user")), "81");
        refusedConnect5(connect5(0x82, text(unique()), "0001ff"), "81");
        closedConnect(connect3(2, text(unique()), text("user")));
        closedConnect(connect3(0x82, text(unique())));
        closedConnect(connect3(0x82, text(unique()), text("user"), text("password")));
        closedConnect(connect3(0xC2, text(unique()), text("user")));
        closedConnect(connect3(0x42, text(unique()), text("password")));
        closedConnect(connect3(0x82, text(unique()), "0001ff"));
    }

    @Test
    @Clauses(v5 = "3.1.3-1", v3 = "3.1.3-1")
    void theFieldsComeInTheirOrder() throws IOException {
        String topic = unique();
        try (RawClient watcher = subscribed5(topic, 0)) {
            accepted5(
                            connect5(
                                    0xC6,
                                    text(unique()),
                                    "00",
                                    text(topic),
                                    text("bye"),
                                    text("user"),
                                    text("password")),
                            false)
                    .drop();
            watcher.expect(publish5(0, topic, 0, "bye"));
            open().send(connect3(0xC6, text(unique()), text(topic), text("bye"), text("user"), text("password")))
                    .expect("20020000")
                    .drop();
            watcher.expect(publish5(0, topic, 0, "bye"));
        }
    }

    @Test
    @Clauses(v5 = "3.1.2-22 3.2.2-22", v3 = "3.1.2-24")
    void aClientThatIsSilentForTooLongIsClosed() throws IOException {
        try (RawClient five = accepted5(packet("10", NAME, "05", "02", "0001", "00", text(unique())), false);
                RawClient three = open().send(packet("10", NAME, "04", "02", "0001", text(unique())))) {
            three.expect("20020000").expectClosed();
            refused(five, "8d");
        }
    }

    @Test
    @Clauses(v5 = "3.1.3-3 3.1.3-4", v3 = "3.1.3-3 3.1.3-4")
    void aClientIdIsThereAndWellFormed() throws IOException {
        refusedConnect5(packet("10", NAME, "05", "02", "003c", "00"), "81");
        refusedConnect5(connect5(2, "0001ff"), "85");
        closedConnect(packet("10", NAME, "04", "02", "003c"));
        closedConnect(connect3(2, "0001ff"));
    }

    @Test
    @Clauses(v5 = "3.1.3-5", v3 = "3.1.3-5")
    void aClientIdOf23LettersAndDigitsIsGood() throws IOException {
        accepted5(Packets.connect5("0123456789abcdefghijklm", true), false).close();
        accepted5(Packets.connect5("nopqrstuvwxyzABCDEFGHIJ", true), false).close();
        open().send(connect311("KLMNOPQRSTUVWXYZ", true)).expect("20020000").close();
        open().send(connect311("A", true)).expect("20020000").close();
    }

    @Test
    @Clauses(v5 = "3.1.3-6 3.1.3-7 3.2.2-16", v3 = "3.1.3-6")
    void aClientWithoutAnIdGetsOneThatNobodyHas() throws IOException {
        try (RawClient one = open().send(Packets.connect5("", true));
                RawClient two = open().send(Packets.connect5("", true));
                RawClient three = open().send(connect311("", true))) {
            String first = assigned(one.packet());
            assertThat(first).isNotEmpty().isNotEqualTo(assigned(two.packet()));
            three.expect("20020000");
            silent(one);
            silent(two);
            silent(three);
        }
    }

    /** The property 0x12 of a CONNACK, in digits. */
    private static String assigned(String connAck) {
        assertThat(connAck.substring(4, 8)).isEqualTo("0000");
        int at = connAck.indexOf("12" + "0029"); // "auto-" and a UUID
        return at < 0 ? "" : connAck.substring(at + 6, at + 6 + 82);
    }

    @Test
    @Clauses(v3 = "3.1.3-7 3.1.3-8 3.1.3-9 3.2.2-4 3.2.2-5")
    void anEmptyIdNeedsACleanSessionIn311() throws IOException {
        try (RawClient client = open().send(connect311("", false))) {
            client.expect("20020002").expectClosed();
        }
    }

    @Test
    @Clauses(v5 = "3.1.3-8 3.1.4-2 3.2.2-6 3.2.2-7 3.2.2-8 4.13.2-1")
    void aClientIdThatIsTooLongIsRefused() throws IOException {
        refusedConnect5(Packets.connect5("x".repeat(257), true), "85");
    }

    @Test
    @Clauses(v5 = "3.1.4-3 4.1.0-1", v3 = "3.1.4-2 4.1.0-2")
    void theOlderConnectionOfAClientIdIsClosed() throws IOException {
        String id = unique();
        try (RawClient old = accepted5(Packets.connect5(id, true), false);
                RawClient young = accepted5(Packets.connect5(id, true), false)) {
            refused(old, "8e");
            silent(young);
        }
        String legacy = unique();
        try (RawClient old = open().send(connect311(legacy, true)).expect("20020000");
                RawClient young = open().send(connect311(legacy, true)).expect("20020000")) {
            old.expectClosed();
            silent(young);
        }
    }

    @Test
    @Clauses(v5 = "3.1.4-6", v3 = "3.1.4-5 3.2.2-6")
    void whatFollowsARefusedConnectIsNotHandled() throws IOException {
        String topic = unique();
        try (RawClient watcher = subscribed5(topic, 0)) {
            refusedConnect5(Packets.connect5("x".repeat(257), true) + publish5(0, topic, 0, "bad"), "85");
            try (RawClient client = open().send(connect311("", false) + publish311(0, topic, 0, "bad"))) {
                client.expect("20020002").expectClosed();
            }
            publish(0, topic, "good");
            watcher.expect(publish5(0, topic, 0, "good"));
        }
    }

    @Test
    @Clauses(v5 = "3.2.0-1 3.2.0-2 3.2.2-1", v3 = "3.2.0-1")
    void connAckComesFirstAndOnce() throws IOException {
        try (RawClient client = open().send(Packets.connect5(unique(), true) + PING + PING)) {
            assertThat(client.packet()).matches("20..0000.*");
            client.expect(PONG).expect(PONG);
        }
        try (RawClient client = open().send(connect311(unique(), true) + PING)) {
            client.expect("20020000").expect(PONG);
        }
    }

    @Test
    @Clauses(v5 = "3.2.2-19 3.2.2-20 3.14.0-1")
    void aRefusalFitsThePacketSizeThatTheClientAllows() throws IOException {
        String connect = Packets.connect5("x".repeat(257), true, "27" + u32(20));
        try (RawClient client = open().send(connect)) {
            client.expect("2003008500").expectClosed();
        }
    }

    @Test
    @Clauses(v5 = "3.1.2-28")
    void responseInformationComesOnlyIfAskedFor() throws IOException {
        String information = "1a" + text("answers/");
        try (RawClient client = open().send(Packets.connect5(unique(), true, "1901"))) {
            assertThat(client.packet()).contains(information);
        }
        for (String properties : new String[] {"1900", ""}) {
            try (RawClient client = open().send(Packets.connect5(unique(), true, properties))) {
                assertThat(client.packet()).startsWith("20").doesNotContain(information);
            }
        }
    }

    @Test
    @Clauses(v5 = "3.14.1-1 3.14.2-1 3.14.2-2 3.14.4-1 3.14.4-2", v3 = "3.14.1-1")
    void disconnectHasNoFlagsAndIsTheLastPacket() throws IOException {
        try (RawClient client = v5("1700").send("e100")) { // no reason string is wanted
            client.expect("e00181").expectClosed();
        }
        refused5("e00101", "82");
        closed3("e100");
    }

    @Test
    @Clauses(v5 = "3.14.2-3 3.14.2-4")
    void disconnectFitsThePacketSizeThatTheClientAllows() throws IOException {
        try (RawClient client = accepted5(Packets.connect5(unique(), true, "27" + u32(20)), false)) {
            client.send("c100").expect("e00181").expectClosed();
        }
    }

    @Test
    @Clauses(v5 = "4.12.0-1 4.12.0-6")
    void anAuthenticationMethodThatIsNotOfferedIsRefused() throws IOException {
        refusedConnect5(Packets.connect5(unique(), true, "15" + text("GS2-KRB5")), "8c");
        try (RawClient client = open().send(Packets.connect5(unique(), true))) {
            assertThat(client.packet()).startsWith("20").doesNotContain("15" + text("SCRAM-SHA-256"));
        }
    }

    @Test
    @Clauses(v5 = "3.15.1-1 4.12.0-7")
    void authWithoutAMethodInConnectIsAnError() throws IOException {
        refused5("f100", "81");
        refused5(packet("f0", "19", properties("15" + text("SCRAM-SHA-256"))), "82");
    }
}
