/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperties;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperty;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAck;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5DisconnectReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PayloadFormatIndicator;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.polymq.tck.client.HiveMqProtocol;
import org.polymq.tck.server.BrokerProcess;
import org.polymq.tck.server.Endpoints;

/**
 * What HiveMQ's client does with a broker: each quality of service, sessions, shared subscriptions, wills and limits.
 */
class HiveMqIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int ALIASES = 4;
    private static final int BROKER_TAKES = 10;

    @RegisterExtension
    static final SharedServer SERVER =
            new SharedServer().with("mqtt.topic-alias-maximum", ALIASES).with("mqtt.receive-maximum", BROKER_TAKES);

    private final List<Mqtt5Publish> seen = new CopyOnWriteArrayList<>();

    @ParameterizedTest
    @EnumSource
    void eachQualityOfServiceIsCompleteOnceAndInOrderBothWays(MqttQos qos) {
        String topic = "both/" + qos;
        Mqtt5AsyncClient there = connected("there-" + qos);
        Mqtt5AsyncClient here = listening("here-" + qos, seen);
        subscribe(here, topic, qos);

        List<String> sent = texts(200);
        sent.forEach(text -> publish(there, topic, qos, text));

        await().atMost(PATIENCE).until(() -> seen.size() >= sent.size());
        assertThat(texts(seen)).isEqualTo(sent);
        assertThat(seen).allMatch(publish -> publish.getQos() == qos && !publish.isRetain());
        done(there.disconnect());
        done(here.disconnect());
    }

    @ParameterizedTest
    @EnumSource
    void soItIsBetweenVersion311AndVersion5(MqttQos qos) {
        String topic = "versions/" + qos;
        List<String> old = new CopyOnWriteArrayList<>();
        Mqtt3AsyncClient version3 = version3("old-" + qos);
        version3.publishes(
                MqttGlobalPublishFilter.ALL, publish -> old.add(new String(publish.getPayloadAsBytes(), UTF_8)));
        done(version3.connect());
        done(version3.subscribeWith().topicFilter(topic).qos(qos).send());
        Mqtt5AsyncClient version5 = listening("new-" + qos, seen);
        subscribe(version5, topic, qos);

        List<String> sent = texts(50);
        sent.forEach(text -> done(version3.publishWith()
                .topic(topic)
                .qos(qos)
                .payload(text.getBytes(UTF_8))
                .send()));
        await().atMost(PATIENCE).until(() -> seen.size() >= 50 && old.size() >= 50);
        sent.forEach(text -> publish(version5, topic, qos, text));

        await().atMost(PATIENCE).until(() -> seen.size() >= 100 && old.size() >= 100);
        List<String> twice = new ArrayList<>(sent);
        twice.addAll(sent);
        assertThat(texts(seen)).isEqualTo(twice);
        assertThat(old).isEqualTo(twice);
        done(version3.disconnect());
        done(version5.disconnect());
    }

    @Test
    void aPersistentSessionGoesOnOverARestart(@TempDir Path directory) throws Exception {
        try (BrokerProcess server = BrokerProcess.in(directory).onFixedPorts()) {
            Endpoints at = server.start();
            List<Mqtt5Publish> stays = new CopyOnWriteArrayList<>();
            Mqtt5AsyncClient away = listening(at, "away", List.of("restart/1", "restart/2"), seen);
            done(away.disconnect());
            Mqtt5AsyncClient staying = listening(at, "stays", List.of("restart/1", "restart/2"), stays);
            Mqtt5AsyncClient publisher = HiveMqProtocol.client(at, "writes").buildAsync();
            done(publisher.connect());
            List<String> first = texts(50);
            first.forEach(text -> publishToBoth(publisher, text));

            server.kill();
            server.start();

            await().atMost(PATIENCE).until(() -> publisher.getState().isConnected());
            List<String> second =
                    IntStream.range(50, 100).mapToObj(Integer::toString).toList();
            second.forEach(text -> publishToBoth(publisher, text));
            Mqtt5AsyncClient back = HiveMqProtocol.client(at, "away").buildAsync();
            back.publishes(MqttGlobalPublishFilter.ALL, seen::add);
            assertThat(resume(back).isSessionPresent()).isTrue();

            await().atMost(PATIENCE)
                    .until(() -> of("restart/1", seen).size() >= 100
                            && of("restart/2", seen).size() >= 100
                            && of("restart/2", stays).size() >= 100
                            && of("restart/1", stays).containsAll(texts(100)));
            assertThat(of("restart/1", seen)).isEqualTo(texts(100));
            assertThat(of("restart/2", seen)).isEqualTo(texts(100));
            assertThat(of("restart/2", stays)).isEqualTo(texts(100));
            assertThat(of("restart/1", stays).stream().distinct()).containsExactlyElementsOf(texts(100));
            done(back.disconnect());
            done(staying.disconnect());
            done(publisher.disconnect());
        }
    }

    @Test
    void membersOfASharedSubscriptionGetEachMessageOnceBetweenThem() {
        List<Mqtt5Publish> other = new CopyOnWriteArrayList<>();
        Mqtt5AsyncClient one = listening("member-1", seen);
        Mqtt5AsyncClient two = listening("member-2", other);
        subscribe(one, "$share/team/work/+", MqttQos.AT_LEAST_ONCE);
        subscribe(two, "$share/team/work/+", MqttQos.EXACTLY_ONCE);
        Mqtt5AsyncClient publisher = connected("gives-work");

        List<String> sent = texts(200);
        sent.forEach(text -> publish(publisher, "work/" + text, MqttQos.EXACTLY_ONCE, text));

        await().atMost(PATIENCE).until(() -> seen.size() + other.size() >= sent.size());
        List<String> all = new ArrayList<>(texts(seen));
        all.addAll(texts(other));
        assertThat(all).containsExactlyInAnyOrderElementsOf(sent);
        assertThat(seen).isNotEmpty();
        assertThat(other).isNotEmpty();
        done(one.disconnect());
        done(two.disconnect());
        done(publisher.disconnect());
    }

    @Test
    void aWillIsPublishedWithItsPropertiesUnlessTheClientTakesLeave() {
        Mqtt5AsyncClient watcher = listening("watcher", seen);
        subscribe(watcher, "wills/#", MqttQos.AT_LEAST_ONCE);

        done(withWill("leaves").disconnect());
        done(withWill("asks-for-it")
                .disconnectWith()
                .reasonCode(Mqtt5DisconnectReasonCode.DISCONNECT_WITH_WILL_MESSAGE)
                .send());
        withWill("taken-over");
        Mqtt5AsyncClient successor = connected("taken-over");

        await().atMost(PATIENCE).until(() -> seen.size() >= 2);
        publish(successor, "wills/end", MqttQos.AT_LEAST_ONCE, "end");
        await().atMost(PATIENCE).until(() -> seen.size() >= 3);
        assertThat(seen)
                .extracting(publish -> publish.getTopic().toString())
                .containsExactlyInAnyOrder("wills/asks-for-it", "wills/taken-over", "wills/end");
        assertThat(seen).filteredOn(publish -> !text(publish).equals("end")).allSatisfy(will -> {
            assertThat(text(will)).isEqualTo("gone");
            assertThat(will.getContentType().orElseThrow()).hasToString("text/plain");
            assertThat(pairs(will)).containsExactly("why=unknown", "why=really");
        });
        done(successor.disconnect());
        done(watcher.disconnect());
    }

    @Test
    void retainedMessagesReachWhoComesLaterUntilTheyAreCleared() {
        Mqtt5AsyncClient publisher = connected("retains");
        for (String name : List.of("a", "b")) {
            done(publisher
                    .publishWith()
                    .topic("kept/" + name)
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .retain(true)
                    .payload(name.getBytes(UTF_8))
                    .userProperties()
                    .add("of", name)
                    .applyUserProperties()
                    .send());
        }
        done(publisher
                .publishWith()
                .topic("kept/b")
                .retain(true)
                .qos(MqttQos.AT_LEAST_ONCE)
                .send());

        Mqtt5AsyncClient late = listening("late", seen);
        subscribe(late, "kept/#", MqttQos.EXACTLY_ONCE);
        publish(publisher, "kept/c", MqttQos.AT_LEAST_ONCE, "c");

        await().atMost(PATIENCE).until(() -> seen.size() >= 2);
        assertThat(texts(seen)).containsExactly("a", "c");
        assertThat(seen).extracting(Mqtt5Publish::isRetain).containsExactly(true, false);
        assertThat(pairs(seen.get(0))).containsExactly("of=a");
        done(late.disconnect());
        done(publisher.disconnect());
    }

    @Test
    void allPropertiesOfAMessageArriveUnchanged() {
        Mqtt5AsyncClient client = listening("properties", seen);
        subscribe(client, "props", MqttQos.EXACTLY_ONCE);

        done(client.publishWith()
                .topic("props")
                .qos(MqttQos.EXACTLY_ONCE)
                .payload("grüße".getBytes(UTF_8))
                .payloadFormatIndicator(Mqtt5PayloadFormatIndicator.UTF_8)
                .contentType("text/plain; charset=utf-8")
                .responseTopic("props/answers")
                .correlationData(new byte[] {0, (byte) 0xff, 7})
                .messageExpiryInterval(3_600)
                .userProperties(Mqtt5UserProperties.of(
                        Mqtt5UserProperty.of("z", "1"),
                        Mqtt5UserProperty.of("a", ""),
                        Mqtt5UserProperty.of("z", "2 \uD83D\uDE80")))
                .send());

        await().atMost(PATIENCE).until(() -> !seen.isEmpty());
        Mqtt5Publish got = seen.get(0);
        assertThat(text(got)).isEqualTo("grüße");
        assertThat(got.getPayloadFormatIndicator()).contains(Mqtt5PayloadFormatIndicator.UTF_8);
        assertThat(got.getContentType().orElseThrow()).hasToString("text/plain; charset=utf-8");
        assertThat(got.getResponseTopic().orElseThrow()).hasToString("props/answers");
        assertThat(got.getCorrelationData()).contains(ByteBuffer.wrap(new byte[] {0, (byte) 0xff, 7}));
        assertThat(got.getMessageExpiryInterval().orElseThrow()).isBetween(1L, 3_600L);
        assertThat(pairs(got)).containsExactly("z=1", "a=", "z=2 \uD83D\uDE80");
        done(client.disconnect());
    }

    @Test
    void topicAliasesInBothDirectionsNameTheRightTopics() {
        Mqtt5AsyncClient client = HiveMqProtocol.client(SERVER.at(), "aliases").buildAsync();
        client.publishes(MqttGlobalPublishFilter.ALL, seen::add);
        Mqtt5ConnAck answer = done(client.connectWith()
                .restrictions()
                .topicAliasMaximum(3)
                .sendTopicAliasMaximum(ALIASES)
                .applyRestrictions()
                .send());
        assertThat(answer.getRestrictions().getTopicAliasMaximum()).isEqualTo(ALIASES);
        subscribe(client, "alias/#", MqttQos.AT_LEAST_ONCE);

        // More topics than either side has aliases for, so that they change hands.
        List<String> topics = IntStream.range(0, 300)
                .mapToObj(i -> "alias/" + "long/".repeat(20) + (i * i) % 7)
                .toList();
        topics.forEach(topic -> publish(client, topic, MqttQos.AT_LEAST_ONCE, topic));

        await().atMost(PATIENCE).until(() -> seen.size() >= topics.size());
        assertThat(texts(seen)).containsExactlyInAnyOrderElementsOf(topics);
        assertThat(seen).allSatisfy(publish -> assertThat(publish.getTopic()).hasToString(text(publish)));
        assertThat(client.getState().isConnected()).isTrue();
        done(client.disconnect());
    }

    @Test
    void noMoreMessagesAreOnTheirWayThanTheClientAllows() {
        int most = 5;
        Queue<Mqtt5Publish> inHand = new ConcurrentLinkedQueue<>();
        Mqtt5AsyncClient slow = HiveMqProtocol.client(SERVER.at(), "slow").buildAsync();
        slow.publishes(
                MqttGlobalPublishFilter.ALL,
                publish -> {
                    if (publish.getQos() == MqttQos.AT_MOST_ONCE) {
                        publish.acknowledge();
                    } else {
                        inHand.add(publish);
                    }
                    seen.add(publish);
                },
                true);
        done(slow.connectWith()
                .restrictions()
                .receiveMaximum(most)
                .applyRestrictions()
                .send());
        subscribe(slow, "slow/#", MqttQos.EXACTLY_ONCE);
        Mqtt5AsyncClient publisher = connected("fast");
        List<String> sent = texts(60);
        for (String text : sent) {
            publish(
                    publisher,
                    "slow/messages",
                    Integer.parseInt(text) % 2 == 0 ? MqttQos.AT_LEAST_ONCE : MqttQos.EXACTLY_ONCE,
                    text);
        }
        await().atMost(PATIENCE).until(() -> inHand.size() >= most);
        // QoS 0 is not held back, and shows that the broker had its turn.
        publish(publisher, "slow/marker", MqttQos.AT_MOST_ONCE, "marker");
        await().atMost(PATIENCE).until(() -> texts(seen).contains("marker"));
        assertThat(inHand).hasSize(most);

        List<String> answered = new ArrayList<>();
        while (answered.size() < sent.size()) {
            await().atMost(PATIENCE).until(() -> !inHand.isEmpty());
            assertThat(inHand.size()).isLessThanOrEqualTo(most);
            Mqtt5Publish next = inHand.remove();
            answered.add(text(next));
            next.acknowledge();
        }

        assertThat(answered).isEqualTo(sent);
        assertThat(slow.getState().isConnected()).isTrue(); // it leaves a broker that sends more
        done(slow.disconnect());
        done(publisher.disconnect());
    }

    @Test
    void aClientThatObeysTheBrokersReceiveMaximumPublishesAsMuchAsItLikes() {
        Mqtt5AsyncClient reader = listening("reads-all", seen);
        subscribe(reader, "many", MqttQos.EXACTLY_ONCE);
        Mqtt5AsyncClient publisher = HiveMqProtocol.client(SERVER.at(), "many").buildAsync();
        Mqtt5ConnAck answer = done(publisher.connect());
        assertThat(answer.getRestrictions().getReceiveMaximum()).isEqualTo(BROKER_TAKES);

        List<String> sent = texts(500);
        List<CompletableFuture<Mqtt5PublishResult>> answers = sent.stream()
                .map(text -> publisher
                        .publishWith()
                        .topic("many")
                        .qos(MqttQos.EXACTLY_ONCE)
                        .payload(text.getBytes(UTF_8))
                        .send())
                .toList();

        answers.forEach(each -> assertThat(each).succeedsWithin(PATIENCE));
        await().atMost(PATIENCE).until(() -> seen.size() >= sent.size());
        assertThat(texts(seen)).isEqualTo(sent);
        done(publisher.disconnect());
        done(reader.disconnect());
    }

    private static <T> T done(CompletableFuture<T> answer) {
        return answer.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    }

    private static Mqtt5AsyncClient withWill(String identity) {
        // Without reconnecting: the one that is taken over must not come back.
        Mqtt5AsyncClient client = plain(identity)
                .willPublish()
                .topic("wills/" + identity)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload("gone".getBytes(UTF_8))
                .contentType("text/plain")
                .userProperties(Mqtt5UserProperties.of(
                        Mqtt5UserProperty.of("why", "unknown"), Mqtt5UserProperty.of("why", "really")))
                .applyWillPublish()
                .buildAsync();
        done(client.connect());
        return client;
    }

    private static Mqtt5ClientBuilder plain(String identity) {
        return com.hivemq.client.mqtt.mqtt5.Mqtt5Client.builder()
                .identifier(identity)
                .serverHost("127.0.0.1")
                .serverPort(Endpoints.port(SERVER.at().mqtt()));
    }

    private static Mqtt3AsyncClient version3(String identity) {
        return Mqtt3Client.builder()
                .identifier(identity)
                .serverHost("127.0.0.1")
                .serverPort(Endpoints.port(SERVER.at().mqtt()))
                .buildAsync();
    }

    private static Mqtt5AsyncClient connected(String identity) {
        Mqtt5AsyncClient client = plain(identity).buildAsync();
        done(client.connect());
        return client;
    }

    private static Mqtt5AsyncClient listening(String identity, List<Mqtt5Publish> sink) {
        return listening(SERVER.at(), identity, List.of(), sink);
    }

    /** A subscriber with a session that lasts an hour. */
    private static Mqtt5AsyncClient listening(
            Endpoints server, String identity, List<String> filters, List<Mqtt5Publish> sink) {
        Mqtt5AsyncClient client = HiveMqProtocol.client(server, identity).buildAsync();
        client.publishes(MqttGlobalPublishFilter.ALL, sink::add);
        resume(client);
        filters.forEach(filter -> subscribe(client, filter, MqttQos.EXACTLY_ONCE));
        return client;
    }

    private static Mqtt5ConnAck resume(Mqtt5AsyncClient client) {
        return done(client.connectWith()
                .cleanStart(false)
                .sessionExpiryInterval(3_600)
                .send());
    }

    private static void subscribe(Mqtt5AsyncClient client, String filter, MqttQos qos) {
        done(client.subscribeWith().topicFilter(filter).qos(qos).send());
    }

    private static void publish(Mqtt5AsyncClient client, String topic, MqttQos qos, String text) {
        done(client.publishWith()
                .topic(topic)
                .qos(qos)
                .payload(text.getBytes(UTF_8))
                .send());
    }

    private static void publishToBoth(Mqtt5AsyncClient client, String text) {
        publish(client, "restart/1", MqttQos.AT_LEAST_ONCE, text);
        publish(client, "restart/2", MqttQos.EXACTLY_ONCE, text);
    }

    private static List<String> texts(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }

    private static List<String> texts(List<Mqtt5Publish> publishes) {
        return publishes.stream().map(HiveMqIT::text).toList();
    }

    private static List<String> of(String topic, List<Mqtt5Publish> publishes) {
        return publishes.stream()
                .filter(publish -> publish.getTopic().toString().equals(topic))
                .map(HiveMqIT::text)
                .toList();
    }

    private static String text(Mqtt5Publish publish) {
        return new String(publish.getPayloadAsBytes(), UTF_8);
    }

    private static List<String> pairs(Mqtt5Publish publish) {
        return publish.getUserProperties().asList().stream()
                .map(property -> property.getName() + "=" + property.getValue())
                .toList();
    }
}
