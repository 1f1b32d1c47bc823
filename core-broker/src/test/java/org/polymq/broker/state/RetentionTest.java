/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.Answer;
import org.polymq.broker.Broker;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Done;
import org.polymq.broker.Inbox;
import org.polymq.broker.Lane;
import org.polymq.broker.follow.MessageFollowers;
import org.polymq.broker.message.Address;
import org.polymq.broker.message.BodyKind;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.Origin;
import org.polymq.broker.publish.Outgoing;
import org.polymq.broker.publish.Publisher;
import org.polymq.broker.publish.Stored;
import org.polymq.broker.security.Audit;
import org.polymq.broker.security.SecuritySettings;
import org.polymq.broker.subscription.Delivery;
import org.polymq.broker.subscription.SubscriptionCaps;
import org.polymq.broker.subscription.SubscriptionCaps.Cap;
import org.polymq.broker.subscription.SubscriptionCaps.Cause;
import org.polymq.broker.subscription.SubscriptionKey;
import org.polymq.broker.topic.Topic;
import org.polymq.storage.Failpoints;
import org.polymq.storage.FlushMode;
import org.polymq.storage.Log;
import org.polymq.storage.LogConfig;
import org.polymq.storage.NioDisk;
import org.polymq.storage.SegmentInfo;

class RetentionTest {
    private static final int MESSAGES = 1_000;
    private static final Duration LONG_AFTER = Duration.ofDays(8);

    @TempDir
    private Path directory;

    private InstantSource clock = InstantSource.system();
    private Retention.Settings kept = new Retention.Settings(Duration.ofHours(72), Duration.ofHours(24));
    private SubscriptionCaps.Settings caps = SubscriptionCaps.Settings.NONE;
    private Broker broker;

