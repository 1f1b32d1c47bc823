/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.Answer;
import org.polymq.broker.Broker;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.TestBroker;
import org.polymq.broker.filter.Filter;
import org.polymq.broker.message.Address;
import org.polymq.broker.message.BodyKind;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.Origin;
import org.polymq.broker.message.Property;
import org.polymq.broker.publish.Outgoing;
import org.polymq.broker.publish.Stored;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.TopicSpec;

/** Consumers with selectors compete for one queue. */
class SelectorsTest {
    private static final SubscriptionKey KEY = SubscriptionKey.queue("work");

    @TempDir
    Path directory;

    private Broker broker;

    @BeforeEach
    void open() {
        broker = TestBroker.open(directory);
        Answer<Topic> made = new Answer<>();
        broker.topics().ensure(TopicSpec.queue("work", Topic.Origin.JMS), Lane.direct(), made);
        made.get();
    }

    @AfterEach
    void close() {
        broker.close();
    }

    /** Keeps what it is handed. */
    private final class Taker implements Consumer.Listener {
        private final List<Delivery> got = new ArrayList<>();
        private final Consumer consumer;

        Taker(@Nullable String selector) {
            Filter filter = selector == null ? null : Filter.compile(selector);
            consumer = broker.subscriptions().attach(KEY, ConsumerOptions.selecting(Lane.direct(), filter), this);
        }

        Taker credit(int messages) {
            consumer.credit(messages, 1 << 20);
            return this;
        }

        @Override
        public synchronized void delivered(List<Delivery> batch) {
            got.addAll(batch);
        }

        @Override
        public void ended() {}

        synchronized List<Integer> numbers() {
            List<Integer> numbers = new ArrayList<>();
            for (Delivery delivery : got) {
                numbers.add((Integer)
                        delivery.message().toMessage().properties().get(0).value());
            }
            return numbers;
        }

        synchronized List<Delivery> take() {
            List<Delivery> all = List.copyOf(got);
            got.clear();
            return all;
        }
    }

    private void send(int from, int to) {
        for (int i = from; i <= to; i++) {
            Answer<Stored> stored = new Answer<>();
            Message message = Message.to(Address.of("work"))
                    .origin(Origin.JMS)
                    .body(BodyKind.TEXT, "x".getBytes(UTF_8))
                    .properties(List.of(Property.of("n", (Object) i)))
                    .build();
            broker.publisher().publish(Outgoing.toQueue(message), Lane.direct(), stored);
            stored.get();
        }
    }

    private long pending() {
        return broker.subscriptions().find(KEY).orElseThrow().pending();
    }

    @Test
    void leavesWhatDoesNotMatchToOthers() {
        send(1, 6);
        Taker even = new Taker("n = 2 OR n = 4 OR n = 6").credit(10);
        assertThat(even.numbers()).containsExactly(2, 4, 6);
        Taker all = new Taker(null).credit(10);
        assertThat(all.numbers()).containsExactly(1, 3, 5);
        send(7, 8);
        assertThat(even.numbers()).containsExactly(2, 4, 6);
        assertThat(all.numbers()).containsExactly(1, 3, 5, 7, 8);
    }

    @Test
    void wakesForWhatIsSentLater() {
        Taker big = new Taker("n > 100").credit(10);
        Taker small = new Taker("n < 100").credit(10);
        send(99, 101);
        assertThat(big.numbers()).containsExactly(101);
        assertThat(small.numbers()).containsExactly(99);
        assertThat(pending()).isEqualTo(3);
    }

    @Test
    void givesBackInOrderToWhoeverItMatches() {
        send(1, 6);
        Taker first = new Taker("n <= 4").credit(4);
        List<Delivery> taken = first.take();
        first.consumer.release(List.of(taken.get(2), taken.get(1)), true);
        Taker odd = new Taker("n = 3").credit(5);
        Taker all = new Taker(null).credit(5);
        assertThat(odd.numbers()).containsExactly(3);
        assertThat(odd.got.get(0).deliveryCount()).isEqualTo(2);
        assertThat(all.numbers()).containsExactly(2, 5, 6);
        first.consumer.close(false);
        assertThat(all.numbers()).containsExactly(2, 5, 6, 1, 4);
    }

    @Test
    void acknowledgesWithGapsAndKeepsThemOverARestart() {
        send(1, 9);
        Taker some = new Taker("n IS NOT NULL AND (n = 2 OR n = 5)").credit(10);
        Answer<Done> done = new Answer<>();
        some.consumer.accept(some.take(), true, done);
        done.get();
        some.consumer.close(false);
        broker.close();
        broker = TestBroker.open(directory);
        assertThat(new Taker(null).credit(20).numbers()).containsExactly(1, 3, 4, 6, 7, 8, 9);
    }

