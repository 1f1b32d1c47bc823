/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.polymq.mqtt.Packets.connect311;
import static org.polymq.mqtt.Packets.connect5;
import static org.polymq.mqtt.Packets.packet;
import static org.polymq.mqtt.Packets.puback;
import static org.polymq.mqtt.Packets.pubcomp;
import static org.polymq.mqtt.Packets.publish311;
import static org.polymq.mqtt.Packets.publish5;
import static org.polymq.mqtt.Packets.pubrec;
import static org.polymq.mqtt.Packets.pubrel;
import static org.polymq.mqtt.Packets.sessionExpiry;
import static org.polymq.mqtt.Packets.subscribe311;
import static org.polymq.mqtt.Packets.subscribe5;
import static org.polymq.mqtt.Packets.text;
import static org.polymq.mqtt.Packets.u16;
import static org.polymq.mqtt.Packets.u8;
import static org.polymq.mqtt.Packets.unsubscribe311;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.mqtt.wire.DecoderLimits;

/** What clients see of a cluster of three groups. */
class GatewayTest {
    private static final int GROUPS = 3;

    @TempDir
    private Path directory;

    private TestServer server;

    @BeforeEach
    void open() throws IOException {
        server = TestServer.ofGroups(directory, GROUPS, MqttConfig.defaults().withTopicAliasMaximum(4));
    }

    @AfterEach
    void close() {
        server.close();
    }

    private RawClient client() throws IOException {
        return new RawClient(server.port());
    }

    private RawClient connected(String id, boolean clean, boolean present) throws IOException {
        return client().send(connect311(id, clean)).expect(present ? "20020100" : "20020000");
    }

    /** A topic under {@code t/} that belongs to a group. */
    private String topic(int slot) {
        return topic(slot, 0);
    }

    private String topic(int slot, int from) {
        for (int i = from; ; i++) {
            if (server.groups().placement().ofPath("t/" + i) == slot) {
                return "t/" + i;
            }
        }
    }

    /** A client id whose home is a group. */
    private String idAt(int slot) {
        for (int i = 0; ; i++) {
            if (server.groups().placement().ofClient("c" + i) == slot) {
                return "c" + i;
            }
        }
    }

    private void publishToAll(int packetId, String payload) throws IOException {
        try (RawClient publisher = connected("publisher", true, false)) {
            for (int slot = 0; slot < GROUPS; slot++) {
                publisher
                        .send(publish311(2, topic(slot), packetId + slot, payload))
                        .expect(puback(packetId + slot));
            }
            publisher.leave();
        }
    }

