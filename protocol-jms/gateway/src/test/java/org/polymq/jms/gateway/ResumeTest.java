/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import jakarta.jms.TransactionRolledBackException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.polymq.jms.PolyMQConnectionFactory;

/** What an application sees of a network that breaks and of a broker that goes away and comes back. */
@Timeout(120)
class ResumeTest extends JmsTest {
    private static final long PATIENCE = 60_000;

    private BreakableNetwork network;
    private Connection broken;

    @BeforeEach
    void connect() throws IOException, JMSException {
        network = new BreakableNetwork(server.port());
        broken = open("");
    }

    @AfterEach
    void disconnect() throws IOException, JMSException {
        broken.close();
        network.close();
    }

    private Connection open(String options) throws JMSException {
        Connection opened = factory(options).createConnection();
        opened.start();
        return opened;
    }

    private PolyMQConnectionFactory factory(String options) {
        return new PolyMQConnectionFactory("polymq://127.0.0.1:" + network.port() + "?reconnectDelay=10&" + options);
    }

    private void sendDirectly(Queue queue, int from, int to) throws JMSException {
        try (Session session = connection.createSession()) {
            send(session, queue, from, to);
        }
    }

    private static String next(MessageConsumer consumer) throws JMSException {
        return text(consumer.receive(PATIENCE));
    }

    @Test
    void aReceiverThatWaitsGetsWhatIsSentAfterTheBreak() throws Exception {
        Session session = broken.createSession();
        Queue queue = session.createQueue("orders");
        MessageConsumer consumer = session.createConsumer(queue);
        CompletableFuture<String> received = CompletableFuture.supplyAsync(() -> {
            try {
                return next(consumer);
            } catch (JMSException e) {
                return e.toString();
            }
        });

        network.cut();
        sendDirectly(queue, 1, 1);

        assertThat(received.get(PATIENCE, TimeUnit.MILLISECONDS)).isEqualTo("1");
    }

    @Test
    void aListenerGoesOnInOrderAndWithoutLoss() throws Exception {
        Session session = broken.createSession();
        Queue queue = session.createQueue("orders");
        List<String> heard = new CopyOnWriteArrayList<>();
        session.createConsumer(queue).setMessageListener(message -> {
            try {
                if (!message.getJMSRedelivered()) {
                    heard.add(text(message));
                }
            } catch (JMSException e) {
                heard.add(e.toString());
            }
        });
        for (int round = 0; round < 5; round++) {
            sendDirectly(queue, round * 20 + 1, round * 20 + 20);
            network.cut();
        }

        await().atMost(60, TimeUnit.SECONDS).until(() -> heard.contains("100"));
        assertThat(heard).containsExactlyElementsOf(numbers(1, 100));
    }

    @Test
    void whatWasNotAcknowledgedComesAgainAsRedelivered() throws Exception {
        Session session = broken.createSession(Session.CLIENT_ACKNOWLEDGE);
        Queue queue = session.createQueue("orders");
        sendDirectly(queue, 1, 3);
        MessageConsumer consumer = session.createConsumer(queue);
        next(consumer);
        Message second = consumer.receive(PATIENCE);

        network.cut();
        awaitBreak();

        Message again = consumer.receive(PATIENCE);
        assertThat(text(again)).isEqualTo("1");
        assertThat(again.getJMSRedelivered()).isTrue();
        assertThat(again.getIntProperty("JMSXDeliveryCount")).isGreaterThan(1);
        assertThatThrownBy(second::acknowledge).isInstanceOf(JMSException.class).hasMessageContaining("come again");
        Message secondAgain = consumer.receive(PATIENCE);
        assertThat(text(secondAgain)).isEqualTo("2");
        assertThat(secondAgain.getJMSRedelivered()).isTrue();
        Message third = consumer.receive(PATIENCE);
        assertThat(text(third)).isEqualTo("3");
        assertThat(third.getJMSRedelivered()).isFalse();
        third.acknowledge();
        assertThat(consumer.receiveNoWait()).isNull();
    }

