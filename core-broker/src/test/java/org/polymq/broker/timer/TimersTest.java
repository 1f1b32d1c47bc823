/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.timer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.Answer;
import org.polymq.broker.Broker;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.TestBroker;
import org.polymq.broker.message.Address;
import org.polymq.broker.message.BodyKind;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.Origin;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.publish.Outgoing;
import org.polymq.broker.publish.Publisher;
import org.polymq.broker.publish.Stored;
import org.polymq.broker.state.Retention;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.TopicSpec;
import org.polymq.storage.Disk;
import org.polymq.storage.Failpoints;
import org.polymq.storage.FlushMode;
import org.polymq.storage.LogConfig;
import org.polymq.storage.NioDisk;

class TimersTest {
    private static final long NOW = 1_700_000_000_000L;
    private static final long FULL_BELOW = 1 << 20;
    private static final Broker.Settings SETTINGS = new Broker.Settings(
            "DefaultCluster",
            new Publisher.Settings(4, 4 << 20),
            new Retention.Settings(Duration.ofHours(72), Duration.ofHours(24)));

    @TempDir
    private Path directory;

    private final AtomicLong now = new AtomicLong(NOW);
    private Broker broker;
    private Topic topic;

    @BeforeEach
    void open() {
        broker = open(now);
        Answer<Topic> made = new Answer<>();
        broker.topics().ensure(TopicSpec.topic("later", 1, Topic.Origin.JMS), Lane.direct(), made);
        topic = made.get();
    }

    @AfterEach
    void close() {
        broker.close();
    }

    @Test
    void showsAMessageWhenItIsDueAndNotBefore() {
        Stored staged = publish("a", NOW + 500);
        publish("b", 0);

        assertThat(staged.isStored()).isTrue();
        assertThat(texts()).containsExactly("b");
        assertThat(broker.timers().pending()).isEqualTo(1);

        now.set(NOW + 499);
        publish("c", 0);
        assertThat(texts()).containsExactly("b", "c");

        now.set(NOW + 500);
        await().untilAsserted(() -> assertThat(texts()).containsExactly("b", "c", "a"));
        assertThat(broker.timers().pending()).isZero();
        assertThat(messages().get(2).deliverAt()).isEqualTo(NOW + 500);
        assertThat(messages().get(2).storeTime()).isEqualTo(NOW + 500);
    }

    @Test
    void showsMessagesInTheOrderInWhichTheyAreDue() {
        publish("c", NOW + 300);
        publish("a", NOW + 100);
        publish("b1", NOW + 200);
        publish("b2", NOW + 200);

        now.set(NOW + 1_000);

        await().untilAsserted(() -> assertThat(texts()).containsExactly("a", "b1", "b2", "c"));
    }

    @Test
    void showsWhatIsDueAtOnceInTheOrderOfStoring() {
        List<String> stored = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            stored.add("m" + i);
            publish("m" + i, NOW + 100);
        }

        now.set(NOW + 100);

