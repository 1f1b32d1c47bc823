/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.tck.client.AdminTool;
import org.polymq.tck.client.Incoming;
import org.polymq.tck.client.Outgoing;
import org.polymq.tck.client.PopClient;
import org.polymq.tck.client.PopClient.Popped;
import org.polymq.tck.client.Publisher;
import org.polymq.tck.client.RocketMqVersion;
import org.polymq.tck.client.Subscriber;
import org.polymq.tck.server.BrokerProcess;

/** RocketMQ's 5.5.0 push consumers in a group that an operator has consume by POP. */
@SuppressWarnings("try") // subscribers work while they are open
@EnabledIfSystemProperty(named = "polymq.tier", matches = "full", disabledReason = "takes minutes")
class PopIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int RETRIES = 2;

    @TempDir
    static Path directory;

    private static BrokerProcess server;
    private static AdminTool tool;

    private String topic;
    private String group;
    private Publisher publisher;

    /** What members were given, in its order. */
    private final Queue<Popped> given = new ConcurrentLinkedQueue<>();

    /** How often each text was done. */
    private final Map<String, Integer> done = new ConcurrentHashMap<>();

    @BeforeAll
    static void startServer() throws Exception {
        server = BrokerProcess.in(directory).onFixedPorts();
        server.start();
        tool = RocketMqVersion.V5.admin(server.endpoints().nameServer());
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void makeTopicAndGroup(TestInfo test) throws Exception {
        topic = test.getTestMethod().orElseThrow().getName();
        group = topic + "-members";
        tool.run("updateTopic -b " + broker() + " -t " + topic + " -r 4 -w 4");
        tool.run("updateSubGroup -b " + broker() + " -g " + group + " -r " + RETRIES);
        assertThat(setMode("POP")).contains("consume mode[POP]");
        publisher = RocketMqVersion.V5.protocol().publisher(server.endpoints(), "pop-publisher", topic);
    }

    @AfterEach
    void close() {
        publisher.close();
    }

    @Test
    void whatFailsComesAgainCountedAndIsADeadLetterAfterTheLimit() throws Exception {
        Queue<String> dead = new ConcurrentLinkedQueue<>();
        try (PopClient member = member(message -> !message.text().startsWith("bad")
                        && (message.times() > 0 || !message.text().startsWith("second")));
                Subscriber operators = RocketMqVersion.V5
                        .protocol()
                        .subscriber(
                                server.endpoints(), "operators", "%DLQ%" + group, letter -> dead.add(text(letter)))) {
            Set<String> good = publish("good", 20);
            Set<String> second = publish("second", 5);
            Set<String> bad = publish("bad", 3);

            await().atMost(PATIENCE).untilAsserted(() -> assertThat(dead).containsExactlyInAnyOrderElementsOf(bad));
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () -> assertThat(done.keySet()).containsAll(good).containsAll(second));

            good.forEach(text -> assertThat(timesOf(text)).as(text).containsExactly(0));
            second.forEach(text -> assertThat(timesOf(text)).as(text).containsExactly(0, 1));
            bad.forEach(text -> assertThat(timesOf(text)).as(text).containsExactly(0, 1, 2));
            assertThat(given).allMatch(Popped::popped);
        }
    }

    @Test
    void membersShareMessagesAndGoOnAfterAKill() throws Exception {
        int count = Tier.choose(100, 1_000);
        Set<String> ofOne = ConcurrentHashMap.newKeySet();
        Set<String> ofTwo = ConcurrentHashMap.newKeySet();
        try (PopClient one = member(message -> taken(ofOne, message.text()));
                PopClient two = member(message -> taken(ofTwo, message.text()))) {
            Set<String> before = publish("before", count);
            awaitDone(before);
            await().atMost(PATIENCE).untilAsserted(() -> {
                publish("shared", 4);
                assertThat(ofOne).isNotEmpty();
                assertThat(ofTwo).isNotEmpty();
            });
            awaitNothingLeft();
            assertThat(before).allMatch(text -> Integer.valueOf(1).equals(done.get(text)));

            Set<String> during = publish("during", count);
            server.kill(); // while members have some of them
            server.start();
            Set<String> after = publish("after", count);

            awaitDone(during);
            awaitDone(after);
            assertThat(before).allMatch(text -> Integer.valueOf(1).equals(done.get(text)));
            assertThat(given).allMatch(Popped::popped);
        }
    }

    @Test
    void theGroupGoesBackToPullingWhereItWas() throws Exception {
        CountDownLatch mayEnd = new CountDownLatch(1);
        try (PopClient member = member(message -> {
            if (message.text().startsWith("held")) {
                awaitUninterruptibly(mayEnd);
            }
            return true;
        })) {
            List<Set<String>> all = new ArrayList<>();
            all.add(publish("popped", 20));
            awaitDone(all.get(0));
            Set<String> held = publish("held", 1);
            await().atMost(PATIENCE).until(() -> given.stream().anyMatch(each -> held.contains(each.text())));
            assertThat(setMode("PULL")).contains("CODE: 1", "did not acknowledge yet");

            mayEnd.countDown();
            await().atMost(PATIENCE).until(() -> !setMode("PULL").contains("CODE"));
            awaitPulled(true);
            all.add(publish("pulled", 20));
            awaitDone(all.get(1));
            awaitNothingLeft();

            assertThat(setMode("POP")).doesNotContain("CODE");
            awaitPulled(false);
            all.add(publish("popped again", 20));
            awaitDone(all.get(2));
            all.forEach(texts ->
                    texts.forEach(text -> assertThat(timesOf(text)).as(text).containsExactly(0)));
        }
    }

    /** Publishes until what comes is pulled, or popped. */
    private void awaitPulled(boolean pulled) {
        int[] round = {0};
        await().atMost(PATIENCE).until(() -> {
            Set<String> texts = publish((pulled ? "to pull " : "to pop ") + round[0]++, 4);
            awaitDone(texts);
            return given.stream().filter(each -> texts.contains(each.text())).allMatch(each -> each.popped() != pulled);
        });
    }

    private static String broker() {
        return server.endpoints().nativePort();
    }

    private String setMode(String mode) throws Exception {
        return tool.run("setConsumeMode -b " + broker() + " -t " + topic + " -g " + group + " -m " + mode + " -q 0");
    }

    /** A member that is consuming. */
    private PopClient member(PopClient.Application application) throws Exception {
        PopClient client = RocketMqVersion.V5.popping(server.endpoints());
        client.consume(topic, group, message -> {
            given.add(message);
            boolean isDone = application.take(message);
            if (isDone) {
                done.merge(message.text(), 1, Integer::sum);
            }
            return isDone;
        });
        return client;
    }

    /** Publishes so many that the broker confirmed; what became of others is unknown, and each text is sent once. */
    private Set<String> publish(String kind, int count) throws Exception {
        Set<String> texts = new TreeSet<>();
        long end = System.nanoTime() + PATIENCE.toNanos();
        for (int i = 0; texts.size() < count; i++) {
            String text = kind + " " + i;
            try {
                publisher.publish(Outgoing.of(text.getBytes(UTF_8)).withGroupKey("k" + i));
                texts.add(text);
            } catch (Exception unknownFate) {
                if (System.nanoTime() > end) {
                    throw unknownFate;
                }
            }
        }
        return texts;
    }

    private void awaitDone(Set<String> texts) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(done.keySet()).containsAll(texts));
    }

    /** The broker has every acknowledgement, or offset. */
    private void awaitNothingLeft() {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(tool.run("consumerProgress -g " + group + " -t " + topic))
                        .contains("Consume Diff Total: 0"));
    }

    private List<Integer> timesOf(String text) {
        return given.stream()
                .filter(each -> each.text().equals(text))
                .map(Popped::times)
                .toList();
    }

    private static String text(Incoming incoming) {
        return new String(incoming.body(), UTF_8);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Notes a message and says that it is consumed. */
    private static boolean taken(Collection<String> into, String text) {
        into.add(text);
        return true;
    }
}