    @Test
    void aMessageWhoseAnswerWasLostIsStoredOnce() throws Exception {
        Session session = broken.createSession();
        Queue queue = session.createQueue("orders");
        send(session, queue, 1, 1);
        network.loseAnswers();
        CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
            try {
                send(session, queue, 2, 2);
            } catch (JMSException e) {
                throw new IllegalStateException(e);
            }
        });
        try (Session other = connection.createSession();
                MessageConsumer consumer = other.createConsumer(queue)) {
            assertThat(receive(consumer, 2)).containsExactly("1", "2");

            network.cut();

            sent.get(PATIENCE, TimeUnit.MILLISECONDS);
            send(session, queue, 3, 3);
            assertThat(next(consumer)).isEqualTo("3");
        }
    }

    /** Something done on another thread, to be waited for. */
    private static CompletableFuture<Void> meanwhile(Sending sending) {
        return CompletableFuture.runAsync(() -> {
            try {
                sending.run();
            } catch (JMSException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private interface Sending {
        void run() throws JMSException;
    }

    @Test
    void aDelayedMessageWhoseAnswerWasLostIsStoredOnce() throws Exception {
        Session session = broken.createSession();
        Queue queue = session.createQueue("orders");
        MessageProducer producer = session.createProducer(queue);
        producer.setDeliveryDelay(1_500);
        network.loseAnswers();
        CompletableFuture<Void> sent = meanwhile(() -> producer.send(session.createTextMessage("1")));
        await().until(() -> server.brokerOf("orders").timers().pending() == 1);

        network.cut();

        sent.get(PATIENCE, TimeUnit.MILLISECONDS);
        assertThat(server.brokerOf("orders").timers().staged()).isEqualTo(1);
        MessageConsumer consumer = session.createConsumer(queue);
        assertThat(next(consumer)).isEqualTo("1");
        assertThat(consumer.receiveNoWait()).isNull();
    }

    @Test
    void aDelayedCommitWhoseAnswerWasLostIsFoundToBeDone() throws Exception {
        Session session = broken.createSession(Session.SESSION_TRANSACTED);
        Queue queue = session.createQueue("orders");
        MessageProducer producer = session.createProducer(queue);
        producer.setDeliveryDelay(600_000);
        producer.send(session.createTextMessage("1"));
        network.loseAnswers();
        CompletableFuture<Void> committed = meanwhile(session::commit);
        await().until(() -> server.brokerOf("orders").timers().pending() == 1);

        network.cut();

        committed.get(PATIENCE, TimeUnit.MILLISECONDS);
    }

    @Test
    void aMessageToATemporaryQueueWhoseAnswerWasLostComesOnce() throws Exception {
        Session owner = connection.createSession();
        TemporaryQueue replies = owner.createTemporaryQueue();
        MessageConsumer consumer = owner.createConsumer(replies);
        Session session = broken.createSession();
        network.loseAnswers();
        CompletableFuture<Void> sent = meanwhile(() -> send(session, replies, 1, 1));
        assertThat(next(consumer)).isEqualTo("1");

        network.cut();

        sent.get(PATIENCE, TimeUnit.MILLISECONDS);
        send(session, replies, 2, 2);
        assertThat(next(consumer)).isEqualTo("2");
    }

    @Test
    void asynchronousSendsAreRepeatedInOrderAndStoredOnce() throws Exception {
        Session session = broken.createSession();
        Queue queue = session.createQueue("orders");
        List<String> completed = new CopyOnWriteArrayList<>();
        CompletionListener listener = new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                try {
                    completed.add(text(message));
                } catch (JMSException e) {
                    completed.add(e.toString());
                }
            }

            @Override
            public void onException(Message message, Exception exception) {
                completed.add(exception.toString());
            }
        };
        try (MessageProducer producer = session.createProducer(queue)) {
            for (int i = 1; i <= 40; i++) {
                if (i == 10) {
                    network.loseAnswers();
                }
                producer.send(session.createTextMessage(String.valueOf(i)), listener);
            }
            network.cut();
        }

        assertThat(completed).containsExactlyElementsOf(numbers(1, 40));
        try (Session other = connection.createSession();
                MessageConsumer consumer = other.createConsumer(queue)) {
            assertThat(receive(consumer, 40)).containsExactlyElementsOf(numbers(1, 40));
            assertThat(consumer.receiveNoWait()).isNull();
        }
    }

    @Test
    void aTransactionInProgressIsRolledBack() throws Exception {
        Session session = broken.createSession(Session.SESSION_TRANSACTED);
        Queue in = session.createQueue("in");
        Queue out = session.createQueue("out");
        sendDirectly(in, 1, 2);
        MessageConsumer consumer = session.createConsumer(in);
        assertThat(next(consumer)).isEqualTo("1");
        send(session, out, 1, 1);

        network.cut();
        assertThatThrownBy(() -> {
                    awaitBreak();
                    session.commit();
                })
                .isInstanceOf(TransactionRolledBackException.class);

        assertThat(next(consumer)).isEqualTo("1");
        send(session, out, 2, 2);
        session.commit();
        try (Session other = connection.createSession()) {
            assertThat(next(other.createConsumer(out))).isEqualTo("2");
        }
    }

    /** Waits until the client has noticed, which any request after it shows. */
    private void awaitBreak() throws JMSException {
        try (Session probe = broken.createSession()) {
            assertThat(probe).isNotNull();
        }
    }

    @Test
    void aCommitWhoseAnswerWasLostIsFoundToBeDone() throws Exception {
        Session session = broken.createSession(Session.SESSION_TRANSACTED);
        Queue in = session.createQueue("in");
        Queue out = session.createQueue("out");
        sendDirectly(in, 1, 2);
        MessageConsumer consumer = session.createConsumer(in);
        assertThat(next(consumer)).isEqualTo("1");
        send(session, out, 1, 1);
        network.loseAnswers();
        CompletableFuture<Void> committed = CompletableFuture.runAsync(() -> {
            try {
                session.commit();
            } catch (JMSException e) {
                throw new IllegalStateException(e);
            }
        });
        try (Session other = connection.createSession()) {
            assertThat(next(other.createConsumer(out))).isEqualTo("1");

            network.cut();

            committed.get(PATIENCE, TimeUnit.MILLISECONDS);
        }
        assertThat(next(consumer)).isEqualTo("2");
        session.commit();
    }

    @Test
    void temporaryQueuesSurviveABreakWithTheirMessages() throws Exception {
        Session session = broken.createSession();
        TemporaryQueue replies = session.createTemporaryQueue();
        MessageConsumer consumer = session.createConsumer(replies);
        try (Session other = connection.createSession()) {
            network.down(true);
            network.cut();
            send(other, replies, 1, 1);
            network.down(false);

            assertThat(next(consumer)).isEqualTo("1");
        }
    }

    @Test
    void subscriptionsOfAllKindsGoOn() throws Exception {
        try (Connection subscriber = open("clientId=s")) {
            Session session = subscriber.createSession();
            Topic topic = session.createTopic("news");
            List<MessageConsumer> consumers = new ArrayList<>(List.of(
                    session.createConsumer(topic),
                    session.createDurableConsumer(topic, "durable"),
                    session.createSharedConsumer(topic, "shared"),
                    session.createSharedDurableConsumer(topic, "both"),
                    session.createConsumer(topic, "a IS NULL")));

            network.cut();
            session.createTemporaryTopic().delete(); // answered after everything is open again
            try (Session other = connection.createSession()) {
                send(other, topic, 1, 1);
            }

            for (MessageConsumer consumer : consumers) {
                assertThat(next(consumer)).isEqualTo("1");
            }
        }
    }

    @Test
    void theFirstHostThatAnswersIsUsedAfterABreak() throws Exception {
        try (BreakableNetwork second = new BreakableNetwork(server.port());
                Connection both = new PolyMQConnectionFactory("polymq://127.0.0.1:" + network.port() + ",127.0.0.1:"
                                + second.port() + "?reconnectDelay=10")
                        .createConnection()) {
            both.start();
            Session session = both.createSession();
            Queue queue = session.createQueue("orders");

            network.close();

            send(session, queue, 1, 1);
            assertThat(next(session.createConsumer(queue))).isEqualTo("1");
        }
    }

    @Test
    void aBrokerThatStartsAgainIsFound() throws Exception {
        Session session = broken.createSession();
        Queue queue = session.createQueue("orders");
        MessageConsumer consumer = session.createConsumer(queue);
        TemporaryQueue replies = session.createTemporaryQueue();
        MessageConsumer replied = session.createConsumer(replies);

        network.down(true);
        network.cut();
        restart();
        network.leadTo(server.port());
        network.down(false);

        send(session, queue, 1, 1);
        assertThat(next(consumer)).isEqualTo("1");
        send(session, replies, 2, 2);
        assertThat(next(replied)).isEqualTo("2");
    }

    @Test
    void itGivesUpAfterTheAttemptsItMayMakeAndSaysSo() throws Exception {
        BlockingQueue<JMSException> heard = new LinkedBlockingQueue<>();
        try (Connection limited = open("reconnectAttempts=3")) {
            limited.setExceptionListener(heard::add);
            Session session = limited.createSession();
            MessageConsumer consumer = session.createConsumer(session.createQueue("orders"));

            network.down(true);
            network.cut();

            assertThat(heard.poll(PATIENCE, TimeUnit.MILLISECONDS)).isNotNull();
            assertThatThrownBy(() -> consumer.receive(PATIENCE)).isInstanceOf(JMSException.class);
            assertThatThrownBy(limited::createSession).isInstanceOf(JMSException.class);
        }
    }

    @Test
    void breaksAreToldToWhoAsksForThem() throws Exception {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        try (Connection told = open("tellBreaks=true")) {
            told.setExceptionListener(e -> heard.add(String.valueOf(e.getErrorCode())));

            network.cut();

            assertThat(heard.poll(PATIENCE, TimeUnit.MILLISECONDS)).isEqualTo("CONNECTION_BROKEN");
            assertThat(told.createSession()).isNotNull();
        }
    }

    @Test
    void aClientIdIsKeptOverABreakThatTheBrokerHasNotNoticed() throws Exception {
        try (Connection named = factory("").createConnection()) {
            named.setClientID("billing");

            network.cut();

            Session session = named.createSession();
            assertThat(session.createDurableConsumer(session.createTopic("news"), "d"))
                    .isNotNull();
            assertThatThrownBy(() -> server.factory("clientId=billing").createConnection())
                    .isInstanceOf(jakarta.jms.InvalidClientIDException.class);
        }
    }

    @Test
    void prefetchedMessagesAreNotHandedOverTwice() throws Exception {
        Session session = broken.createSession();
        Queue queue = session.createQueue("orders");
        sendDirectly(queue, 1, 50);
        MessageConsumer consumer = session.createConsumer(queue);
        List<String> received = new ArrayList<>(receive(consumer, 10));

        network.cut();
        awaitBreak();

        for (TextMessage message = (TextMessage) consumer.receive(PATIENCE);
                received.size() < 50;
                message = (TextMessage) consumer.receive(PATIENCE)) {
            received.add(text(message));
            if (received.size() == 50) {
                break;
            }
        }
        assertThat(received).containsExactlyElementsOf(numbers(1, 50));
    }
}
