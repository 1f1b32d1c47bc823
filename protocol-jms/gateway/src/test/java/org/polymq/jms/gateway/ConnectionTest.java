/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueSession;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicSession;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.polymq.jms.PolyMQConnectionFactory;

class ConnectionTest extends JmsTest {

    @Test
    void aClientIdIsHadOnceAndFreeAfterTheClose() throws JMSException {
        Connection first = server.factory().createConnection();
        first.setClientID("c");
        try (Connection second = server.factory().createConnection()) {
            assertThatThrownBy(() -> second.setClientID("c")).isInstanceOf(InvalidClientIDException.class);
            first.close();
            second.setClientID("c");
            assertThat(second.getClientID()).isEqualTo("c");
        }
        assertThatThrownBy(() -> server.factory("clientId=").createConnection())
                .isInstanceOf(InvalidClientIDException.class);
    }

    @Test
    void aClientIdIsSetBeforeAnythingElseAndOnce() throws JMSException {
        try (Connection used = server.factory().createConnection();
                Connection preset = server.factory("clientId=p").createConnection()) {
            used.createSession();
            assertThatThrownBy(() -> used.setClientID("c")).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> preset.setClientID("c")).isInstanceOf(IllegalStateException.class);
            assertThat(preset.getClientID()).isEqualTo("p");
        }
    }

    @Test
    void aBrokerThatIsNotThereIsNamed() {
        server.close();

        assertThatThrownBy(() -> server.factory().createConnection())
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("127.0.0.1:" + server.port());
    }

    @Test
    void theFirstBrokerThatAnswersIsUsed() throws JMSException {
        try (PolyMQConnectionFactory factory =
                        new PolyMQConnectionFactory("polymq://127.0.0.1:1,127.0.0.1:" + server.port());
                Connection connected = factory.createConnection()) {
            assertThat(connected.getMetaData().getJMSVersion()).isEqualTo("3.1");
        }
    }

    @Test
    void closedObjectsRefuseToWork() throws JMSException {
        Session session = connection.createSession();
        Queue queue = session.createQueue("orders");
        MessageProducer producer = session.createProducer(queue);
        MessageConsumer consumer = session.createConsumer(queue);

        consumer.close();
        consumer.close();
        assertThatThrownBy(consumer::receive).isInstanceOf(IllegalStateException.class);
        producer.close();
        assertThatThrownBy(() -> producer.send(session.createMessage())).isInstanceOf(IllegalStateException.class);
        session.close();
        session.close();
        assertThatThrownBy(session::createMessage).isInstanceOf(IllegalStateException.class);
        connection.close();
        connection.close();
        assertThatThrownBy(connection::createSession).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(connection::getMetaData).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void sessionsOfOneDomainRefuseCallsOfTheOther() throws JMSException {
        PolyMQConnectionFactory factory = server.factory();
        try (QueueConnection queues = factory.createQueueConnection();
                TopicConnection topics = factory.createTopicConnection()) {
            QueueSession queueSession = queues.createQueueSession(false, Session.AUTO_ACKNOWLEDGE);
            TopicSession topicSession = topics.createTopicSession(false, Session.AUTO_ACKNOWLEDGE);

            assertThatThrownBy(() -> queueSession.createTopic("t")).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> queueSession.unsubscribe("s")).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> topicSession.createQueue("q")).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(topicSession::createTemporaryQueue).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aMessageComesAfterItsDeliveryDelayAndNotBefore() throws JMSException {
        Session session = connection.createSession();
        Queue queue = session.createQueue("later");
        MessageProducer producer = session.createProducer(queue);
        MessageConsumer consumer = session.createConsumer(queue);
        connection.start();
        TextMessage delayed = session.createTextMessage("delayed");

        producer.setDeliveryDelay(700);
        producer.send(delayed);
        producer.setDeliveryDelay(0);
        producer.send(session.createTextMessage("at once"));

        assertThat(delayed.getJMSDeliveryTime()).isEqualTo(delayed.getJMSTimestamp() + 700);
        assertThat(consumer.receive(5_000).getBody(String.class)).isEqualTo("at once");
        Message received = consumer.receive(5_000);
        assertThat(received.getBody(String.class)).isEqualTo("delayed");
        assertThat(System.currentTimeMillis()).isGreaterThanOrEqualTo(delayed.getJMSDeliveryTime());
        assertThat(received.getJMSDeliveryTime()).isEqualTo(delayed.getJMSDeliveryTime());
    }

    @Test
    void aDelayInATransactionCountsFromTheSend() throws JMSException {
        Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
        Queue queue = session.createQueue("later");
        MessageProducer producer = session.createProducer(queue);
        producer.setDeliveryDelay(100);
        TextMessage message = session.createTextMessage("delayed");
        producer.send(message);
        await().until(() -> System.currentTimeMillis() >= message.getJMSDeliveryTime());
        MessageConsumer consumer = session.createConsumer(queue);
        connection.start();

        session.commit();

        assertThat(consumer.receive(5_000).getBody(String.class)).isEqualTo("delayed");
        session.commit();
    }

    @Test
    void destinationsAreChecked() throws JMSException {
        Session session = connection.createSession();
        MessageProducer producer = session.createProducer(null);
        send(session, session.createQueue("orders"), 1, 1);

        assertThatThrownBy(() -> session.createConsumer(null)).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> producer.send(null, session.createMessage()))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> producer.send(session.createMessage()))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> producer.send(session.createQueue("a/b"), session.createMessage()))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> producer.send(session.createTopic("a.*"), session.createMessage()))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createConsumer(session.createTopic("orders")))
                .as("a queue's name as a topic")
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> producer.send(session.createQueue("orders"), null))
                .isInstanceOf(MessageFormatException.class);
    }

    @Test
    void aMessageOverTheLimitIsRefusedAndTheConnectionGoesOn() throws JMSException {
        Session session = connection.createSession();
        Queue queue = session.createQueue("orders");
        MessageProducer producer = session.createProducer(queue);

        assertThatThrownBy(() -> producer.send(session.createTextMessage("x".repeat(5 << 20))))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("limit");
        assertThatThrownBy(() -> producer.send(session.createTextMessage("x".repeat(20 << 20))))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("limit");

        send(session, queue, 1, 1);
        assertThat(receive(session.createConsumer(queue), 1)).isEqualTo(numbers(1, 1));
    }

    @Test
    void badInputClosesItsConnectionOnly() throws IOException, JMSException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream()
                    .write("PMQJ\u0002\u0000\u0000\u0000\u0009garbage!!".getBytes(StandardCharsets.ISO_8859_1));

            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
        await().untilAsserted(() -> assertThat(server.counted("polymq.bad.input", "protocol", "jms"))
                .isEqualTo(1));
        send(connection.createSession(), connection.createSession().createQueue("q"), 1, 1);
    }

    @Test
    void anotherVersionIsRefusedWithWords() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write("PMQJ\u0009".getBytes(StandardCharsets.ISO_8859_1));

            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
                    .contains("version 2");
        }
    }
}
