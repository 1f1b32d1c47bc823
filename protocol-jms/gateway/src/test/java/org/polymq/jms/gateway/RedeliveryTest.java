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
import jakarta.jms.Topic;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.subscription.RedeliveryPolicy;
import org.polymq.broker.subscription.SubscriptionKey;

/** How often and when a message comes again, and where it goes in the end. */
class RedeliveryTest extends JmsTest {
    private Session session;
    private Queue queue;

    @BeforeEach
    void open() throws JMSException {
        session = connection.createSession(Session.SESSION_TRANSACTED);
        queue = session.createQueue("work");
    }

    private void set(SubscriptionKey key, int deliveries, Duration delay, String deadLetters) {
        AtomicBoolean done = new AtomicBoolean();
        RedeliveryPolicy policy = new RedeliveryPolicy(deliveries, delay, 2, Duration.ofSeconds(10), deadLetters);
        server.brokers()
                .forEach(broker -> broker.redeliveries()
                        .set(key, policy, Lane.direct(), Reply.<Done>of(ok -> done.set(true), refused -> {})));
        await().untilTrue(done);
    }

    private Message dead(String name) throws JMSException {
        Session outside = connection.createSession();
        return one(outside.createConsumer(outside.createQueue(name)));
    }

    @Test
    void afterTenDeliveriesAMessageIsADeadLetterThatTellsItsOrigin() throws JMSException {
        Session outside = connection.createSession();
        try (MessageProducer producer = outside.createProducer(queue)) {
            Message message = outside.createTextMessage("1");
            message.setIntProperty("n", 7);
            message.setJMSCorrelationID("c");
            producer.send(message);
        }
        send(outside, queue, 2, 2);
        MessageConsumer consumer = session.createConsumer(queue);
        String id = "";
        for (int i = 1; i <= 10; i++) {
            Message message = one(consumer);
            assertThat(message.getIntProperty("JMSXDeliveryCount")).isEqualTo(i);
            id = message.getJMSMessageID();
            session.rollback();
        }
        assertThat(receive(consumer, 1)).isEqualTo(numbers(2, 2));
        session.commit();

        Message letter = dead("%DLQ%JMS-work");
        assertThat(text(letter)).isEqualTo("1");
        assertThat(letter.getJMSMessageID()).isEqualTo(id);
        assertThat(letter.getJMSCorrelationID()).isEqualTo("c");
        assertThat(letter.getIntProperty("n")).isEqualTo(7);
        assertThat(letter.getStringProperty("DLQ_ORIGIN_TOPIC")).isEqualTo("work");
        assertThat("ID:" + letter.getStringProperty("DLQ_ORIGIN_MESSAGE_ID")).isEqualTo(id);
        assertThat(letter.getIntProperty("DLQ_DELIVERIES")).isEqualTo(10);
        assertThat(letter.getStringProperty("DLQ_REASON")).contains("work").contains("10");
        await().until(() -> server.brokerOf("work").deadLetters() == 1);
    }

    @Test
    void aQueueMayHaveItsOwnLimitAndDeadLetterQueueAlsoAfterARestart() throws JMSException, IOException {
        send(connection.createSession(), queue, 1, 1);
        set(SubscriptionKey.queue("work"), 2, Duration.ZERO, "graves");
        MessageConsumer consumer = session.createConsumer(queue);
        one(consumer);
        session.rollback();
        restart();
        open();
        consumer = session.createConsumer(queue);
        assertThat(one(consumer).getIntProperty("JMSXDeliveryCount")).isEqualTo(2);
        session.rollback();

        assertThat(text(dead("graves"))).isEqualTo("1");
        assertThat(consumer.receiveNoWait()).isNull();
    }

    @Test
    void deadLettersOfADurableSubscriptionHaveAQueueOfTheirOwn() throws JMSException {
        try (Connection client = server.factory("clientId=c").createConnection()) {
            client.start();
            Session own = client.createSession(Session.CLIENT_ACKNOWLEDGE);
            Topic topic = own.createTopic("a.b.c");
            MessageConsumer consumer = own.createDurableConsumer(topic, "s");
            set(SubscriptionKey.jmsDurable("c", "s"), 1, Duration.ZERO, "");
            send(connection.createSession(), topic, 1, 2);
            one(consumer);

            own.recover();

            assertThat(receive(consumer, 1)).isEqualTo(numbers(2, 2));
            Message letter = dead("%DLQ%JMS-c.s");
            assertThat(text(letter)).isEqualTo("1");
            assertThat(letter.getStringProperty("DLQ_ORIGIN_TOPIC")).isEqualTo("a");
            assertThat(letter.getStringProperty("DLQ_ORIGIN_PATH")).isEqualTo("b/c");
        }
    }

