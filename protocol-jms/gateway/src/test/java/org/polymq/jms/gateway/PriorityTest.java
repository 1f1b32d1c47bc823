/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Enumeration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Queues deliver higher priorities first (Jakarta Messaging 3.1, 3.4.10), and each in the order of sending. */
class PriorityTest extends JmsTest {
    private Session session;
    private Queue queue;

    @BeforeEach
    void open() throws JMSException {
        session = connection.createSession();
        queue = session.createQueue("urgent");
    }

    private void send(int priority, String text) throws JMSException {
        try (MessageProducer producer = session.createProducer(queue)) {
            Message message = session.createTextMessage(text);
            message.setStringProperty("group", text.substring(0, 1));
            producer.send(message, DeliveryMode.PERSISTENT, priority, 0);
        }
    }

    /** Sends messages of random priorities; answers the order in which they have to come. */
    private List<String> sendRandom(long seed, int count) throws JMSException {
        Random random = new Random(seed);
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int priority = random.nextInt(3) == 0 ? random.nextInt(10) : 4;
            String text = priority + ":" + i;
            send(priority, text);
            sent.add(text);
        }
        sent.sort(Comparator.comparing((String text) -> text.charAt(0)).reversed());
        return sent;
    }

    @Test
    void higherPrioritiesComeFirst() throws JMSException {
        List<String> expected = sendRandom(1, 200);

        assertThat(receive(session.createConsumer(queue), 200)).isEqualTo(expected);
    }

    @Test
    void theOrderIsTheSameAfterARestart() throws JMSException, IOException {
        List<String> expected = sendRandom(2, 60);

        restart();
        open();

        MessageConsumer consumer = session.createConsumer(queue);
        assertThat(receive(consumer, 60)).isEqualTo(expected);
        assertThat(consumer.receiveNoWait()).isNull();
        restart();
        open();
        assertThat(session.createConsumer(queue).receiveNoWait()).isNull();
    }

    @Test
    void whatComesBackKeepsItsPriority() throws JMSException {
        List<String> expected = sendRandom(3, 50);
        Session transacted = connection.createSession(Session.SESSION_TRANSACTED);
        MessageConsumer consumer = transacted.createConsumer(queue);
        receive(consumer, 30);

        transacted.rollback();

        assertThat(receive(consumer, 50)).isEqualTo(expected);
        transacted.commit();
    }

    @Test
    void aSelectorsMessagesComeByPriorityToo() throws JMSException {
        send(4, "a1");
        send(9, "b2");
        send(9, "a3");
        send(0, "a4");
        send(4, "a5");

        MessageConsumer consumer = session.createConsumer(queue, "group = 'a'");
        assertThat(receive(consumer, 4)).containsExactly("a3", "a1", "a5", "a4");
        assertThat(consumer.receiveNoWait()).isNull();
        assertThat(receive(session.createConsumer(queue), 1)).containsExactly("b2");
    }

    @Test
    void aBrowserShowsEverythingByPriority() throws JMSException {
        List<String> expected = sendRandom(4, 40);

        List<String> seen = new ArrayList<>();
        try (QueueBrowser browser = session.createBrowser(queue)) {
            Enumeration<?> all = browser.getEnumeration();
            while (all.hasMoreElements()) {
                seen.add(text((Message) all.nextElement()));
            }
        }

        assertThat(seen).isEqualTo(expected);
    }

    @Test
    void anUrgentMessageOvertakesWhatIsNotPrefetched() throws JMSException {
        for (int i = 0; i < 10; i++) {
            send(4, "a" + i);
        }
        try (var other = server.factory("prefetch=1").createConnection()) {
            other.start();
            MessageConsumer consumer = other.createSession().createConsumer(queue);
            assertThat(receive(consumer, 1)).containsExactly("a0");
            send(9, "urgent");

            List<String> next = receive(consumer, 3);

            assertThat(next).contains("urgent");
        }
    }

    @Test
    void anUrgentMessageOvertakesWhatIsPrefetched() throws JMSException {
        for (int i = 0; i < 10; i++) {
            send(4, "a" + i);
        }
        Session transacted = connection.createSession(Session.SESSION_TRANSACTED);
        MessageConsumer consumer = transacted.createConsumer(queue);
        assertThat(receive(consumer, 1)).containsExactly("a0");
        send(9, "urgent");
        session.createTemporaryQueue(); // a round trip, behind which the urgent one is here

        assertThat(receive(consumer, 3)).containsExactly("urgent", "a1", "a2");
        transacted.rollback();
        assertThat(deliveries(consumer, 6)).containsExactly("urgent/2", "a0/2", "a1/2", "a2/2", "a3/1", "a4/1");
        consumer.close();
        transacted.close();
        assertThat(deliveries(session.createConsumer(queue), 11))
                .startsWith("urgent/3", "a0/3", "a1/3", "a2/3", "a3/2", "a4/2", "a5/1", "a6/1");
    }

    private static List<String> deliveries(MessageConsumer consumer, int count) throws JMSException {
        List<String> deliveries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Message message = requireNonNull(consumer.receive(5_000));
            deliveries.add(text(message) + "/" + message.getIntProperty("JMSXDeliveryCount"));
        }
        return deliveries;
    }
}
