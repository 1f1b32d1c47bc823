/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QueueTest extends JmsTest {
    @Test
    void deliversWhatWasSent() throws JMSException {
        Session session = connection.createSession();
        Queue queue = session.createQueue("orders");

        send(session, queue, 1, 3);

        assertThat(receive(session.createConsumer(queue), 3)).isEqualTo(numbers(1, 3));
    }

    @ParameterizedTest
    @ValueSource(ints = {DeliveryMode.PERSISTENT, DeliveryMode.NON_PERSISTENT})
    void deliversTenThousandMessagesInOrder(int deliveryMode) throws JMSException {
        Session session = connection.createSession();
        Queue queue = session.createQueue("orders");
        MessageConsumer consumer = session.createConsumer(queue);
        try (MessageProducer producer = session.createProducer(queue)) {
            producer.setDeliveryMode(deliveryMode);
            for (int i = 1; i <= 10_000; i++) {
                producer.send(session.createTextMessage(String.valueOf(i)));
            }
        }

        assertThat(receive(consumer, 10_000)).isEqualTo(numbers(1, 10_000));
        assertThat(consumer.receiveNoWait()).isNull();
    }

    @Test
    void givesEachMessageToOneOfItsConsumers() throws JMSException {
        Session session = connection.createSession();
        Queue queue = session.createQueue("orders");
        MessageConsumer first = session.createConsumer(queue);
        try (Connection other = server.factory("prefetch=10").createConnection()) {
            other.start();
            MessageConsumer second = other.createSession().createConsumer(queue);
            send(session, queue, 1, 100);

            Set<Integer> all = new TreeSet<>();
            int received = 0;
            long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
            while (received < 100) {
                assertThat(System.nanoTime()).as("received %s", all).isLessThan(end);
                for (MessageConsumer consumer : List.of(first, second)) {
                    Message message = consumer.receiveNoWait();
                    if (message != null) {
                        all.add(Integer.valueOf(text(message)));
                        received++;
                    }
                }
            }

            assertThat(all).hasSize(100);
            assertThat(first.receiveNoWait()).isNull();
            assertThat(second.receiveNoWait()).isNull();
        }
    }

    @Test
    void redeliversInOrderAfterRecover() throws JMSException {
        Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        Queue queue = session.createQueue("orders");
        MessageConsumer consumer = session.createConsumer(queue);
        send(session, queue, 1, 5);
        receive(consumer, 3);

        session.recover();

        for (int i = 1; i <= 5; i++) {
            Message message = one(consumer);
            assertThat(text(message)).isEqualTo(String.valueOf(i));
            assertThat(message.getJMSRedelivered()).isEqualTo(i <= 3);
            assertThat(message.getIntProperty("JMSXDeliveryCount")).isEqualTo(i <= 3 ? 2 : 1);
        }
    }

    @Test
    void acknowledgesEverythingTheSessionWasHanded() throws JMSException {
        Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        Queue queue = session.createQueue("orders");
        MessageConsumer consumer = session.createConsumer(queue);
        send(session, queue, 1, 5);
        receive(consumer, 2);
        one(consumer).acknowledge();
        receive(consumer, 1);

        session.close();

        Session next = connection.createSession();
        assertThat(receive(next.createConsumer(queue), 2)).isEqualTo(numbers(4, 5));
    }

    @Test
    void returnsUnseenMessagesUncountedWhenAConsumerCloses() throws JMSException {
        Session session = connection.createSession();
        Queue queue = session.createQueue("orders");
        send(session, queue, 1, 5);
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            assertThat(text(one(consumer))).isEqualTo("1");
        }

        MessageConsumer next = session.createConsumer(queue);

        for (int i = 2; i <= 5; i++) {
            Message message = requireNonNull(next.receiveNoWait());
            assertThat(text(message)).isEqualTo(String.valueOf(i));
            assertThat(message.getJMSRedelivered()).isFalse();
        }
    }

    @Test
    void keepsWhatAClosedConsumerWasHandedForItsSession() throws JMSException {
        Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        Queue queue = session.createQueue("orders");
        send(session, queue, 1, 3);
        MessageConsumer consumer = session.createConsumer(queue);
        Message first = one(consumer);
        consumer.close();
        MessageConsumer next = session.createConsumer(queue);
        assertThat(text(next.receive(5_000))).isEqualTo("2");

        first.acknowledge();
        session.close();

        assertThat(receive(connection.createSession().createConsumer(queue), 1)).isEqualTo(numbers(3, 3));
    }

    @Test
    void returnsWhatALostConnectionHad() throws JMSException {
        Queue queue;
        try (Connection lost = server.factory().createConnection()) {
            lost.start();
            Session session = lost.createSession(Session.CLIENT_ACKNOWLEDGE);
            queue = session.createQueue("orders");
            send(session, queue, 1, 3);
            assertThat(receive(session.createConsumer(queue), 2)).isEqualTo(numbers(1, 2));
        }

        MessageConsumer consumer = connection.createSession().createConsumer(queue);

        Message first = one(consumer);
        assertThat(text(first)).isEqualTo("1");
        assertThat(first.getJMSRedelivered()).isTrue();
        assertThat(receive(consumer, 2)).isEqualTo(numbers(2, 3));
    }

    @Test
    void deliversNothingBeforeTheConnectionStarts() throws JMSException {
        try (Connection stopped = server.factory().createConnection()) {
            Session session = stopped.createSession();
            Queue queue = session.createQueue("orders");
            MessageConsumer consumer = session.createConsumer(queue);
            send(session, queue, 1, 1);

            assertThat(consumer.receive(50)).isNull();
            stopped.start();
            assertThat(text(one(consumer))).isEqualTo("1");
        }
    }

    @Test
    void fetchesOnRequestOnlyWithoutPrefetch() throws JMSException {
        try (Connection pulling = server.factory("prefetch=0").createConnection()) {
            pulling.start();
            Session session = pulling.createSession();
            Queue queue = session.createQueue("orders");
            MessageConsumer first = session.createConsumer(queue);
            MessageConsumer second = session.createConsumer(queue);
            send(session, queue, 1, 4);

            assertThat(text(first.receiveNoWait())).isEqualTo("1");
            assertThat(text(second.receive(5_000))).isEqualTo("2");
            assertThat(text(first.receive(5_000))).isEqualTo("3");
            assertThat(text(second.receiveNoWait())).isEqualTo("4");
            assertThat(first.receive(20)).isNull();
            send(session, queue, 5, 5);
            assertThat(text(second.receive(5_000))).isEqualTo("5");
        }
    }

    @Test
    void survivesARestartOfTheBroker() throws JMSException, IOException {
        Session session = connection.createSession();
        Queue queue = session.createQueue("orders");
        send(session, queue, 1, 3);
        assertThat(receive(session.createConsumer(queue), 1)).isEqualTo(numbers(1, 1));
        restart();

        assertThat(receive(connection.createSession().createConsumer(queue), 2)).isEqualTo(numbers(2, 3));
    }

    @Test
    void doesNotDeliverWhatHasExpired() throws JMSException {
        Session session = connection.createSession();
        Queue queue = session.createQueue("orders");
        MessageProducer producer = session.createProducer(queue);
        producer.send(session.createTextMessage("short"), DeliveryMode.PERSISTENT, 4, 1);
        producer.send(session.createTextMessage("long"), DeliveryMode.PERSISTENT, 4, 60_000);

        assertThat(text(session.createConsumer(queue).receive(5_000))).isEqualTo("long");
    }

    @ParameterizedTest
    @ValueSource(ints = {Session.AUTO_ACKNOWLEDGE, Session.DUPS_OK_ACKNOWLEDGE})
    void automaticModesAcknowledgeWhatWasReceived(int mode) throws JMSException, IOException {
        Session session = connection.createSession(mode);
        Queue queue = session.createQueue("orders");
        send(session, queue, 1, 200);
        receive(session.createConsumer(queue), 150);

        restart();

        MessageConsumer consumer = connection.createSession().createConsumer(queue);
        Message next = one(consumer);
        assertThat(text(next)).isEqualTo("151");
        assertThat(next.getJMSRedelivered()).isFalse();
    }
}
