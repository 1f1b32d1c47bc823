/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Shared subscriptions, durable and not. */
class SharedTest extends JmsTest {
    private Session session;
    private Topic topic;

    @BeforeEach
    void open() throws JMSException {
        session = connection.createSession();
        topic = session.createTopic("news");
    }

    private static List<String> drain(MessageConsumer... consumers) throws JMSException {
        List<String> all = new ArrayList<>();
        for (MessageConsumer consumer : consumers) {
            for (var message = consumer.receiveNoWait(); message != null; message = consumer.receiveNoWait()) {
                all.add(text(message));
            }
        }
        return all;
    }

    @Test
    void consumersShareTheWorkAcrossConnections() throws JMSException {
        MessageConsumer one = session.createSharedConsumer(topic, "s");
        try (Connection other = server.factory("prefetch=1").createConnection()) {
            other.start();
            MessageConsumer two = other.createSession().createSharedConsumer(topic, "s");
            MessageConsumer apart = session.createSharedConsumer(topic, "t");
            send(session, topic, 1, 20);
            assertThat(drain(one, two)).containsExactlyInAnyOrderElementsOf(numbers(1, 20));
            assertThat(drain(apart)).isEqualTo(numbers(1, 20));
        }
    }

    @Test
    void endsWithItsLastConsumer() throws JMSException {
        MessageConsumer one = session.createSharedConsumer(topic, "s");
        MessageConsumer two = session.createSharedConsumer(topic, "s");
        one.close();
        send(session, topic, 1, 2);
        assertThat(drain(two)).isEqualTo(numbers(1, 2));
        two.close();
        send(session, topic, 3, 3);
        Topic elsewhere = session.createTopic("elsewhere");
        MessageConsumer three = session.createSharedConsumer(elsewhere, "s", "x IS NULL");
        send(session, elsewhere, 4, 4);
        assertThat(drain(three)).containsExactly("4");
    }

    @Test
    void isGoneAfterARestart() throws JMSException, IOException {
        session.createSharedConsumer(topic, "s");
        server.close();
        start();
        session = connection.createSession();
        assertThat(server.broker().subscriptions().all()).isEmpty();
    }

    @Test
    void durableOnesKeepWhatComesWhileNobodyIsThere() throws JMSException, IOException {
        session.createSharedDurableConsumer(topic, "s").close();
        send(session, topic, 1, 3);
        restart();
        session = connection.createSession();
        MessageConsumer one = session.createSharedDurableConsumer(topic, "s");
        MessageConsumer two = session.createSharedDurableConsumer(topic, "s");
        assertThat(drain(one, two)).containsExactlyInAnyOrderElementsOf(numbers(1, 3));
        assertThatThrownBy(() -> session.unsubscribe("s")).isInstanceOf(JMSException.class);
        one.close();
        two.close();
        session.unsubscribe("s");
        assertThatThrownBy(() -> session.unsubscribe("s")).isInstanceOf(InvalidDestinationException.class);
    }

    @Test
    void aNameIsOfOneTopicAndSelectorWhileItIsUsed() throws JMSException {
        MessageConsumer shared = session.createSharedConsumer(topic, "s");
        MessageConsumer durable = session.createSharedDurableConsumer(topic, "s");
        Topic other = session.createTopic("other");
        assertThatThrownBy(() -> session.createSharedConsumer(other, "s")).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> session.createSharedConsumer(topic, "s", "a = 1"))
                .isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> session.createSharedDurableConsumer(other, "s"))
                .isInstanceOf(JMSException.class);
        send(session, topic, 1, 1);
        durable.close();
        MessageConsumer moved = session.createSharedDurableConsumer(other, "s");
        assertThat(drain(moved)).isEmpty();
        assertThat(drain(shared)).containsExactly("1");
    }

    @Test
    void sharedAndUnsharedDurableOnesDoNotMix() throws JMSException {
        connection.close();
        connection = server.factory("clientId=c").createConnection();
        connection.start();
        Session own = connection.createSession();
        own.createDurableConsumer(topic, "u").close();
        own.createSharedDurableConsumer(topic, "s").close();
        assertThatThrownBy(() -> own.createSharedDurableConsumer(topic, "u")).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> own.createDurableConsumer(topic, "s")).isInstanceOf(JMSException.class);
    }
}
