/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class TopicTest extends JmsTest {

    private Connection client(String clientId) throws JMSException {
        Connection client = server.factory("clientId=" + clientId).createConnection();
        client.start();
        return client;
    }

    @Test
    void givesEachMessageToEverySubscriberThatIsThere() throws JMSException {
        Session session = connection.createSession();
        Topic topic = session.createTopic("news");
        send(session, topic, 0, 0);
        MessageConsumer first = session.createConsumer(topic);
        try (Connection other = server.factory().createConnection()) {
            other.start();
            MessageConsumer second = other.createSession().createConsumer(topic);

            send(session, topic, 1, 1_000);

            assertThat(receive(first, 1_000)).isEqualTo(numbers(1, 1_000));
            assertThat(receive(second, 1_000)).isEqualTo(numbers(1, 1_000));
        }
    }

    @Test
    void wildcardsStandForLevels() throws JMSException {
        Session session = connection.createSession();
        MessageConsumer one = session.createConsumer(session.createTopic("plant.*.state"));
        MessageConsumer all = session.createConsumer(session.createTopic("plant.>"));

        send(session, session.createTopic("plant.3.state"), 1, 1);
        send(session, session.createTopic("plant.3.motor.state"), 2, 2);

        Message message = one(one);
        assertThat(text(message)).isEqualTo("1");
        assertThat(message.getJMSDestination()).isEqualTo(session.createTopic("plant.3.state"));
        assertThat(one.receiveNoWait()).isNull();
        assertThat(receive(all, 2)).containsExactlyInAnyOrderElementsOf(numbers(1, 2)); // of two topics
    }

    @Test
    void recoverDeliversATopicsMessagesAgainInOrder() throws JMSException {
        Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        Topic topic = session.createTopic("news");
        MessageConsumer consumer = session.createConsumer(topic);
        send(session, topic, 1, 5);
        receive(consumer, 3);

        session.recover();

        for (int i = 1; i <= 5; i++) {
            Message message = one(consumer);
            assertThat(text(message)).isEqualTo(String.valueOf(i));
            assertThat(message.getJMSRedelivered()).isEqualTo(i <= 3);
        }
    }

    @Test
    void aDurableSubscriptionKeepsWhatItsConsumerMissed() throws JMSException {
        Topic topic = connection.createSession().createTopic("news");
        try (Connection client = client("c")) {
            client.createSession().createDurableConsumer(topic, "s").close();
        }
        send(connection.createSession(), topic, 1, 3);

        try (Connection client = client("c")) {
            MessageConsumer consumer = client.createSession().createDurableConsumer(topic, "s");
            assertThat(receive(consumer, 2)).isEqualTo(numbers(1, 2));
        }
        try (Connection client = client("c")) {
            MessageConsumer consumer = client.createSession().createDurableSubscriber(topic, "s");
            assertThat(receive(consumer, 1)).isEqualTo(numbers(3, 3));
            assertThat(consumer.receiveNoWait()).isNull();
        }
    }

    @Test
    void aDurableSubscriptionSurvivesARestartOfTheBroker() throws JMSException, IOException {
        Topic topic = connection.createSession().createTopic("plant.*.state");
        try (Connection client = client("c")) {
            client.createSession().createDurableConsumer(topic, "s").close();
        }
        Session session = connection.createSession();
        send(session, session.createTopic("plant.1.state"), 1, 2);
        send(session, session.createTopic("plant.2.state"), 3, 4);

        restart();

        try (Connection client = client("c")) {
            MessageConsumer consumer = client.createSession().createDurableConsumer(topic, "s");
            assertThat(receive(consumer, 4)) // two topics keep their order each
                    .containsSubsequence(numbers(1, 2))
                    .containsSubsequence(numbers(3, 4));
        }
    }

    @Test
    void anotherTopicMakesAnotherSubscription() throws JMSException {
        Session session = connection.createSession();
        Topic first = session.createTopic("first");
        Topic second = session.createTopic("second");
        try (Connection client = client("c")) {
            Session own = client.createSession();
            own.createDurableConsumer(first, "s").close();
            send(session, first, 1, 1);
            own.createDurableConsumer(second, "s").close();
            send(session, second, 2, 2);

            assertThat(receive(own.createDurableConsumer(second, "s"), 1)).isEqualTo(numbers(2, 2));
        }
    }

    @Test
    void unsubscribingRemovesTheSubscription() throws JMSException {
        Session session = connection.createSession();
        Topic topic = session.createTopic("news");
        try (Connection client = client("c")) {
            Session own = client.createSession();
            MessageConsumer consumer = own.createDurableConsumer(topic, "s");
            assertThatThrownBy(() -> own.unsubscribe("s")).isInstanceOf(JMSException.class);
            consumer.close();
            own.unsubscribe("s");
            send(session, topic, 1, 1);

            assertThat(own.createDurableConsumer(topic, "s").receiveNoWait()).isNull();
            assertThatThrownBy(() -> own.unsubscribe("unknown")).isInstanceOf(InvalidDestinationException.class);
        }
    }

    @Test
    void aDurableSubscriptionHasOneConsumerAtATime() throws JMSException {
        try (Connection client = client("c")) {
            Session session = client.createSession();
            Topic topic = session.createTopic("news");
            MessageConsumer consumer = session.createDurableConsumer(topic, "s");

            assertThatThrownBy(() -> session.createDurableConsumer(topic, "s")).isInstanceOf(JMSException.class);
            consumer.close();
            session.createDurableConsumer(topic, "s").close();
        }
    }

    @Test
    void noLocalLeavesOutWhatTheConnectionSent() throws JMSException {
        try (Connection client = client("c")) {
            Session session = client.createSession();
            Topic topic = session.createTopic("news");
            MessageConsumer transientOne = session.createConsumer(topic, null, true);
            MessageConsumer durable = session.createDurableConsumer(topic, "s", null, true);

            send(session, topic, 1, 1);
            send(connection.createSession(), topic, 2, 2);

            assertThat(receive(transientOne, 1)).isEqualTo(numbers(2, 2));
            assertThat(receive(durable, 1)).isEqualTo(numbers(2, 2));
        }
    }

    @Test
    void noLocalHoldsForTheClientIdAndIsPartOfADurableSubscription() throws JMSException {
        try (Connection client = client("c")) {
            Session session = client.createSession();
            Topic topic = session.createTopic("news");
            session.createDurableConsumer(topic, "s", null, true).close();
            send(session, topic, 1, 1);
        }
        try (Connection again = client("c")) {
            Session session = again.createSession();
            Topic topic = session.createTopic("news");
            MessageConsumer consumer = session.createDurableConsumer(topic, "s", null, true);
            send(session, topic, 2, 2);
            send(connection.createSession(), topic, 3, 3);
            assertThat(receive(consumer, 1)).isEqualTo(numbers(3, 3));
            assertThat(consumer.receiveNoWait()).isNull();
            send(connection.createSession(), topic, 4, 4);
            consumer.close();

            MessageConsumer other = session.createDurableConsumer(topic, "s", null, false);
            assertThat(other.receiveNoWait())
                    .as("another subscription of the same name")
                    .isNull();
            send(session, topic, 5, 5);
            assertThat(receive(other, 1)).isEqualTo(numbers(5, 5));
        }
    }

    @Test
    void noLocalMeansNothingForAQueue() throws JMSException {
        Session session = connection.createSession();
        Queue queue = session.createQueue("orders");
        MessageConsumer consumer = session.createConsumer(queue, null, true);

        send(session, queue, 1, 1);

        assertThat(receive(consumer, 1)).isEqualTo(numbers(1, 1));
    }

    @Test
    void aDurableSubscriptionNeedsAClientId() throws JMSException {
        Session session = connection.createSession();

        assertThatThrownBy(() -> session.createDurableConsumer(session.createTopic("news"), "s"))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aTopicsConsumerGetsLargeMessagesInASmallWindow() throws JMSException {
        try (Connection small = server.factory("prefetchBytes=1000").createConnection()) {
            small.start();
            Session session = small.createSession();
            Topic topic = session.createTopic("news");
            MessageConsumer consumer = session.createConsumer(topic);
            Session sender = connection.createSession();
            for (int i = 0; i < 100; i++) {
                sender.createProducer(topic).send(sender.createTextMessage(i + "x".repeat(10_000)));
            }

            for (int i = 0; i < 100; i++) {
                assertThat(text(one(consumer))).startsWith(i + "x");
            }
        }
    }
}
