/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.Topic;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a gateway makes of several groups: consumers of all of them, and clients that go on when one is gone. */
class GatewayTest {
    private static final long SOON = 30_000;
    private static final int GROUPS = 3;

    @TempDir
    Path directory;

    private TestCluster cluster;
    private Connection connection;
    private Session session;
    private List<Topic> topics;

    @BeforeEach
    void start() throws IOException, JMSException {
        cluster = new TestCluster(directory, 12 << 20);
        connection = cluster.factory("requestTimeout=120000").createConnection();
        connection.start();
        session = connection.createSession();
        topics = new ArrayList<>();
        for (int slot = 0; slot < GROUPS; slot++) {
            topics.add(session.createTopic(cluster.pathIn(slot, "plant/line").replace('/', '.')));
        }
    }

    @AfterEach
    void stop() throws JMSException {
        connection.close();
        cluster.close();
    }

    /** One message of each number to each group's topic. */
    private void sendToAll(int from, int to) throws JMSException {
        for (int number = from; number <= to; number++) {
            for (Topic topic : topics) {
                JmsTest.send(session, topic, number, number);
            }
        }
    }

    private static List<String> sorted(int from, int to) {
        List<String> all = new ArrayList<>();
        for (int slot = 0; slot < GROUPS; slot++) {
            all.addAll(JmsTest.numbers(from, to));
        }
        all.sort(null);
        return all;
    }

