/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.group.Group;
import org.polymq.broker.message.Address;
import org.polymq.broker.message.BodyKind;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.Origin;
import org.polymq.broker.publish.Outgoing;
import org.polymq.broker.publish.Stored;
import org.polymq.broker.session.DurableSession;
import org.polymq.broker.session.OutboundPacket;
import org.polymq.broker.session.Sessions.OpenedSession;
import org.polymq.broker.subscription.Consumer;
import org.polymq.broker.subscription.ConsumerOptions;
import org.polymq.broker.subscription.Delivery;
import org.polymq.broker.subscription.Settlement;
import org.polymq.broker.subscription.SubscriptionKey;
import org.polymq.broker.subscription.TransientSubscription;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.TopicKind;

class BrokerTest {
    @TempDir
    Path directory;

    private Broker broker;

    @BeforeEach
    void open() {
        broker = TestBroker.open(directory);
    }

    @AfterEach
    void close() {
        broker.close();
    }

    @Test
    void storesAMessageWhereItsTopicKeepsItOverARestart() {
        Stored stored = publish("plant/line1/temp", "21");
        Topic topic = broker.topics().find("plant").orElseThrow();
        assertThat(topic.kind()).isEqualTo(TopicKind.TOPIC);
        assertThat(topic.queues()).isEqualTo(4);

        restart();

        Topic again = broker.topics().find("plant").orElseThrow();
        assertThat(again).isEqualTo(topic);
        assertThat(broker.queues().end(topic.queueKey(stored.queueId()))).isEqualTo(1);
        assertThat(text(broker.messages().read(stored.position()).body())).isEqualTo("21");
    }

    @Test
    void keepsOrderPerPath() {
        int queue = publish("a/x", "0").queueId();
        for (int i = 1; i < 20; i++) {
            Stored stored = publish("a/x", "" + i);
            assertThat(stored.queueId()).isEqualTo(queue);
            assertThat(stored.queueOffset()).isEqualTo(i);
        }
    }

    @Test
    void letsNothingOvertakeTheMessageThatMakesItsTopic() {
        PatientLane lane = new PatientLane();
        List<Answer<Stored>> answers = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Answer<Stored> answer = new Answer<>();
            broker.publisher()
                    .publish(Outgoing.toTopic(message("young/x", "" + i).build()), lane, answer);
            answers.add(answer);
        }

        lane.runAll();

