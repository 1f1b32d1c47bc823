/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Temporary queues and topics. */
class TemporaryTest extends JmsTest {
    private Session session;

    @BeforeEach
    void open() throws JMSException {
        session = connection.createSession();
    }

    @Test
    void aRequestIsAnsweredToTheQueueItNames() throws JMSException {
        TemporaryQueue answers = session.createTemporaryQueue();
        MessageConsumer consumer = session.createConsumer(answers);
        Queue requests = session.createQueue("requests");
        Message request = session.createTextMessage("how much?");
        request.setJMSReplyTo(answers);
        session.createProducer(requests).send(request);
        try (Connection service = server.factory().createConnection()) {
            service.start();
            Session serving = service.createSession();
            Message got = one(serving.createConsumer(requests));
            assertThat(got.getJMSReplyTo()).isEqualTo(answers).isInstanceOf(TemporaryQueue.class);
            serving.createProducer(got.getJMSReplyTo()).send(serving.createTextMessage("5"));
            assertThatThrownBy(() -> serving.createConsumer(got.getJMSReplyTo()))
                    .isInstanceOf(InvalidDestinationException.class);
            assertThatThrownBy(() -> serving.createConsumer(answers)).isInstanceOf(InvalidDestinationException.class);
        }
        Message answer = one(consumer);
        assertThat(text(answer)).isEqualTo("5");
        assertThat(answer.getJMSDestination()).isEqualTo(answers);
        assertThat(server.broker().temporaries().bytes()).isZero();
        assertThat(server.broker().topics().all())
                .noneMatch(topic -> topic.name().contains("temporary"));
    }

    @Test
    void messagesComeBackInOrderAndWithTheirCount() throws JMSException {
        Session transacted = connection.createSession(Session.SESSION_TRANSACTED);
        TemporaryQueue queue = transacted.createTemporaryQueue();
        send(transacted, queue, 1, 3);
        MessageConsumer consumer = transacted.createConsumer(queue);
        assertThat(consumer.receiveNoWait()).isNull();
        transacted.commit();
        assertThat(receive(consumer, 2)).containsExactly("1", "2");
        transacted.rollback();
        Message again = one(consumer);
        assertThat(text(again)).isEqualTo("1");
        assertThat(again.getJMSRedelivered()).isTrue();
        assertThat(again.getIntProperty("JMSXDeliveryCount")).isEqualTo(2);
        assertThat(receive(consumer, 2)).containsExactly("2", "3");
        transacted.commit();
        assertThat(server.broker().temporaries().bytes()).isZero();
    }

    @Test
    void aQueueIsBrowsedAsItWasWhenBrowsingBegan() throws JMSException {
        TemporaryQueue queue = session.createTemporaryQueue();
        send(session, queue, 1, 3);
        Session other = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        Message taken = one(other.createConsumer(queue));
        QueueBrowser browser = session.createBrowser(queue);

        Enumeration<?> all = browser.getEnumeration();
        send(session, queue, 4, 4);

        assertThat(texts(all)).containsExactly("1", "2", "3");
        taken.acknowledge();
        Message special = session.createTextMessage("5");
        special.setJMSType("special");
        session.createProducer(queue).send(special);

        assertThat(texts(browser.getEnumeration())).containsExactly("2", "3", "4", "5");
        assertThat(texts(session.createBrowser(queue, "JMSType = 'special'").getEnumeration()))
                .containsExactly("5");
        try (Connection stranger = server.factory().createConnection()) {
            Session theirs = stranger.createSession();
            assertThatThrownBy(() -> theirs.createBrowser(queue)).isInstanceOf(InvalidDestinationException.class);
        }
    }

    private static List<String> texts(Enumeration<?> messages) throws JMSException {
        List<String> texts = new ArrayList<>();
        while (messages.hasMoreElements()) {
            texts.add(text((Message) messages.nextElement()));
        }
        return texts;
    }

    @Test
    void higherPrioritiesComeFirst() throws JMSException {
        TemporaryQueue queue = session.createTemporaryQueue();
        MessageProducer producer = session.createProducer(queue);
        for (int priority : new int[] {4, 9, 0, 9, 4}) {
            producer.setPriority(priority);
            producer.send(session.createTextMessage(Integer.toString(priority)));
        }

        assertThat(receive(session.createConsumer(queue), 5)).containsExactly("9", "9", "4", "4", "0");
    }

    @Test
    void aTopicGoesToAllItsConsumers() throws JMSException {
        TemporaryTopic topic = session.createTemporaryTopic();
        send(session, topic, 0, 0);
        MessageConsumer one = session.createConsumer(topic);
        MessageConsumer two = session.createConsumer(topic, "JMSType IS NULL");
        MessageConsumer none = session.createConsumer(topic, null, true);
        send(session, topic, 1, 2);
        assertThat(receive(one, 2)).containsExactly("1", "2");
        assertThat(receive(two, 2)).containsExactly("1", "2");
        assertThat(none.receiveNoWait()).isNull();
    }

    @Test
    void isDeletedOnceNobodyConsumes() throws JMSException {
        TemporaryQueue queue = session.createTemporaryQueue();
        MessageConsumer consumer = session.createConsumer(queue);
        assertThatThrownBy(queue::delete).isInstanceOf(JMSException.class);
        consumer.close();
        queue.delete();
        assertThatThrownBy(() -> send(session, queue, 1, 1)).isInstanceOf(InvalidDestinationException.class);
    }

    @Test
    void endsWithItsConnection() throws JMSException {
        TemporaryQueue queue = session.createTemporaryQueue();
        send(session, queue, 1, 5);
        connection.close();
        connection = server.factory().createConnection();
        session = connection.createSession();
        assertThatThrownBy(() -> send(session, queue, 1, 1)).isInstanceOf(InvalidDestinationException.class);
        assertThat(server.broker().temporaries().bytes()).isZero();
    }

    @Test
    void durableSubscriptionsOfATemporaryTopicAreRefused() throws JMSException {
        TemporaryTopic topic = session.createTemporaryTopic();
        assertThatThrownBy(() -> session.createSharedDurableConsumer(topic, "s"))
                .isInstanceOf(InvalidDestinationException.class);
    }

    @Test
    void theMemoryOfAllIsBounded() throws JMSException {
        TemporaryQueue queue = session.createTemporaryQueue();
        byte[] megabyte = new byte[1 << 20];
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 100; i++) {
                        var message = session.createBytesMessage();
                        message.writeBytes(megabyte);
                        session.createProducer(queue).send(message);
                    }
                })
                .isInstanceOf(jakarta.jms.ResourceAllocationException.class);
    }
}
