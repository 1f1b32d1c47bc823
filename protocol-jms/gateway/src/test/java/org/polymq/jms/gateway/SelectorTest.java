/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.Destination;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Selectors of consumers and browsers. */
class SelectorTest extends JmsTest {
    private Session session;
    private Queue queue;

    @BeforeEach
    void open() throws JMSException {
        session = connection.createSession();
        queue = session.createQueue("colours");
    }

    private void send(Destination to, String... colours) throws JMSException {
        try (MessageProducer producer = session.createProducer(to)) {
            for (String colour : colours) {
                Message message = session.createTextMessage(colour);
                message.setStringProperty("colour", colour);
                producer.send(message);
            }
        }
    }

    private static List<String> browse(QueueBrowser browser) throws JMSException {
        List<String> texts = new ArrayList<>();
        for (Enumeration<?> messages = browser.getEnumeration(); messages.hasMoreElements(); ) {
            texts.add(text((Message) messages.nextElement()));
        }
        return texts;
    }

    @Test
    void aQueueKeepsWhatASelectorDoesNotMatch() throws JMSException {
        send(queue, "red", "blue", "red", "green");
        MessageConsumer blue = session.createConsumer(queue, "colour = 'blue'");
        assertThat(receive(blue, 1)).containsExactly("blue");
        assertThat(blue.receiveNoWait()).isNull();
        blue.close();
        assertThat(receive(session.createConsumer(queue), 3)).containsExactly("red", "red", "green");
    }

    @Test
    void twoSelectorsShareAQueue() throws JMSException {
        MessageConsumer red = session.createConsumer(queue, "colour LIKE 'r%'");
        MessageConsumer rest = session.createConsumer(queue, "NOT colour LIKE 'r%'");
        send(queue, "red", "blue", "rose", "green");
        assertThat(receive(rest, 2)).containsExactly("blue", "green");
        assertThat(receive(red, 2)).containsExactly("red", "rose");
    }

    @Test
    void aTopicConsumerGetsWhatMatches() throws JMSException {
        Topic topic = session.createTopic("colours.topic");
        MessageConsumer blue = session.createConsumer(topic, "colour = 'blue'");
        try (Connection other = server.factory("clientId=c").createConnection()) {
            other.start();
            MessageConsumer durable = other.createSession().createDurableConsumer(topic, "b", "colour = 'blue'", false);
            send(topic, "red", "blue", "green", "blue");
            assertThat(receive(blue, 2)).containsExactly("blue", "blue");
            assertThat(receive(durable, 2)).containsExactly("blue", "blue");
            assertThat(durable.receiveNoWait()).isNull();
        }
    }

    @Test
    void anIllegalSelectorIsRefusedWhenTheConsumerIsMade() {
        for (String selector : List.of("colour =", "colour = 5 AND", "colour LIKE 3", "x".repeat(40_000) + " = 1")) {
            assertThatThrownBy(() -> session.createConsumer(queue, selector))
                    .isInstanceOf(InvalidSelectorException.class);
            assertThatThrownBy(() -> session.createBrowser(queue, selector))
                    .isInstanceOf(InvalidSelectorException.class);
        }
    }

    @Test
    void aBlankSelectorIsNone() throws JMSException {
        send(queue, "red");
        MessageConsumer consumer = session.createConsumer(queue, " ");
        assertThat(consumer.getMessageSelector()).isNull();
        assertThat(receive(consumer, 1)).containsExactly("red");
    }

    @Test
    void aBrowserSeesWhatIsThereAndTakesNothing() throws JMSException {
        send(queue, "red", "blue", "red");
        QueueBrowser all = session.createBrowser(queue);
        assertThat(browse(all)).containsExactly("red", "blue", "red");
        assertThat(browse(session.createBrowser(queue, "colour = 'red'"))).containsExactly("red", "red");
        send(queue, "green");
        assertThat(browse(all)).hasSize(4);
        assertThat(receive(session.createConsumer(queue), 4)).containsExactly("red", "blue", "red", "green");
        assertThat(browse(all)).isEmpty();
        all.close();
        assertThatThrownBy(all::getEnumeration).isInstanceOf(jakarta.jms.IllegalStateException.class);
    }

    @Test
    void aBrowserSeesMoreThanOneWindow() throws JMSException {
        connection.close();
        connection = server.factory("prefetch=3").createConnection();
        session = connection.createSession();
        send(queue, Collections.nCopies(50, "red").toArray(String[]::new));
        assertThat(browse(session.createBrowser(queue))).hasSize(50);
    }

    @Test
    void aBrowserLeavesATransactionAlone() throws JMSException {
        send(queue, "red", "blue");
        Session transacted = connection.createSession(Session.SESSION_TRANSACTED);
        MessageConsumer consumer = transacted.createConsumer(queue);
        assertThat(receive(consumer, 1)).containsExactly("red");
        assertThat(browse(transacted.createBrowser(queue))).containsExactly("red", "blue");
        transacted.rollback();
        assertThat(receive(consumer, 2)).containsExactly("red", "blue");
        transacted.commit();
        assertThat(browse(transacted.createBrowser(queue))).isEmpty();
    }
}