    /** Reads messages of QoS 1 and acknowledges them; answers their topics. */
    private static List<String> take(RawClient client, int count) throws IOException {
        List<String> packets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String packet = client.packet();
            packets.add(packet);
            client.send(puback(packetId(packet)));
        }
        return packets;
    }

    private static int packetId(String publish) {
        int topic = Integer.parseInt(publish.substring(4, 8), 16);
        return Integer.parseInt(publish.substring(8 + 2 * topic, 12 + 2 * topic), 16);
    }

    private List<String> messages(String payload) {
        List<String> all = new ArrayList<>();
        for (int slot = 0; slot < GROUPS; slot++) {
            all.add(text(topic(slot)) + u16(slot + 1) + Packets.hex(payload));
        }
        return all;
    }

    @Test
    void bringsTheMessagesOfAllGroupsToOneSubscriberEachUnderItsIdentifiers() throws IOException {
        try (RawClient subscriber = connected("s", true, false)) {
            subscriber.send(subscribe311(1, "t/#", 1)).expect("9003000101");

            publishToAll(1, "hi");

            List<String> got = take(subscriber, GROUPS);
            assertThat(got.stream().map(each -> each.substring(4))).containsExactlyInAnyOrderElementsOf(messages("hi"));
        }
    }

    @Test
    void acknowledgesInTheOrderOfThePublishesWhicheverGroupsTheyAreFor() throws IOException {
        try (RawClient publisher = connected("p", true, false)) {
            StringBuilder many = new StringBuilder();
            for (int i = 1; i <= 200; i++) {
                many.append(publish311(i % 3 == 0 ? 2 : 4, "t/" + i, i, "x"));
            }
            publisher.send(many.toString());
            for (int i = 1; i <= 200; i++) {
                publisher.expect(i % 3 == 0 ? puback(i) : pubrec(i));
            }
            publisher.send(pubrel(1)).expect(pubcomp(1));
        }
    }

    @Test
    void keepsWhatComesForASessionThatIsAwayInAllGroups() throws IOException {
        try (RawClient subscriber = connected("away", false, false)) {
            subscriber.send(subscribe311(1, "t/+", 1)).expect("9003000101").leave();
        }
        publishToAll(1, "later");

        try (RawClient subscriber = connected("away", false, true)) {
            assertThat(take(subscriber, GROUPS).stream().map(each -> each.substring(4)))
                    .containsExactlyInAnyOrderElementsOf(messages("later"));
            subscriber.leave();
        }
        try (RawClient again = connected("away", false, true)) {
            again.send(Packets.PING).expect(Packets.PONG);
        }
    }

    @Test
    void forgetsASessionInAllGroupsWhenItIsBegunAnew() throws IOException {
        try (RawClient subscriber = connected("anew", false, false)) {
            subscriber.send(subscribe311(1, "t/+", 1)).expect("9003000101").leave();
        }
        publishToAll(1, "lost");

        try (RawClient anew = connected("anew", true, false)) {
            anew.leave();
        }
        publishToAll(1, "lost too");

        try (RawClient kept = connected("anew", false, false)) {
            kept.send(Packets.PING).expect(Packets.PONG);
        }
    }

    @Test
    void sendsNoMoreAtOnceThanTheClientTakesFromAllGroupsTogether() throws IOException {
        try (RawClient subscriber = client().send(connect5("few", true, "210002"))) {
            assertThat(subscriber.packet()).startsWith("20");
            subscriber.send(subscribe5(1, "t/#", 1)).expect("900400010001");
            publishToAll(1, "1");
            publishToAll(1, "2");

            String first = subscriber.packet();
            String second = subscriber.packet();
            subscriber.send(Packets.PING).expect(Packets.PONG);
            subscriber.send(puback(packetId(first))).send(puback(packetId(second)));
            assertThat(take(subscriber, 4)).hasSize(4);
            subscriber.send(Packets.PING).expect(Packets.PONG);
        }
    }

    @Test
    void completesQos2WithTheGroupThatSends() throws IOException {
        try (RawClient subscriber = connected("two", true, false)) {
            subscriber.send(subscribe311(1, "t/#", 2)).expect("9003000102");
            try (RawClient publisher = connected("p", true, false)) {
                for (int slot = 0; slot < GROUPS; slot++) {
                    publisher.send(publish311(4, topic(slot), 7, "x")).expect(pubrec(7));
                    publisher.send(pubrel(7)).expect(pubcomp(7));
                    int id = packetId(subscriber.packet());
                    assertThat(PacketIds.slotOf(id)).isEqualTo(slot);
                    subscriber.send(pubrec(id)).expect(pubrel(id)).send(pubcomp(id));
                }
            }
        }
    }

    @Test
    void releasesAMessageOfAnEarlierConnectionWithOneAnswer() throws IOException {
        for (int slot = 0; slot < GROUPS; slot++) {
            try (RawClient publisher = connected("rel", false, slot > 0)) {
                publisher
                        .send(publish311(4, topic(slot), 9, "x"))
                        .expect(pubrec(9))
                        .leave();
            }
            try (RawClient publisher = connected("rel", false, true)) {
                publisher.send(publish311(12, topic(slot), 9, "x")).expect(pubrec(9));
                publisher.leave();
            }
            try (RawClient publisher = connected("rel", false, true)) {
                publisher.send(pubrel(9)).expect(pubcomp(9));
                publisher.send(Packets.PING).expect(Packets.PONG).leave();
            }
        }
    }

    @Test
    void refusesASubscriptionEverywhereThatOneGroupRefuses() throws IOException {
        try (RawClient client = connected("q", true, false)) {
            client.send(publish311(2, "$queue/t", 1, "x")).expect(puback(1));
            client.send(subscribe311(2, "t/0", 1)).expect("9003000280");

            client.send(unsubscribe311(3, "t/0")).expect("b0020003");
            client.send(subscribe311(4, "$queue/t", 1)).expect("9003000401");
            assertThat(client.packet()).endsWith("78");
        }
    }

    @Test
    void mergesTheAnswersToAnUnsubscribe() throws IOException {
        try (RawClient client = client().send(connect5("u", true))) {
            assertThat(client.packet()).startsWith("20");
            client.send(subscribe5(1, "t/#", 1)).expect("900400010001");
            client.send(packet("a2", u16(2), "00", text("t/#"), text("none"))).expect("b00500020000" + "11");
        }
    }

    @Test
    void bringsRetainedMessagesOfAllGroups() throws IOException {
        try (RawClient client = connected("r", true, false)) {
            for (int slot = 0; slot < GROUPS; slot++) {
                client.send(publish311(3, topic(slot), slot + 1, "kept")).expect(puback(slot + 1));
            }
            client.send(subscribe311(9, "t/#", 1)).expect("9003000901");
            assertThat(take(client, GROUPS)).allMatch(each -> each.startsWith("33"));
        }
    }

    @Test
    void resolvesAliasesBeforeAMessageGoesToItsGroup() throws IOException {
        try (RawClient client = client().send(connect5("alias", true, "220001"))) {
            assertThat(client.packet()).startsWith("20");
            client.send(subscribe5(1, "t/#", 1)).expect("900400010001");
            String longTopic = topic(1, 10_000);
            client.send(publish5(0, longTopic, 0, "a", "230001"));
            assertThat(client.packet()).contains(text(longTopic)).endsWith("03230001" + "61");
            client.send(publish5(0, "", 0, "b", "230001"));
            assertThat(client.packet()).isEqualTo("3007" + "0000" + "03230001" + "62");
        }
    }

    @Test
    void endsTheConnectionOfWhoeverIsTakenOver() throws IOException {
        try (RawClient first = client().send(connect5("same", true, sessionExpiry(100)))) {
            assertThat(first.packet()).startsWith("20");
            first.send(subscribe5(1, "t/#", 1)).expect("900400010001");
            try (RawClient second = client().send(connect5("same", false, sessionExpiry(100)))) {
                assertThat(second.packet().substring(4, 8)).isEqualTo("0100");
                first.expect("e0018e").expectClosed();

                publishToAll(1, "once");
                assertThat(take(second, GROUPS)).hasSize(GROUPS);
                second.send(Packets.PING).expect(Packets.PONG);
            }
        }
    }

    @Test
    void endsTheConnectionWhenALeaderIsLostAndGoesOnWithTheNextOne() throws IOException {
        String id = idAt(0);
        try (RawClient client = client().send(connect5(id, true, sessionExpiry(100)))) {
            assertThat(client.packet()).startsWith("20");
            client.send(subscribe5(1, "t/#", 1)).expect("900400010001");

            server.groups().lose(2);

            client.expect("e0018b").expectClosed();
        }
        publishToAll(1, "meanwhile");
        try (RawClient client = client().send(connect5(id, false, sessionExpiry(100)))) {
            assertThat(client.packet().substring(4, 8)).isEqualTo("0100");
            assertThat(take(client, GROUPS)).hasSize(GROUPS);
        }
    }

    @Test
    void goesOnWithASessionWhileAnotherGroupThanItsHomeHasNoLeader() throws IOException {
        String id = idAt(0);
        try (RawClient client = connected(id, false, false)) {
            client.send(subscribe311(1, "t/#", 1)).expect("9003000101").leave();
        }
        publishToAll(1, "meanwhile");
        server.groups().stop(2);
        try (RawClient client = connected(id, false, true)) {
            assertThat(take(client, GROUPS - 1)).noneMatch(packet -> packet.contains(text(topic(2))));
            client.send(publish311(2, topic(1), 7, "led"));
            assertThat(List.of(client.packet(), client.packet())).contains(puback(7));

            client.send(publish311(2, topic(2), 8, "waits")).send(publish311(2, topic(0), 9, "waits behind it"));
            server.groups().resume(2);

            List<String> rest = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                rest.add(client.packet());
            }
            assertThat(rest).containsSubsequence(puback(8), puback(9));
            assertThat(rest.stream().filter(packet -> packet.startsWith("3") && packet.contains(text(topic(2)))))
                    .hasSize(2);
        }
    }

    @Test
    void asksAllGroupsForAnOldReleaseAlsoOneThatHadNoLeader() throws IOException {
        String id = idAt(0);
        try (RawClient client = connected(id, false, false)) {
            client.send(publish311(4, topic(2), 5, "twice")).expect(pubrec(5)).drop();
        }
        server.groups().stop(2);
        try (RawClient client = connected(id, false, true)) {
            client.send(pubrel(5));
            server.groups().resume(2);
            client.expect(pubcomp(5));
        }
    }

    @Test
    void publishesTheWillOfALostConnectionOnce() throws IOException {
        try (RawClient watcher = connected("w", true, false)) {
            watcher.send(subscribe311(1, "t/#", 0)).expect("9003000100");
            String id = idAt(1);
            String connect = packet("10", text("MQTT"), "04", u8(0x06), "003c", text(id), text(topic(2)), text("gone"));
            RawClient dying = client().send(connect).expect("20020000");
            dying.send(subscribe311(1, "x", 0)).expect("9003000100").drop();
            assertThat(watcher.packet()).isEqualTo(packet("30", text(topic(2)), Packets.hex("gone")));
            watcher.send(Packets.PING).expect(Packets.PONG);
        }
    }

    @Test
    void passesLargeMessagesOnInPiecesAndOthersAfterThem() throws Exception {
        server.close();
        MqttConfig defaults = MqttConfig.defaults();
        server = TestServer.ofGroups(
                directory,
                GROUPS,
                defaults.withDecoder(new DecoderLimits(128 << 10, 32 << 20, 1024, 128, 100, 64, 16 << 10)));
        byte[] large = new byte[9 << 20];
        new Random(7).nextBytes(large);
        List<byte[]> got = new CopyOnWriteArrayList<>();
        try (MqttClient subscriber = new MqttClient(server.uri(), "large", new MemoryPersistence());
                MqttClient publisher = new MqttClient(server.uri(), "sender", new MemoryPersistence())) {
            subscriber.setTimeToWait(60_000);
            publisher.setTimeToWait(60_000);
            subscriber.connect();
            subscriber.subscribe("t/#", 1, (topic, message) -> got.add(message.getPayload()));
            publisher.connect();
            for (int slot = 0; slot < GROUPS; slot++) {
                publisher.publish(topic(slot), large, 1, false);
                publisher.publish(topic((slot + 1) % GROUPS), new byte[] {1}, 1, false);
            }
            await().untilAsserted(() -> assertThat(got).hasSize(2 * GROUPS));
            assertThat(got.stream().filter(each -> Arrays.equals(each, large))).hasSize(GROUPS);
            publisher.disconnect();
            subscriber.disconnect();
        }
    }

    @Test
    void makesTheSubscriptionsOfASessionInAGroupThatWasAddedLater() throws IOException {
        server.close();
        server = TestServer.ofGroups(directory, 2, MqttConfig.defaults());
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            ids.add("old" + i);
            try (RawClient client = connected("old" + i, false, false)) {
                client.send(subscribe311(1, "t/#", 1)).expect("9003000101").leave();
            }
        }
        server.close();
        server = TestServer.ofGroups(directory, GROUPS, MqttConfig.defaults());

        for (String id : ids) {
            try (RawClient client = connected(id, false, true)) {
                client.leave();
            }
        }
        publishToAll(1, "new");

        for (String id : ids) {
            try (RawClient client = connected(id, false, true)) {
                assertThat(take(client, GROUPS).stream()
                                .map(each -> each.substring(4, 4 + text("t/00").length())))
                        .doesNotHaveDuplicates();
            }
        }
    }
}