    @Test
    void looksAtABacklogInPieces() {
        send(1, 5_000);
        Taker last = new Taker("n = 5000").credit(1);
        await().untilAsserted(() -> assertThat(last.numbers()).containsExactly(5_000));
    }

    @Test
    void handsEachMessageToExactlyOneOfManySelectors() {
        Random random = new Random(7);
        List<Taker> takers = new ArrayList<>();
        int sent = 0;
        List<Integer> settled = new ArrayList<>();
        for (int round = 0; round < 300; round++) {
            int kind = random.nextInt(5);
            if (kind == 0 && takers.size() < 8) {
                int low = random.nextInt(200);
                takers.add(new Taker(random.nextInt(3) == 0 ? null : "n BETWEEN " + low + " AND " + (low + 150)));
            } else if (kind == 1) {
                send(sent + 1, sent + 3);
                sent += 3;
            } else if (!takers.isEmpty()) {
                Taker taker = takers.get(random.nextInt(takers.size()));
                taker.credit(random.nextInt(4));
                List<Integer> numbers = taker.numbers();
                List<Delivery> taken = taker.take();
                if (random.nextInt(3) == 0) {
                    taker.consumer.release(taken, random.nextBoolean());
                } else {
                    settled.addAll(numbers);
                    taker.consumer.accept(taken, random.nextBoolean(), new Answer<>());
                }
                if (random.nextInt(10) == 0) {
                    taker.consumer.close(false);
                    takers.remove(taker);
                }
            }
        }
        takers.forEach(taker -> taker.consumer.close(false));
        Taker rest = new Taker(null).credit(10_000);
        int all = sent;
        await().untilAsserted(
                        () -> assertThat(settled.size() + rest.numbers().size()).isEqualTo(all));
        assertThat(rest.numbers()).isSorted();
        settled.addAll(rest.numbers());
        assertThat(settled).doesNotHaveDuplicates().hasSize(sent);
    }

    @Test
    void answersAPollWhileMoreSelectorsThanABatchFindNothing() {
        send(1, 3);
        List<Taker> takers = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            takers.add(new Taker("n = " + (1_000 + i)).credit(1));
        }
        List<String> answered = new ArrayList<>();
        takers.get(0).consumer.poll(() -> answered.add("polled"));
        assertThat(answered).containsExactly("polled");
        send(1_299, 1_299);
        assertThat(takers.get(299).numbers()).containsExactly(1_299);
    }

    @Test
    void sharesTheMessagesOfASelectorEvenlyBesideOtherSelectors() {
        Taker first = new Taker("n > 0").credit(10);
        Taker second = new Taker("n > 0").credit(10);
        Taker other = new Taker("n < 0").credit(10);
        send(1, 6);
        assertThat(first.numbers()).hasSize(3);
        assertThat(second.numbers()).hasSize(3);
        assertThat(other.numbers()).isEmpty();
    }

    @Test
    void aConsumerThatComesBackFindsWhatWasReturnedAndSentMeanwhile() {
        send(1, 5);
        Taker first = new Taker("n = 5 OR n = 6").credit(10);
        assertThat(first.numbers()).containsExactly(5);
        first.consumer.close(false);
        broker.subscriptions().save();
        send(6, 6);
        Taker second = new Taker("n = 5 OR n = 6").credit(10);
        assertThat(second.numbers()).containsExactly(5, 6);
        Taker all = new Taker(null).credit(10);
        assertThat(all.numbers()).containsExactly(1, 2, 3, 4);
    }

    @Test
    void readersAreKeptForAWhile() {
        Readers readers = new Readers();
        Filter filter = Filter.compile("n = 1");
        SubscriptionReader kept = readers.join(filter, reader -> {});
        readers.leave(kept);
        assertThat(readers.keeps()).isTrue();
        assertThat(readers.join(Filter.compile("n = 1"), reader -> {})).isSameAs(kept);
        assertThat(readers.keeps()).isFalse();
        readers.leave(kept);
        for (int i = 0; i < Readers.KEPT_AGES; i++) {
            readers.age();
        }
        assertThat(readers.keeps()).isFalse();
        assertThat(readers.join(filter, reader -> {})).isNotSameAs(kept);
    }

    @Test
    void noMoreThanSomeReadersAreKept() {
        Readers readers = new Readers();
        SubscriptionReader first = readers.join(Filter.compile("n = 0"), reader -> {});
        readers.leave(first);
        for (int i = 1; i <= 256; i++) {
            readers.leave(readers.join(Filter.compile("n = " + i), reader -> {}));
        }
        assertThat(readers.join(Filter.compile("n = 0"), reader -> {})).isNotSameAs(first);
    }
}