    @Test
    void whatIsInADeadLetterQueueComesAsOftenAsItIsWanted() throws JMSException {
        Queue graves = session.createQueue("%DLQ%JMS-old");
        send(connection.createSession(), graves, 1, 1);
        MessageConsumer consumer = session.createConsumer(graves);

        for (int i = 1; i <= 12; i++) {
            assertThat(one(consumer).getIntProperty("JMSXDeliveryCount")).isEqualTo(i);
            session.rollback();
        }
    }

    @Test
    void aMessageThatComesBackWaitsWhileLaterOnesAreDelivered() throws JMSException {
        set(SubscriptionKey.queue("work"), 0, Duration.ofMillis(700), "");
        send(connection.createSession(), queue, 1, 2);
        MessageConsumer consumer = session.createConsumer(queue);
        assertThat(receive(consumer, 1)).isEqualTo(numbers(1, 1));

        session.rollback();

        assertThat(receive(consumer, 2)).containsExactly("2", "1");
        session.commit();
    }

    @Test
    void aWaitGoesOnAfterARestart() throws JMSException, IOException {
        set(SubscriptionKey.queue("work"), 0, Duration.ofSeconds(2), "");
        send(connection.createSession(), queue, 1, 2);
        MessageConsumer consumer = session.createConsumer(queue);
        assertThat(receive(consumer, 1)).isEqualTo(numbers(1, 1));
        long before = System.nanoTime();
        session.rollback();

        restart();
        open();

        consumer = session.createConsumer(queue);
        assertThat(receive(consumer, 1)).isEqualTo(numbers(2, 2));
        Message waited = one(consumer);
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(Duration.ofMillis(1_990));
        assertThat(text(waited)).isEqualTo("1");
        assertThat(waited.getIntProperty("JMSXDeliveryCount")).isEqualTo(2);
        session.commit();
        restart();
        open();
        assertThat(session.createConsumer(queue).receiveNoWait()).isNull();
    }

    @Test
    void messagesNeverHandedOverDoNotComeNearerToTheirDeath() throws JMSException {
        set(SubscriptionKey.queue("work"), 2, Duration.ZERO, "");
        send(connection.createSession(), queue, 1, 3);
        for (int i = 0; i < 5; i++) {
            try (Connection other = server.factory().createConnection()) {
                other.start();
                MessageConsumer consumer =
                        other.createSession(Session.CLIENT_ACKNOWLEDGE).createConsumer(queue);
                consumer.receiveNoWait(); // one is handed over, the others are prefetched
                consumer.close();
            }
        }

        MessageConsumer consumer = session.createConsumer(queue);
        assertThat(receive(consumer, 1)).hasSize(1);
        assertThat(text(dead("%DLQ%JMS-work"))).isEqualTo("1");
    }

    @Test
    void aListenerThatAlwaysFailsGetsItsMessageSoOften() throws JMSException {
        set(SubscriptionKey.queue("work"), 3, Duration.ZERO, "");
        AtomicInteger calls = new AtomicInteger();
        connection.createSession().createConsumer(queue).setMessageListener(message -> {
            calls.incrementAndGet();
            throw new IllegalStateException("no");
        });
        send(connection.createSession(), queue, 1, 1);

        assertThat(text(dead("%DLQ%JMS-work"))).isEqualTo("1");
        assertThat(calls).hasValue(3);
    }

    @Test
    void expiredMessagesReachNobody() throws JMSException {
        Session outside = connection.createSession();
        try (MessageProducer producer = outside.createProducer(queue)) {
            producer.setTimeToLive(300);
            producer.send(outside.createTextMessage("short"));
            producer.setTimeToLive(0);
            producer.send(outside.createTextMessage("long"));
        }
        MessageConsumer prefetching = session.createConsumer(queue);
        long sent = System.currentTimeMillis();
        await().until(() -> System.currentTimeMillis() > sent + 300);

        assertThat(text(one(prefetching))).isEqualTo("long");
        session.rollback();
        assertThat(text(one(prefetching))).isEqualTo("long");
        assertThat(prefetching.receiveNoWait()).isNull();
    }
}