        assertThat(answers).extracting(answer -> answer.get().queueOffset()).containsExactly(0L, 1L, 2L, 3L, 4L);
    }

    @Test
    void refusesATopicAsAQueueOnceASubscriptionNamesIt() {
        publish("events", "1");
        subscribe(SubscriptionKey.jmsDurable("c", "s"), "events");

        assertThatThrownBy(() -> send("events", "2"))
                .isInstanceOfSatisfying(
                        BrokerException.class, e -> assertThat(e.reason()).isEqualTo(Reason.WRONG_KIND));
    }

    @Test
    void refusesATopicAsAQueueOnceASubscriptionNamesSomethingBelowIt() {
        publish("events/eu", "1");
        subscribe(SubscriptionKey.jmsDurable("c", "s"), "events/+");

        assertThatThrownBy(() -> send("events", "2"))
                .isInstanceOfSatisfying(
                        BrokerException.class, e -> assertThat(e.reason()).isEqualTo(Reason.WRONG_KIND));
    }

    @Test
    void turnsATopicThatNobodyNamesIntoAQueueThatStartsAtItsOldestMessage() {
        publish("work", "1");

        send("work", "2");

        Inbox inbox = consume(SubscriptionKey.queue("work"), 10);
        assertThat(inbox.texts()).containsExactlyInAnyOrder("1", "2");
    }

    @Test
    void sharesAQueueAmongItsConsumersAndReturnsWhatOneDidNotFinish() {
        for (int i = 0; i < 6; i++) {
            send("work", "" + i);
        }
        Inbox first = consume(SubscriptionKey.queue("work"), 3);
        assertThat(first.texts()).containsExactly("0", "1", "2");

        Inbox.accept(first.consumer(), first.deliveries().subList(0, 1));
        first.consumer().close(true);
        Inbox second = consume(SubscriptionKey.queue("work"), 10);

        assertThat(second.texts()).containsExactly("1", "2", "3", "4", "5");
        assertThat(second.deliveries()).extracting(Delivery::deliveryCount).containsExactly(2, 2, 1, 1, 1);
    }

    @Test
    void remembersOverARestartWhatWasAcknowledgedAndHowOftenTheRestWasTried() {
        for (int i = 0; i < 5; i++) {
            send("work", "" + i);
        }
        Inbox inbox = consume(SubscriptionKey.queue("work"), 5);
        Inbox.accept(
                inbox.consumer(),
                List.of(inbox.deliveries().get(1), inbox.deliveries().get(3)));
        inbox.consumer().release(List.of(inbox.deliveries().get(0)), true);

        restart();

        Inbox again = consume(SubscriptionKey.queue("work"), 5);
        assertThat(again.texts()).containsExactly("0", "2", "4");
        assertThat(again.deliveries().get(0).deliveryCount()).isEqualTo(2);
        assertThat(again.deliveries().get(1).deliveryCount()).isEqualTo(1);
    }

    @Test
    void releasedMessagesKeepTheirPlace() {
        for (int i = 0; i < 4; i++) {
            send("work", "" + i);
        }
        Inbox inbox = consume(SubscriptionKey.queue("work"), 3);

        inbox.consumer().release(List.copyOf(inbox.deliveries()), false);
        inbox.deliveries().clear();
        inbox.consumer().credit(10, 1 << 20);

        assertThat(inbox.texts()).containsExactly("0", "1", "2", "3");
    }

    @Test
    void aStoppedConsumerCanStillSettleWhatItHas() {
        send("work", "0");
        send("work", "1");
        Inbox inbox = consume(SubscriptionKey.queue("work"), 2);

        inbox.consumer().stop(List.of(inbox.deliveries().get(1)));
        Inbox.accept(inbox.consumer(), List.of(inbox.deliveries().get(0)));

        Inbox next = consume(SubscriptionKey.queue("work"), 2);
        assertThat(next.texts()).containsExactly("1");
        assertThat(next.deliveries().get(0).redelivered()).isFalse();
    }

    @Test
    void whatAClosedConsumerCouldNotAcknowledgeGoesToTheNext() {
        send("work", "1");
        Inbox inbox = consume(SubscriptionKey.queue("work"), 1);
        Settlement settlement = inbox.consumer().settle(inbox.deliveries());
        inbox.consumer().close(true);

        settlement.refused().run();

        Inbox next = consume(SubscriptionKey.queue("work"), 1);
        assertThat(next.texts()).containsExactly("1");
        assertThat(next.deliveries().get(0).deliveryCount()).isEqualTo(2);
    }

    @Test
    void aSubscriberWhoseLaneHasEndedHarmsNobody() {
        Lane ended = new Lane() {
            @Override
            public boolean inLane() {
                return false;
            }

            @Override
            public void execute(Runnable task) {
                throw new RejectedExecutionException("shut down");
            }
        };
        TransientSubscription.open(broker.messages(), broker.live(), "a/x", ConsumerOptions.shared(ended), new Inbox());
        Inbox inbox = new Inbox();
        TransientSubscription.open(
                        broker.messages(), broker.live(), "a/x", ConsumerOptions.shared(Lane.direct()), inbox)
                .credit(10, 1 << 20);

        publish("a/x", "1");
        publish("a/x", "2");

        assertThat(inbox.texts()).containsExactly("1", "2");
        assertThat(broker.log().failed()).isFalse();
    }

    @Test
    void overlappingFiltersGiveOneCopyWhileMessagesComeIn() throws InterruptedException {
        DurableSession session = session("device", false).session();
        addFilters(session, "a/#", "a/+", "+/x", "#", "+/#", "a/x");
        int count = 5_000;
        Inbox inbox = new Inbox();
        Consumer consumer = session.attach(inbox);
        inbox.consumer(consumer);
        Thread publishing = new Thread(() -> {
            for (int i = 0; i < count; i++) {
                publish("a/x", "" + i);
            }
        });
        publishing.start();
        while (publishing.isAlive()) {
            consumer.credit(1, 1 << 20);
        }
        publishing.join();
        consumer.credit(count, 1 << 30);

        assertThat(inbox.deliveries()).extracting(Delivery::position).doesNotHaveDuplicates();
        assertThat(inbox.deliveries()).hasSize(count);
    }

    @Test
    void aTransactionStoresAllItsMessagesAndAcknowledgementsOrNone() {
        send("in", "order");
        Inbox inbox = consume(SubscriptionKey.queue("in"), 1);
        List<Outgoing> out = List.of(
                Outgoing.toQueue(message("out", "a").build()),
                Outgoing.toTopic(message("audit/x", "b").build()));

        Answer<List<Stored>> answer = new Answer<>();
        broker.publisher().commit(out, List.of(inbox.consumer().settle(inbox.deliveries())), Lane.direct(), answer);

        assertThat(answer.get()).hasSize(2);
        restart();
        Inbox nothing = consume(SubscriptionKey.queue("in"), 1);
        assertThat(nothing.texts()).isEmpty();
        nothing.consumer().close(false);
        assertThat(consume(SubscriptionKey.queue("out"), 1).texts()).containsExactly("a");

        send("in", "second");
        Inbox second = consume(SubscriptionKey.queue("in"), 1);
        Answer<List<Stored>> refused = new Answer<>();
        broker.publisher()
                .commit(
                        List.of(Outgoing.toTopic(message("out", "x").build())),
                        List.of(second.consumer().settle(second.deliveries())),
                        Lane.direct(),
                        refused);
        assertThatThrownBy(refused::get).isInstanceOf(BrokerException.class);
        second.consumer().close(false);
        assertThat(consume(SubscriptionKey.queue("in"), 1).texts()).containsExactly("second");
    }

    @Test
    void storesNothingOfATransactionIfOneOfItsTopicsWasDeletedMeanwhile() {
        send("in", "order");
        publish("gone/x", "before");
        publish("stays/x", "before");
        SubscriptionKey stays = SubscriptionKey.jmsDurable("client", "stays");
        subscribe(stays, "stays/#");
        Inbox inbox = consume(SubscriptionKey.queue("in"), 1);
        List<Outgoing> messages = List.of(
                Outgoing.toTopic(message("stays/x", "a").build()),
                Outgoing.toTopic(message("gone/x", "b").build()),
                Outgoing.toTopic(message("stays/x", "later").deliverAt(1).build()));
        Answer<List<ByteBuffer>> encoded = new Answer<>();
        broker.publisher().encoded(messages, Lane.direct(), encoded);
        Answer<Boolean> deleted = new Answer<>();
        broker.topics().delete("gone", Lane.direct(), deleted);
        assertThat(deleted.get()).isTrue();

        Answer<List<Stored>> answer = new Answer<>();
        broker.publisher()
                .store(encoded.get(), List.of(inbox.consumer().settle(inbox.deliveries())), Lane.direct(), answer);

        assertThatThrownBy(answer::get)
                .isInstanceOfSatisfying(
                        BrokerException.class, e -> assertThat(e.reason()).isEqualTo(Reason.TOPIC_NOT_FOUND));
        inbox.consumer().close(false);
        restart();
        publish("stays/x", "next");
        assertThat(consume(stays, 10).texts()).containsExactly("next");
        assertThat(consume(SubscriptionKey.queue("in"), 10).texts()).containsExactly("order");
    }

    @Test
    void aDurableSubscriptionGetsWhatMatchesWhileItsConsumerIsAway() {
        SubscriptionKey key = SubscriptionKey.jmsDurable("client", "prices");
        publish("prices/eu/gold", "before");
        subscribe(key, "prices/+/gold");
        publish("prices/eu/gold", "1");
        publish("prices/eu/silver", "no");
        restart();
        publish("prices/us/gold", "2");

        Inbox inbox = consume(key, 10);

        assertThat(inbox.texts()).containsExactly("1", "2");
    }

    @Test
    void overlappingFiltersOfOneSubscriptionGiveOneCopyInLogOrder() {
        SubscriptionKey key = SubscriptionKey.mqttSession("device");
        DurableSession session = session("device", false).session();
        addFilters(session, "a/#", "a/+", "b");
        for (int i = 0; i < 5; i++) {
            publish(i % 2 == 0 ? "a/x" : "b", "" + i);
        }

        Inbox inbox = new Inbox();
        inbox.consumer(session.attach(inbox));
        inbox.consumer().credit(100, 1 << 20);

        assertThat(inbox.texts()).containsExactly("0", "1", "2", "3", "4");
        Inbox.accept(inbox.consumer(), inbox.deliveries());
        assertThat(broker.subscriptions().find(key).orElseThrow().pending()).isZero();
    }

    @Test
    void wakesAConsumerThatWaits() {
        send("work", "0");
        Inbox inbox = consume(SubscriptionKey.queue("work"), 5);

        send("work", "1");

        assertThat(inbox.texts()).containsExactly("0", "1");
    }

    @Test
    void nonPersistentMessagesAreDoneForJmsAfterARestart() {
        publishQueue(message("work", "gone").durable(false).build());
        send("work", "kept");

        restart();

        assertThat(consume(SubscriptionKey.queue("work"), 5).texts()).containsExactly("kept");
    }

    @Test
    void expiredMessagesReachNobody() {
        publishQueue(message("work", "late").expiresAt(1).build());
        send("work", "kept");

        assertThat(consume(SubscriptionKey.queue("work"), 5).texts()).containsExactly("kept");
    }

    @Test
    void aSessionKeepsItsFiltersEpochAndPacketIds() {
        DurableSession session = session("device", false).session();
        addFilters(session, "a/b");
        Answer<Stored> first = new Answer<>();
        broker.publisher()
                .publish(
                        Outgoing.toTopic(message("q2", "once")
                                .qosTwoId(session.qosTwoId(7))
                                .build()),
                        Lane.direct(),
                        first);
        assertThat(first.get().isStored()).isTrue();
        Answer<Done> assigned = new Answer<>();
        session.assign(List.of(OutboundPacket.of(3, 42)), assigned);
        assigned.get();

        restart();

        OpenedSession again = session("device", false);
        assertThat(again.present()).isTrue();
        assertThat(again.session().filters()).containsOnlyKeys("a/b");
        assertThat(again.session().isReceived(7)).isTrue();
        assertThat(again.session().outbound()).containsExactly(OutboundPacket.of(3, 42));

        Answer<Stored> doubled = new Answer<>();
        broker.publisher()
                .publish(
                        Outgoing.toTopic(message("q2", "once")
                                .qosTwoId(again.session().qosTwoId(7))
                                .build()),
                        Lane.direct(),
                        doubled);
        assertThat(doubled.get().isStored()).isFalse();
    }

    @Test
    void aSessionThatWasTakenOverChangesNothing() {
        DurableSession old = session("device", false).session();
        session("device", false);

        Answer<Done> late = new Answer<>();
        old.subscribe(Map.of("x", new byte[0]), late);

        assertThatThrownBy(late::get)
                .isInstanceOfSatisfying(
                        BrokerException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CLOSED));
        assertThat(session("device", false).session().filters()).isEmpty();
    }

    @Test
    void aCleanStartForgetsTheSession() {
        addFilters(session("device", false).session(), "a");
        publish("a", "1");

        OpenedSession fresh = session("device", true);

        assertThat(fresh.present()).isFalse();
        assertThat(fresh.session().filters()).isEmpty();
    }

    @Test
    void keepsTheNewestRetainedMessageAndForgetsAnEmptyOne() {
        publishTopic(message("state/a", "1").retain(true).build());
        publishTopic(message("state/a", "2").retain(true).build());
        publishTopic(message("state/b", "x").retain(true).build());
        publishTopic(message("state/b", "").retain(true).build());

        restart();

        assertThat(broker.retained().matching("state/+"))
                .singleElement()
                .satisfies(retained -> assertThat(
                                text(broker.messages().read(retained.position()).body()))
                        .isEqualTo("2"));
    }

    @Test
    void aTransientSubscriberGetsWhatIsPublishedWhileItIsThere() {
        Inbox inbox = new Inbox();
        TransientSubscription subscription = TransientSubscription.open(
                broker.messages(), broker.live(), "a/+", ConsumerOptions.shared(Lane.direct()), inbox);
        subscription.credit(2_000, 1 << 20);

        publish("a/x", "1");
        publish("b/x", "no");
        publish("a/y", "2");
        subscription.close(false);
        publish("a/x", "late");

        assertThat(inbox.texts()).containsExactly("1", "2");
    }

    @Test
    void aSlowTransientSubscriberLosesNothing() {
        Inbox inbox = new Inbox();
        TransientSubscription subscription = TransientSubscription.open(
                broker.messages(), broker.live(), "a", ConsumerOptions.shared(Lane.direct()), inbox);
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            publish("a", "" + i);
            sent.add("" + i);
        }

        subscription.credit(10_000, 1 << 20);

        assertThat(inbox.texts()).containsExactlyElementsOf(sent);
    }

    @Test
    void groupsKeepTheirOffsets() {
        Answer<Group> group = new Answer<>();
        broker.groups().ensure("g", Lane.direct(), group);
        group.get();
        publish("read", "1");
        long queue = broker.topics().find("read").orElseThrow().queueKey(0);
        broker.groups().commit("g", queue, 17);
        assertThat(broker.groups().offset("g", queue)).isEqualTo(17);

        restart();

        assertThat(broker.groups().offset("g", queue)).isEqualTo(17);
        assertThat(broker.groups().offset("g", queue + 1)).isEqualTo(-1);
    }

    @Test
    void anOffsetThatIsCommittedAfterItsTopicWasDeletedIsForgotten() {
        Answer<Group> group = new Answer<>();
        broker.groups().ensure("g", Lane.direct(), group);
        group.get();
        publish("gone", "1");
        long queue = broker.topics().find("gone").orElseThrow().queueKey(0);
        Answer<Boolean> deleted = new Answer<>();
        broker.topics().delete("gone", Lane.direct(), deleted);
        assertThat(deleted.get()).isTrue();

        broker.groups().commit("g", queue, 17);
        restart();

        assertThat(broker.groups().offsets("g")).isEmpty();
    }

    private void restart() {
        broker.close();
        broker = TestBroker.open(directory);
    }

    private Stored publish(String name, String text) {
        return publishTopic(message(name, text).build());
    }

    private Stored send(String queue, String text) {
        return publishQueue(message(queue, text).build());
    }

    private Stored publishTopic(Message message) {
        Answer<Stored> answer = new Answer<>();
        broker.publisher().publish(Outgoing.toTopic(message), Lane.direct(), answer);
        return answer.get();
    }

    private Stored publishQueue(Message message) {
        Answer<Stored> answer = new Answer<>();
        broker.publisher().publish(Outgoing.toQueue(message), Lane.direct(), answer);
        return answer.get();
    }

    private static Message.Builder message(String name, String text) {
        return Message.to(Address.split(name))
                .origin(Origin.MQTT)
                .durable(true)
                .body(BodyKind.BYTES, text.getBytes(StandardCharsets.UTF_8));
    }

    private void subscribe(SubscriptionKey key, String filter) {
        Answer<Done> answer = new Answer<>();
        broker.subscriptions().subscribe(key, List.of(filter), "", Lane.direct(), answer);
        answer.get();
    }

    private OpenedSession session(String clientId, boolean cleanStart) {
        Answer<OpenedSession> answer = new Answer<>();
        broker.sessions().open(clientId, cleanStart, 3_600, "", Lane.direct(), answer);
        return answer.get();
    }

    private static void addFilters(DurableSession session, String... filters) {
        Map<String, byte[]> added = new HashMap<>();
        for (String filter : filters) {
            added.put(filter, new byte[] {1});
        }
        Answer<Done> answer = new Answer<>();
        session.subscribe(added, answer);
        answer.get();
    }

    private Inbox consume(SubscriptionKey key, int credit) {
        return Inbox.of(broker, key, credit);
    }

    private static String text(ByteBuffer body) {
        return StandardCharsets.UTF_8.decode(body).toString();
    }
}
