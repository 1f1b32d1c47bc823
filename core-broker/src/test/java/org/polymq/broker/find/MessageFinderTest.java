/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.find;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.Answer;
import org.polymq.broker.Broker;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.TestBroker;
import org.polymq.broker.message.BodyKind;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.Names;
import org.polymq.broker.message.Origin;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.publish.Outgoing;
import org.polymq.broker.publish.Stored;
import org.polymq.broker.topic.Topic;
import org.polymq.storage.LogConfig;

class MessageFinderTest {
    private static final long ALWAYS = Long.MAX_VALUE;

    @TempDir
    Path directory;

    private Broker broker;
    private long now = 1_700_000_000_000L;
    private final InstantSource clock = () -> Instant.ofEpochMilli(now);

    @BeforeEach
    void open() {
        broker = TestBroker.open(directory, LogConfig.defaults(directory), clock);
    }

    @AfterEach
    void close() {
        broker.close();
    }

    @Test
    void findsByEachKeyAndByIdInOpenAndSealedSegmentsAndAfterARestart() {
        publish("orders", "id-1", "red green", "one");
        roll();
        publish("orders", "id-2", "green blue", "two");
        publish("invoices", "id-3", "green", "elsewhere");

        for (int round = 0; round < 3; round++) {
            assertThat(byWord("orders", "green")).containsExactly("two", "one");
            assertThat(byWord("orders", "red")).containsExactly("one");
            assertThat(byWord("orders", "id-2")).containsExactly("two");
            assertThat(byWord("orders", "gree")).isEmpty();
            assertThat(byWord("invoices", "green")).containsExactly("elsewhere");
            if (round == 0) {
                publishFiller();
                roll();
            } else {
                broker.close();
                open();
            }
        }
    }

    @Test
    void takesTheNewestOfARangeOfTime() {
        for (int i = 0; i < 10; i++) {
            publish("ticks", "t" + i, "tick", "" + i);
            now += 1_000;
            if (i % 3 == 0) {
                roll();
            }
        }
        long start = now - 10_000;

        assertThat(find("ticks", "tick", start + 2_000, start + 7_000, 3)).containsExactly("7", "6", "5");
        assertThat(find("ticks", "tick", start + 8_500, ALWAYS, 3)).containsExactly("9");
        assertThat(find("ticks", "tick", 0, start - 1, 3)).isEmpty();
        assertThat(find("ticks", "tick", 0, ALWAYS, 0)).isEmpty();
    }

    @Test
    void tellsKeysFromIds() {
        publish("words", "same", "other", "as id");
        publish("words", "other", "same", "as key");
        Answer<List<StoredMessage>> byKey = new Answer<>();
        Answer<List<StoredMessage>> byId = new Answer<>();

        broker.finder().byKey("words", "same", 0, ALWAYS, 9, Lane.direct(), byKey);
        broker.finder().byId("words", "same", 0, ALWAYS, 9, Lane.direct(), byId);

        assertThat(bodies(byKey.get())).containsExactly("as key");
        assertThat(bodies(byId.get())).containsExactly("as id");
    }

    @Test
    void saysThatATopicIsUnknown() {
        assertThatThrownBy(() -> byWord("nowhere", "x")).isInstanceOf(BrokerException.class);
    }

    @Test
    void findsTheOffsetOfATimeAcrossSegments() {
        long start = now;
        for (int i = 0; i < 12; i++) {
            publish("steps", "s" + i, "k", "" + i);
            now += 1_000;
            if (i % 5 == 4) {
                roll();
            }
        }
        Topic topic = broker.topics().find("steps").orElseThrow();
        int queue = 0;
        while (broker.queues().end(topic.queueKey(queue)) == 0) {
            queue++;
        }
        long key = topic.queueKey(queue);

        assertThat(broker.queues().offsetAt(key, 0)).isZero();
        for (int i = 0; i < 12; i++) {
            assertThat(broker.queues().offsetAt(key, start + i * 1_000L)).isEqualTo(i);
            assertThat(broker.queues().offsetAt(key, start + i * 1_000L - 1)).isEqualTo(i);
        }
        assertThat(broker.queues().offsetAt(key, start + 12_000)).isEqualTo(12);
    }

    private void publishFiller() {
        for (int i = 0; i < 1_000; i++) {
            publish("filler", "f" + i, "filler", "x");
        }
    }

    private void roll() {
        long end = broker.log().end();
        broker.log().roll();
        Path index = directory.resolve(
                String.format("%010d.index", broker.log().sealedSegments().size()));
        await().atMost(Duration.ofSeconds(10)).until(() -> broker.log().end() > end && Files.exists(index));
    }

    private List<String> byWord(String topic, String word) {
        return find(topic, word, 0, ALWAYS, 100);
    }

    private List<String> find(String topic, String word, long from, long to, int max) {
        Answer<List<StoredMessage>> answer = new Answer<>();
        broker.finder().byKeyOrId(topic, word, from, to, max, Lane.direct(), answer);
        return bodies(answer.get());
    }

    private static List<String> bodies(List<StoredMessage> messages) {
        return messages.stream()
                .map(each -> StandardCharsets.UTF_8.decode(each.body()).toString())
                .toList();
    }

    private void publish(String topic, String id, String keys, String body) {
        Message message = Message.to(Names.ofMqtt(topic))
                .origin(Origin.JMS)
                .id(id)
                .keys(keys)
                .groupKey("one queue")
                .body(BodyKind.BYTES, body.getBytes(StandardCharsets.UTF_8))
                .build();
        Answer<Stored> answer = new Answer<>();
        broker.publisher().publish(Outgoing.toTopic(message), Lane.direct(), answer);
        answer.get();
    }
}
