/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.jms.TransactionRolledBackException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TransactionTest extends JmsTest {

    @Test
    void nothingIsSentOrConsumedBeforeTheCommit() throws JMSException {
        Session session = connection.createSession(Session.SESSION_TRANSACTED);
        Queue in = session.createQueue("in");
        Queue out = session.createQueue("out");
        Topic topic = session.createTopic("events");
        Session outside = connection.createSession();
        MessageConsumer outConsumer = outside.createConsumer(out);
        MessageConsumer topicConsumer = outside.createConsumer(topic);
        send(outside, in, 1, 1);
        MessageConsumer inConsumer = session.createConsumer(in);
        assertThat(receive(inConsumer, 1)).isEqualTo(numbers(1, 1));
        send(session, out, 2, 2);
        send(session, topic, 3, 3);
        assertThat(outConsumer.receiveNoWait()).isNull();
        assertThat(topicConsumer.receiveNoWait()).isNull();

        session.commit();

        assertThat(receive(outConsumer, 1)).isEqualTo(numbers(2, 2));
        assertThat(receive(topicConsumer, 1)).isEqualTo(numbers(3, 3));
        session.close();
        assertThat(outside.createConsumer(in).receiveNoWait()).isNull();
    }

    @Test
    void aRollbackForgetsWhatWasSentAndReturnsWhatWasReceived() throws JMSException {
        Session session = connection.createSession(Session.SESSION_TRANSACTED);
        Queue in = session.createQueue("in");
        Queue out = session.createQueue("out");
        Session outside = connection.createSession();
        send(outside, in, 1, 4);
        MessageConsumer consumer = session.createConsumer(in);
        receive(consumer, 2);
        send(session, out, 9, 9);

        session.rollback();

        for (int i = 1; i <= 4; i++) {
            Message message = one(consumer);
            assertThat(text(message)).isEqualTo(String.valueOf(i));
            assertThat(message.getIntProperty("JMSXDeliveryCount")).isEqualTo(i <= 2 ? 2 : 1);
        }
        session.commit();
        assertThat(outside.createConsumer(out).receiveNoWait()).isNull();
        assertThat(outside.createConsumer(in).receiveNoWait()).isNull();
    }

    @Test
    void countsEachRollback() throws JMSException {
        Session session = connection.createSession(Session.SESSION_TRANSACTED);
        Queue queue = session.createQueue("in");
        send(connection.createSession(), queue, 1, 1);
        MessageConsumer consumer = session.createConsumer(queue);

        for (int count = 1; count <= 5; count++) {
            assertThat(one(consumer).getIntProperty("JMSXDeliveryCount")).isEqualTo(count);
            session.rollback();
        }
    }

    @Test
    void aCommitSurvivesARestartAndAnOpenTransactionDoesNot() throws JMSException, IOException {
        Session session = connection.createSession(Session.SESSION_TRANSACTED);
        Queue in = session.createQueue("in");
        Queue out = session.createQueue("out");
        send(connection.createSession(), in, 1, 2);
        MessageConsumer consumer = session.createConsumer(in);
        receive(consumer, 1);
        send(session, out, 1, 1);
        session.commit();
        receive(consumer, 1);
        send(session, out, 2, 2);

        restart();

        Session next = connection.createSession();
        MessageConsumer outConsumer = next.createConsumer(out);
        assertThat(receive(outConsumer, 1)).isEqualTo(numbers(1, 1));
        assertThat(outConsumer.receiveNoWait()).isNull();
        assertThat(receive(next.createConsumer(in), 1)).isEqualTo(numbers(2, 2));
    }

    @Test
    void closingASessionRollsBack() throws JMSException {
        Queue queue;
        try (Connection other = server.factory().createConnection()) {
            other.start();
            Session session = other.createSession(Session.SESSION_TRANSACTED);
            queue = session.createQueue("in");
            send(connection.createSession(), queue, 1, 2);
            receive(session.createConsumer(queue), 1);
            session.close();

            MessageConsumer consumer = other.createSession().createConsumer(queue);
            assertThat(one(consumer).getJMSRedelivered()).isTrue();
            assertThat(receive(consumer, 1)).isEqualTo(numbers(2, 2));
        }
    }

    @Test
    void aMessageReceivedFromADurableSubscriptionIsPartOfTheTransaction() throws JMSException {
        try (Connection client = server.factory("clientId=c").createConnection()) {
            client.start();
            Session session = client.createSession(Session.SESSION_TRANSACTED);
            Topic topic = session.createTopic("events");
            MessageConsumer consumer = session.createDurableConsumer(topic, "s");
            send(connection.createSession(), topic, 1, 2);
            assertThat(receive(consumer, 1)).isEqualTo(numbers(1, 1));
            session.rollback();
            assertThat(receive(consumer, 1)).isEqualTo(numbers(1, 1));
            session.commit();
            consumer.close();

            assertThat(receive(session.createDurableConsumer(topic, "s"), 1)).isEqualTo(numbers(2, 2));
        }
    }

    @Test
    void aRefusedCommitChangesNothing() throws JMSException {
        Session session = connection.createSession(Session.SESSION_TRANSACTED);
        Queue in = session.createQueue("in");
        send(connection.createSession(), in, 1, 1);
        MessageConsumer consumer = session.createConsumer(in);
        receive(consumer, 1);
        send(session, session.createQueue("out"), 1, 1);
        send(session, session.createTopic("in"), 2, 2);

        assertThatThrownBy(session::commit)
                .isInstanceOf(TransactionRolledBackException.class)
                .hasMessageContaining("in");

        assertThat(receive(consumer, 1)).isEqualTo(numbers(1, 1));
        session.commit();
        assertThat(session.createConsumer(session.createQueue("out")).receiveNoWait())
                .isNull();
    }

    private static void sendLarge(Session session, Queue queue, int from, int to, int size) throws JMSException {
        try (MessageProducer producer = session.createProducer(queue)) {
            for (int i = from; i <= to; i++) {
                BytesMessage message = session.createBytesMessage();
                message.writeInt(i);
                message.writeBytes(new byte[size - 4]);
                producer.send(message);
            }
        }
    }

    private static List<Integer> receiveLarge(MessageConsumer consumer, int count, int size) throws JMSException {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            BytesMessage message = (BytesMessage) one(consumer);
            assertThat(message.getBodyLength()).isEqualTo(size);
            numbers.add(message.readInt());
        }
        return numbers;
    }

    @Test
    void moreThanAFrameTakesIsOneTransactionToo() throws JMSException, IOException {
        Session session = connection.createSession(Session.SESSION_TRANSACTED);
        Queue queue = session.createQueue("large");
        int size = 1 << 20;
        sendLarge(session, queue, 1, 9, size);
        session.rollback();
        sendLarge(session, queue, 11, 19, size);
        Session outside = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = outside.createConsumer(queue);
        assertThat(consumer.receiveNoWait()).isNull();

        session.commit();

        List<Integer> committed = List.of(11, 12, 13, 14, 15, 16, 17, 18, 19);
        assertThat(receiveLarge(consumer, 9, size)).isEqualTo(committed);
        restart();
        Session again = connection.createSession(Session.SESSION_TRANSACTED);
        MessageConsumer second = again.createConsumer(queue);
        assertThat(receiveLarge(second, 9, size)).isEqualTo(committed);
        again.commit();
        assertThat(second.receiveNoWait()).isNull();
    }

    @Test
    void aTransactionOfMoreThanTheLimitIsRolledBackAndSaysWhy() throws JMSException {
        Session session = connection.createSession(Session.SESSION_TRANSACTED);
        Queue in = session.createQueue("in");
        Queue out = session.createQueue("out");
        send(connection.createSession(), in, 1, 1);
        MessageConsumer consumer = session.createConsumer(in);
        receive(consumer, 1);
        sendLarge(session, out, 1, 33, 2 << 20);

        assertThatThrownBy(session::commit)
                .isInstanceOf(TransactionRolledBackException.class)
                .hasMessageContaining(String.valueOf(64 << 20));

        assertThat(one(consumer).getIntProperty("JMSXDeliveryCount")).isEqualTo(2);
        sendLarge(session, out, 1, 1, 1_000);
        session.commit();
        assertThat(receiveLarge(connection.createSession().createConsumer(out), 1, 1_000))
                .containsExactly(1);
    }

    @Test
    void callsOfTheOtherModeAreRefused() throws JMSException {
        Session transacted = connection.createSession(Session.SESSION_TRANSACTED);
        Session acknowledged = connection.createSession();

        assertThatThrownBy(transacted::recover).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(acknowledged::commit).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(acknowledged::rollback).isInstanceOf(IllegalStateException.class);
    }
}