        await().untilAsserted(() -> assertThat(count()).isEqualTo(3_000));
        assertThat(texts()).isEqualTo(stored);
    }

    @Test
    void showsABurstOfLargeMessagesThatOneEntryOfTheLogCannotHold() {
        String large = "x".repeat(100 << 10);
        List<String> stored = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            String text = i + (i % 3 == 0 ? large : "");
            stored.add(text);
            publish("later", "m" + i, text, NOW + 100 + i);
        }

        now.set(NOW + 1_000);

        await().untilAsserted(() -> assertThat(count()).isEqualTo(30));
        assertThat(texts()).isEqualTo(stored);
    }

    @Test
    void refusesAMessageThatNoEntryOfTheLogCouldHoldWhenItIsDue() {
        String text = "x".repeat(256 << 10);

        assertThatThrownBy(() -> publish("later", "large", text, NOW + 100))
                .isInstanceOfSatisfying(
                        BrokerException.class, e -> assertThat(e.reason()).isEqualTo(Reason.MESSAGE_TOO_LARGE));
    }

    @Test
    void showsAMessageThatIsDueBeforeThoseItHasLookedAt() {
        publish("far", NOW + 10_000);
        publish("near", NOW + 100);
        now.set(NOW + 200);
        await().untilAsserted(() -> assertThat(texts()).containsExactly("near"));

        publish("between", NOW + 300);
        publish("before", NOW + 50);
        await().untilAsserted(() -> assertThat(texts()).containsExactly("near", "before"));

        now.set(NOW + 20_000);
        await().untilAsserted(() -> assertThat(texts()).containsExactly("near", "before", "between", "far"));
    }

    @Test
    void showsWhatIsDueWhenTheDiskHasSpaceAgain() throws IOException {
        for (int i = 0; i < 2_000; i++) {
            publish("m" + i, NOW + 100 + i % 7);
        }
        broker.close();
        now.set(NOW + 1_000);
        AtomicLong space = new AtomicLong();
        broker = Broker.open(SETTINGS, config(FULL_BELOW), scarce(space), clock(now), Failpoints.NONE);

        assertThatThrownBy(() -> recall(NOW, "none")).isInstanceOf(BrokerException.class); // behind the first look
        assertThat(count()).isZero();
        assertThat(broker.timers().pending()).isEqualTo(2_000);

        space.set(1L << 40);
        await().untilAsserted(() -> assertThat(count()).isEqualTo(2_000));
        assertThat(messages()).extracting(StoredMessage::deliverAt).isSorted();
        assertThat(texts()).doesNotHaveDuplicates();
        assertThat(broker.timers().pending()).isZero();
    }

    @Test
    void keepsWaitingMessagesOverARestart() {
        publish("early", NOW + 100);
        publish("late", NOW + 100_000);
        broker.close();

        now.set(NOW + 50_000);
        broker = open(now);

        await().untilAsserted(() -> assertThat(texts()).containsExactly("early"));
        now.set(NOW + 100_000);
        await().untilAsserted(() -> assertThat(texts()).containsExactly("early", "late"));
        broker.close();
        broker = open(now);
        assertThat(texts()).containsExactly("early", "late");
        assertThat(broker.timers().pending()).isZero();
    }

    @Test
    void followsTheClockWhenItIsSet() {
        publish("a", NOW + 10_000);

        now.set(NOW - 3_600_000);
        publish("b", NOW - 3_600_000 + 5_000);
        now.set(NOW - 3_600_000 + 5_000);
        await().untilAsserted(() -> assertThat(texts()).containsExactly("b"));

        now.set(NOW + 9_999);
        publish("c", 0);
        assertThat(texts()).containsExactly("b", "c");

        now.set(NOW + 1_000_000);
        await().untilAsserted(() -> assertThat(texts()).containsExactly("b", "c", "a"));
    }

    @Test
    void takesBackAMessageThatIsNotDue() {
        publish("keep", NOW + 1_000);
        publish("gone", NOW + 1_000);

        recall(NOW + 1_000, "gone");

        assertThatThrownBy(() -> recall(NOW + 1_000, "gone"))
                .isInstanceOfSatisfying(
                        BrokerException.class, e -> assertThat(e.reason()).isEqualTo(Reason.OFFSET_OUT_OF_RANGE));
        now.set(NOW + 1_000);
        await().untilAsserted(() -> assertThat(texts()).containsExactly("keep"));
        assertThatThrownBy(() -> recall(NOW + 1_000, "keep")).isInstanceOf(BrokerException.class);
    }

    @Test
    void dropsMessagesWhoseTopicIsGoneAndGoesOn() {
        Answer<Topic> made = new Answer<>();
        broker.topics().ensure(TopicSpec.topic("doomed", 1, Topic.Origin.JMS), Lane.direct(), made);
        made.get();
        publish("doomed", "lost", NOW + 100);
        publish("a", NOW + 101);
        Answer<Boolean> deleted = new Answer<>();
        broker.topics().delete("doomed", Lane.direct(), deleted);
        deleted.get();

        now.set(NOW + 200);

        await().untilAsserted(() -> assertThat(texts()).containsExactly("a"));
        await().untilAsserted(() -> assertThat(broker.timers().pending()).isZero());
    }

    @Test
    void showsEachOfManyExactlyOnceWhateverStopsTheBroker() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        Map<String, Long> due = new HashMap<>();
        for (int i = 0; i < 4_000; i++) {
            String text = "m" + i;
            due.put(text, NOW + 1 + random.nextInt(10_000));
            publish(text, due.get(text));
        }
        for (int step = 1; step <= 5; step++) {
            long time = NOW + step * 2_000L;
            now.set(time);
            if (random.nextBoolean()) {
                broker.close();
                broker = open(now);
            }
            long expected = due.values().stream().filter(each -> each <= time).count();
            await().untilAsserted(() -> assertThat(count()).as("seed %d", seed).isEqualTo(expected));
        }

        assertThat(texts())
                .as("seed %d", seed)
                .doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(due.keySet());
    }

    private Stored publish(String text, long deliverAt) {
        return publish("later", text, deliverAt);
    }

    private Stored publish(String name, String text, long deliverAt) {
        return publish(name, text, text, deliverAt);
    }

    private Stored publish(String name, String id, String text, long deliverAt) {
        Message message = Message.to(Address.of(name))
                .origin(Origin.JMS)
                .durable(true)
                .id(id)
                .body(BodyKind.BYTES, text.getBytes(StandardCharsets.UTF_8))
                .deliverAt(deliverAt)
                .build();
        Answer<Stored> answer = new Answer<>();
        broker.publisher().publish(Outgoing.toTopic(message), Lane.direct(), answer);
        return answer.get();
    }

    private void recall(long due, String id) {
        Answer<Done> answer = new Answer<>();
        broker.timers().recall(due, id, Lane.direct(), answer);
        answer.get();
    }

    private long count() {
        return broker.queues().end(topic.queueKey(0));
    }

    private List<String> texts() {
        return messages().stream()
                .map(message -> StandardCharsets.UTF_8.decode(message.body()).toString())
                .toList();
    }

    private List<StoredMessage> messages() {
        List<StoredMessage> messages = new ArrayList<>();
        broker.queues().visit(topic.queueKey(0), 0, Integer.MAX_VALUE, (offset, position, size, tagHash, expiresAt) -> {
            messages.add(broker.messages().read(position));
            return true;
        });
        return messages;
    }

    private Broker open(AtomicLong time) {
        return TestBroker.open(directory, config(0), clock(time), 256 << 10);
    }

    private LogConfig config(long fullBelow) {
        return new LogConfig(directory, 1 << 20, FlushMode.ASYNC, Duration.ofMillis(200), 256 << 10, fullBelow);
    }

    private static InstantSource clock(AtomicLong time) {
        return () -> Instant.ofEpochMilli(time.get());
    }

    /** The real disk, with as much space as the test says. */
    private static Disk scarce(AtomicLong space) {
        Disk real = new NioDisk();
        return (Disk) Proxy.newProxyInstance(
                Disk.class.getClassLoader(), new Class<?>[] {Disk.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("usableSpace")) {
                        return space.get();
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