    private static List<String> receive(MessageConsumer consumer, int count) throws JMSException {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add(JmsTest.text(consumer.receive(SOON)));
        }
        texts.sort(null);
        return texts;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 256})
    void aTopicConsumerGetsWhatIsInAnyGroupWhateverItsWindow(int prefetch) throws JMSException {
        try (Connection other = cluster.factory("prefetch=" + prefetch).createConnection()) {
            other.start();
            MessageConsumer consumer = other.createSession().createConsumer(session.createTopic("plant.*"));
            sendToAll(1, 20);

            assertThat(receive(consumer, 60)).isEqualTo(sorted(1, 20));
            assertThat(consumer.receiveNoWait()).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 256})
    void receiveNoWaitAsksAllGroups(int prefetch) throws JMSException {
        try (Connection other = cluster.factory("prefetch=" + prefetch).createConnection()) {
            other.start();
            MessageConsumer consumer =
                    other.createSession().createSharedDurableConsumer(session.createTopic("plant.*"), "s");
            sendToAll(1, 2);

            for (int i = 0; i < 6; i++) {
                assertThat(consumer.receiveNoWait()).isNotNull();
            }
            assertThat(consumer.receiveNoWait()).isNull();
        }
    }

    @Test
    void whatIsNotAcknowledgedComesAgainFromAllGroups() throws JMSException {
        try (Connection other = cluster.factory("prefetch=4&clientId=c").createConnection()) {
            other.start();
            Session manual = other.createSession(Session.CLIENT_ACKNOWLEDGE);
            MessageConsumer consumer = manual.createDurableSubscriber(session.createTopic("plant.*"), "s");
            sendToAll(1, 10);
            receive(consumer, 12);

            manual.recover();

            List<String> again = new ArrayList<>();
            int redelivered = 0;
            for (int i = 0; i < 30; i++) {
                Message message = JmsTest.one(consumer);
                again.add(JmsTest.text(message));
                redelivered += message.getJMSRedelivered() ? 1 : 0;
                message.acknowledge();
            }
            again.sort(null);
            assertThat(again).isEqualTo(sorted(1, 10));
            assertThat(redelivered).isEqualTo(12);
            consumer.close();
            manual.unsubscribe("s");
            for (int slot = 0; slot < GROUPS; slot++) {
                assertThat(cluster.broker(slot).subscriptions().all()).isEmpty();
            }
        }
    }

    @Test
    void aTransactedSubscriberAcknowledgesInTheGroupsItReceivedFrom() throws JMSException {
        try (Connection other = cluster.factory("clientId=c").createConnection()) {
            other.start();
            Session transacted = other.createSession(Session.SESSION_TRANSACTED);
            MessageConsumer consumer = transacted.createDurableSubscriber(session.createTopic("plant.*"), "s");
            sendToAll(1, 3);
            receive(consumer, 9);
            transacted.rollback();
            assertThat(receive(consumer, 9)).isEqualTo(sorted(1, 3));
            transacted.commit();
            consumer.close();

            consumer = transacted.createDurableSubscriber(session.createTopic("plant.*"), "s");
            assertThat(consumer.receiveNoWait()).isNull();
        }
    }

    @Test
    void deadLettersAreFoundWhereverTheyDied() throws JMSException {
        try (Connection other = cluster.factory("clientId=c").createConnection()) {
            other.start();
            Session transacted = other.createSession(Session.SESSION_TRANSACTED);
            MessageConsumer consumer = transacted.createDurableSubscriber(session.createTopic("plant.*"), "s");
            MessageConsumer dead = session.createConsumer(session.createQueue("%DLQ%JMS-c.s"));
            sendToAll(1, 1);
            for (int i = 0; i < 10; i++) {
                receive(consumer, GROUPS);
                transacted.rollback();
            }

            assertThat(receive(dead, GROUPS)).isEqualTo(sorted(1, 1));
        }
    }

    @Test
    void aTemporaryQueueIsReachedThroughAnyConnection() throws JMSException {
        try (Connection other = cluster.factory().createConnection()) {
            for (int i = 0; i < 6; i++) { // names that belong to several groups
                TemporaryQueue replies = session.createTemporaryQueue();
                MessageConsumer consumer = session.createConsumer(replies);
                Session transacted = other.createSession(Session.SESSION_TRANSACTED);
                JmsTest.send(transacted, replies, i, i);
                JmsTest.send(transacted, session.createQueue("kept"), i, i);
                transacted.commit();
                assertThat(JmsTest.text(consumer.receive(SOON))).isEqualTo(String.valueOf(i));
            }
        }
    }

    @Test
    void largeBodiesGoToTheirGroupsAndComeFromAll() throws JMSException {
        MessageConsumer consumer = session.createConsumer(session.createTopic("plant.*"));
        Session transacted = connection.createSession(Session.SESSION_TRANSACTED);
        for (int slot = 0; slot < GROUPS; slot++) {
            Queue queue = session.createQueue(cluster.queueIn(slot));
            transacted.createProducer(queue).send(session.createTextMessage(large(slot)));
            transacted.createProducer(topics.get(slot)).send(session.createTextMessage(large(slot)));
            JmsTest.send(transacted, topics.get(slot), slot, slot);
        }
        transacted.commit();
        for (int slot = 0; slot < GROUPS; slot++) {
            JmsTest.send(session, topics.get(slot), slot, slot);
            session.createProducer(topics.get(slot)).send(session.createTextMessage(large(slot)));
        }

        List<String> expected = new ArrayList<>();
        for (int slot = 0; slot < GROUPS; slot++) {
            expected.addAll(List.of(brief(large(slot)), brief(large(slot)), brief("" + slot), brief("" + slot)));
        }
        assertThat(receive(consumer, 4 * GROUPS).stream().map(GatewayTest::brief))
                .containsExactlyInAnyOrderElementsOf(expected);
        for (int slot = 0; slot < GROUPS; slot++) {
            try (MessageConsumer reader = session.createConsumer(session.createQueue(cluster.queueIn(slot)))) {
                assertThat(brief(JmsTest.text(reader.receive(SOON)))).isEqualTo(brief(large(slot)));
            }
        }
    }

    private static String brief(String text) {
        return text.substring(0, Math.min(8, text.length())) + " of " + text.length() + ", " + text.hashCode();
    }

    private static String large(int slot) {
        return ("large " + slot + " ").repeat(530_000);
    }

    // ---- when something is gone

    /** Something that breaks. */
    private interface Break {
        void happen() throws IOException;
    }

    @Test
    void sendsAreStoredOnceWhenALeaderChanges() throws Exception {
        sendsThroughout(queue -> () -> cluster.changeLeader(cluster.placement().ofPath(queue)));
    }

    @Test
    void sendsAreStoredOnceWhenTheGatewayIsGone() throws Exception {
        sendsThroughout(queue -> () -> cluster.changeGateway());
    }

    @Test
    void sendsAreStoredOnceWhenStreamsBreak() throws Exception {
        sendsThroughout(queue -> () -> cluster.cut(cluster.placement().ofPath(queue)));
    }

    private interface Breaking {
        Break of(String queue);
    }

    private void sendsThroughout(Breaking breaking) throws Exception {
        String name = cluster.queueIn(1);
        Queue queue = session.createQueue(name);
        int count = 600;
        AtomicInteger sent = new AtomicInteger();
        CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
            try (MessageProducer producer = session.createProducer(queue)) {
                for (int i = 1; i <= count; i++) {
                    producer.send(session.createTextMessage(String.valueOf(i)));
                    sent.set(i);
                }
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
        });
        for (int at = 100; at <= 500; at += 100) {
            int from = at;
            await().atMost(SOON, TimeUnit.MILLISECONDS).until(() -> sent.get() >= from);
            breaking.of(name).happen();
        }
        sending.get(4 * SOON, TimeUnit.MILLISECONDS);

        try (Connection other = cluster.factory().createConnection()) {
            other.start();
            MessageConsumer consumer = other.createSession().createConsumer(queue);
            assertThat(JmsTest.receive(consumer, count)).isEqualTo(JmsTest.numbers(1, count));
            assertThat(consumer.receiveNoWait()).isNull();
        }
    }

    @Test
    void aDurableSubscriberMissesNothingWhenLeadersChange() throws Exception {
        try (Connection other = cluster.factory("clientId=c").createConnection()) {
            other.start();
            MessageConsumer consumer =
                    other.createSession().createDurableSubscriber(session.createTopic("plant.*"), "s");
            for (int round = 0; round < GROUPS; round++) {
                sendToAll(10 * round + 1, 10 * round + 10);
                cluster.changeLeader(round);
            }

            List<String> fresh = new ArrayList<>();
            while (fresh.size() < 90) { // What was acknowledged when a leader went may come again.
                Message message = JmsTest.one(consumer);
                if (!message.getJMSRedelivered()) {
                    fresh.add(JmsTest.text(message));
                }
            }
            fresh.sort(null);
            assertThat(fresh).isEqualTo(sorted(1, 30));
        }
    }
}