    @BeforeEach
    void open() {
        LogConfig log = new LogConfig(directory, 128 << 10, FlushMode.ASYNC, Duration.ofMillis(200), 32 << 10, 0);
        Broker.Settings settings = new Broker.Settings(
                "DefaultCluster",
                new Publisher.Settings(1, 20 << 10),
                kept,
                caps,
                1 << 20,
                SecuritySettings.off(),
                Audit.NONE);
        try {
            broker = Broker.open(settings, log, new NioDisk(), clock, Failpoints.NONE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterEach
    void close() {
        broker.close();
    }

    private void restart() {
        broker.close();
        open();
    }

    @Test
    void cleansSegmentsOfWhichASubscriptionNeedsLittleAndItReadsOn() {
        SubscriptionKey key = SubscriptionKey.jmsDurable("client", "slow");
        subscribe(key, "prices/#");
        Map<Long, String> expected = new TreeMap<>();
        for (int i = 0; i < MESSAGES; i++) {
            Stored stored = publish("prices/a", text(i));
            if (i % 20 == 0) {
                expected.put(stored.position(), text(i));
            }
        }
        Inbox inbox = consume(key, MESSAGES);
        assertThat(inbox.deliveries()).hasSize(MESSAGES);
        Inbox.accept(
                inbox.consumer(),
                inbox.deliveries().stream()
                        .filter(delivery -> !expected.containsKey(delivery.position()))
                        .toList());
        inbox.consumer().close(false);
        later(LONG_AFTER);
        roll();
        long before = bytes();

        broker.runRetention();
        awaitCleaned();

        assertThat(bytes()).isLessThan(before / 3);
        Inbox rest = consume(key, MESSAGES);
        assertThat(rest.texts()).isEqualTo(List.copyOf(expected.values()));
        assertThat(rest.deliveries().stream().map(Delivery::position)).isEqualTo(List.copyOf(expected.keySet()));
        Inbox.accept(rest.consumer(), rest.deliveries().subList(0, 10));
        rest.consumer().close(false);
        restart();
        Inbox again = consume(key, MESSAGES);
        assertThat(again.texts()).isEqualTo(List.copyOf(expected.values()).subList(10, expected.size()));
        Inbox.accept(again.consumer(), again.deliveries());
        roll();
        // Acknowledgements are in the log within 100 ms.
        await().until(() -> {
            broker.runRetention();
            return broker.log().sealedSegments().stream().allMatch(each -> each.cleanedAt() == 0);
        });
    }

    @Test
    void keepsRetainedAndDelayedMessagesThroughCleaning() {
        Stored retained = publish(message("state/lamp", "on").retain(true).build());
        Answer<Stored> answer = new Answer<>();
        broker.publisher()
                .publish(
                        Outgoing.toTopic(message("later", "soon")
                                .deliverAt(clock.millis() + LONG_AFTER.toMillis() + 3_000)
                                .build()),
                        Lane.direct(),
                        answer);
        answer.get();
        for (int i = 0; i < MESSAGES; i++) {
            publish("noise", text(i));
        }
        later(LONG_AFTER);
        roll();

        broker.runRetention();
        awaitCleaned();
        restart();

        assertThat(text(broker.messages().read(retained.position()).body())).isEqualTo("on");
        Topic later = broker.topics().find("later").orElseThrow();
        await().until(() -> broker.queues().end(later.queueKey(0)) == 1);
    }

    @Test
    void refusesToRemoveASegmentInWhichSomethingIsLiveAtTheRecord() {
        subscribe(SubscriptionKey.jmsDurable("client", "reader"), "prices");
        publish("prices", "1");
        later(LONG_AFTER);
        roll();
        SegmentInfo segment = broker.log().sealedSegments().get(0);
        Cutoffs nothing = new Cutoffs(clock.millis(), 0, 0, segment.end(), Map.of());

        assertThat(propose(RecordType.SEGMENT_REMOVED, segment, nothing)).isEqualTo(false);
        assertThat(broker.log().sealedSegments()).contains(segment);
        restart();
        Inbox inbox = consume(SubscriptionKey.jmsDurable("client", "reader"), 10);
        assertThat(inbox.texts()).containsExactly("1");
        Inbox.accept(inbox.consumer(), inbox.deliveries());

        assertThat(propose(RecordType.SEGMENT_REMOVED, segment, nothing)).isEqualTo(true);
        assertThat(broker.log().start()).isGreaterThanOrEqualTo(segment.end());
    }

    @Test
    void takesWhatIsOlderThanTheCapAndTheReaderGoesOn() {
        caps = new SubscriptionCaps.Settings(new Cap(Duration.ofDays(1), 0), Cap.NONE, Duration.ZERO);
        restart();
        SubscriptionKey key = SubscriptionKey.jmsDurable("client", "slow");
        subscribe(key, "prices");
        for (int i = 0; i < 10; i++) {
            publish("prices", "old " + i);
        }
        later(Duration.ofDays(2));
        publish("prices", "new");
        Inbox waiting = consume(key, 0);

        broker.runRetention();

        assertThat(broker.caps().taken(Cause.AGE)).isEqualTo(10);
        waiting.consumer().credit(100, 1 << 20);
        assertThat(waiting.texts()).containsExactly("new");
        restart();
        assertThat(broker.subscriptions().find(key).orElseThrow().pending()).isEqualTo(1);
        assertThat(consume(key, 10).texts()).containsExactly("new");
    }

    @Test
    void takesTheOldestOfWhatIsMoreThanTheCap() {
        caps = new SubscriptionCaps.Settings(Cap.NONE, new Cap(Duration.ZERO, 100 << 10), Duration.ZERO);
        restart();
        for (int i = 0; i < MESSAGES; i++) {
            publishQueue("orders", text(i));
        }

        broker.runRetention();

        long taken = broker.caps().taken(Cause.SIZE);
        assertThat(taken).isBetween(MESSAGES / 2L, MESSAGES - 50L);
        Inbox inbox = consume(SubscriptionKey.queue("orders"), MESSAGES);
        assertThat(inbox.texts()).hasSize(MESSAGES - (int) taken).startsWith(text((int) taken));
        broker.runRetention();
        assertThat(broker.caps().taken(Cause.SIZE)).isEqualTo(taken);
    }

    @Test
    void deletesADurableSubscriptionThatNobodyUsesForLong() {
        caps = new SubscriptionCaps.Settings(Cap.NONE, Cap.NONE, Duration.ofDays(1));
        restart();
        SubscriptionKey used = SubscriptionKey.jmsDurable("client", "used");
        SubscriptionKey unused = SubscriptionKey.jmsDurable("client", "unused");
        subscribe(used, "prices");
        subscribe(unused, "prices");
        publish("prices", "1");
        broker.runRetention();
        later(Duration.ofDays(2));
        Inbox user = consume(used, 1);
        user.consumer().credit(0, 0);

        broker.runRetention();

        assertThat(broker.subscriptions().find(unused)).isEmpty();
        assertThat(broker.subscriptions().find(used)).isPresent();
        assertThat(broker.caps().taken(Cause.EXPIRY)).isEqualTo(1);
    }

    @Test
    void removesOldSegmentsBeforeTheirTimeWhenTheDiskRunsLow() {
        kept = new Retention.Settings(Duration.ofHours(72), Duration.ofHours(24), 0, 0, Long.MAX_VALUE);
        restart();
        subscribe(SubscriptionKey.jmsDurable("client", "reader"), "kept");
        publish("kept", "needed");
        SegmentInfo needed = rolled();
        for (int i = 0; i < MESSAGES; i++) {
            publish("noise", text(i));
        }
        roll();

        broker.runRetention();

        assertThat(broker.retention().isBelowWatermark()).isTrue();
        assertThat(broker.retention().early()).isPositive();
        assertThat(broker.log().sealedSegments().get(0).number()).isEqualTo(needed.number());
        assertThat(consume(SubscriptionKey.jmsDurable("client", "reader"), 10).texts())
                .containsExactly("needed");
    }

    @Test
    void keepsNoMoreOfATopicThatMqttMadeThanItsLimit() {
        kept = new Retention.Settings(Duration.ofHours(72), Duration.ofHours(24), 300 << 10, 0, 0);
        restart();
        publish("small", "one");
        for (int i = 0; i < 3 * MESSAGES; i++) {
            publish("chatty", text(i));
        }
        roll();

        broker.runRetention();

        Topic chatty = broker.topics().find("chatty").orElseThrow();
        Topic small = broker.topics().find("small").orElseThrow();
        await().until(() -> broker.queues().start(chatty.queueKey(0)) > 0);
        assertThat(broker.queues().start(chatty.queueKey(0))).isBetween(1_000L, 3L * MESSAGES - 500);
        assertThat(broker.queues().start(small.queueKey(0))).isZero();
    }

    @Test
    void keepsTheLogWithinItsSize() {
        kept = new Retention.Settings(Duration.ofHours(72), Duration.ofHours(24), 0, 512 << 10, 0);
        restart();
        for (int i = 0; i < 4 * MESSAGES; i++) {
            publish("noise", text(i));
        }
        roll();

        broker.runRetention();

        await().until(() -> bytes() <= 512 << 10);
        assertThat(bytes()).isGreaterThan(128 << 10);
    }

    @Test
    void saysThatAMessageIsGoneWhenItsPositionIsAskedFor() {
        subscribe(SubscriptionKey.jmsDurable("client", "reader"), "kept");
        publish("kept", "needed");
        Stored gone = publish("noise", text(0));
        for (int i = 0; i < MESSAGES / 2; i++) {
            publish("noise", text(i));
        }
        later(LONG_AFTER);
        roll();

        broker.runRetention();
        awaitCleaned();

        assertThatThrownBy(() -> broker.messages().read(gone.position())).isInstanceOf(BrokerException.class);
    }

    private void later(Duration by) {
        broker.close();
        clock = InstantSource.offset(clock, by);
        open();
    }

    /** Ends the open segment and writes so many snapshots that those before may go. */
    private void roll() {
        long end = broker.log().end();
        while (broker.log().removableBelow() < end) {
            rolled();
        }
    }

    private SegmentInfo rolled() {
        publish("$filler", "x");
        int before = broker.log().sealedSegments().size();
        broker.log().roll();
        await().until(() -> broker.log().sealedSegments().size() > before);
        List<SegmentInfo> sealed = broker.log().sealedSegments();
        SegmentInfo newest = sealed.get(sealed.size() - 1);
        await().until(() -> directory
                .resolve(String.format("%020d.snapshot", newest.end()))
                .toFile()
                .exists());
        return newest;
    }

    private void awaitCleaned() {
        await().until(() -> broker.retention().cleaned() > 0
                && broker.log().sealedSegments().stream()
                                .filter(each -> each.cleanedAt() > 0)
                                .count()
                        == broker.retention().cleaned());
    }

    private long bytes() {
        return broker.log().sealedSegments().stream()
                .mapToLong(SegmentInfo::bytes)
                .sum();
    }

    private Object propose(RecordType type, SegmentInfo segment, Cutoffs cutoffs) {
        Answer<Object> answer = new Answer<>();
        Log log = broker.log();
        new Committer(log, new MessageFollowers())
                .<Object>control(
                        List.of(SegmentFacts.record(type, segment, cutoffs)),
                        Lane.direct(),
                        answer,
                        results -> results[0]);
        return answer.get();
    }

    private Stored publish(String name, String text) {
        return publish(message(name, text).build());
    }

    private Stored publish(Message message) {
        Answer<Stored> answer = new Answer<>();
        broker.publisher().publish(Outgoing.toTopic(message), Lane.direct(), answer);
        return answer.get();
    }

    private void publishQueue(String name, String text) {
        Answer<Stored> answer = new Answer<>();
        broker.publisher().publish(Outgoing.toQueue(message(name, text).build()), Lane.direct(), answer);
        answer.get();
    }

    private static Message.Builder message(String name, String text) {
        return Message.to(Address.split(name))
                .origin(Origin.MQTT)
                .durable(true)
                .body(BodyKind.BYTES, text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(int number) {
        return "message " + number + " " + "x".repeat(200 + number % 50);
    }

    private static String text(ByteBuffer body) {
        return StandardCharsets.UTF_8.decode(body).toString();
    }

    private void subscribe(SubscriptionKey key, String filter) {
        Answer<Done> answer = new Answer<>();
        broker.subscriptions().subscribe(key, List.of(filter), "", Lane.direct(), answer);
        answer.get();
    }

    private Inbox consume(SubscriptionKey key, int credit) {
        return Inbox.of(broker, key, credit);
    }
}
