/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.TransactionRolledBackException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.tck.client.JmsProtocol;
import org.polymq.tck.server.BrokerProcess;

/** Applications go on by themselves while the broker is killed and started again. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class JmsFailoverIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir
    Path directory;

    /** On a busy machine a start may take longer than a request waits as a rule. */
    private static final String OPTIONS = "requestTimeout=" + PATIENCE.toMillis();

    private static final int KILLS = Tier.choose(2, 10);

    private final List<String> fresh = new CopyOnWriteArrayList<>();
    private final List<Throwable> problems = new CopyOnWriteArrayList<>();

    /** Work that may be interrupted by a kill anywhere. */
    private interface Work {
        void run() throws Exception;
    }

    private CompletableFuture<Void> start(Work work) {
        return CompletableFuture.runAsync(() -> {
            try {
                work.run();
            } catch (Exception e) {
                problems.add(e);
            }
        });
    }

    private static List<String> numbers(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }

    private static void killOften(BrokerProcess server, List<String> progress) throws Exception {
        for (int kill = 1; kill <= KILLS; kill++) {
            int enough = progress.size() + 50;
            await().atMost(PATIENCE).until(() -> progress.size() >= enough);
            server.kill();
            server.start();
        }
    }

    private static void sendUntil(Connection connection, String queue, AtomicBoolean enough, List<String> sent)
            throws JMSException {
        Session session = connection.createSession();
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        for (int i = 0; !enough.get(); i++) {
            producer.send(session.createTextMessage(Integer.toString(i)));
            sent.add(Integer.toString(i));
        }
    }

    @Test
    void whatIsSentWhileTheBrokerIsKilledIsStoredOnceAndListenedToInOrder() throws Exception {
        AtomicBoolean enough = new AtomicBoolean();
        List<String> sent = new CopyOnWriteArrayList<>();
        try (BrokerProcess server = BrokerProcess.in(directory).onFixedPorts()) {
            ConnectionFactory factory = JmsProtocol.factory(server.start(), OPTIONS);
            try (Connection sender = factory.createConnection();
                    Connection receiver = factory.createConnection()) {
                Session session = receiver.createSession();
                session.createConsumer(session.createQueue("orders")).setMessageListener(this::hear);
                receiver.start();
                CompletableFuture<Void> sending = start(() -> sendUntil(sender, "orders", enough, sent));
                killOften(server, sent);
                enough.set(true);
                sending.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

                await().atMost(PATIENCE).until(() -> fresh.size() >= sent.size());
            }
        }
        assertThat(problems).isEmpty();
        assertThat(fresh).containsExactlyElementsOf(numbers(sent.size()));
    }

    /** Books each message once: one that comes again says so. */
    private void hear(Message message) {
        try {
            String text = ((TextMessage) message).getText();
            if (!message.getJMSRedelivered() || !fresh.contains(text)) {
                fresh.add(text);
            }
        } catch (JMSException e) {
            problems.add(e);
        }
    }

    @Test
    void transactionsThatMoveMessagesDoItOnce() throws Exception {
        int count = Tier.choose(200, 2_000);
        List<String> committed = new CopyOnWriteArrayList<>();
        try (BrokerProcess server = BrokerProcess.in(directory).onFixedPorts()) {
            ConnectionFactory factory = JmsProtocol.factory(server.start(), OPTIONS);
            try (Connection connection = factory.createConnection()) {
                connection.start();
                Session filling = connection.createSession();
                try (MessageProducer producer = filling.createProducer(filling.createQueue("in"))) {
                    for (String number : numbers(count)) {
                        producer.send(filling.createTextMessage(number));
                    }
                }
                CompletableFuture<Void> moving = start(() -> move(connection, count, committed));
                killOften(server, committed);
                moving.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

                Session reading = connection.createSession();
                MessageConsumer consumer = reading.createConsumer(reading.createQueue("out"));
                for (String number : numbers(count)) {
                    assertThat(((TextMessage) consumer.receive(60_000)).getText())
                            .isEqualTo(number);
                }
                assertThat(consumer.receiveNoWait()).isNull();
            }
        }
        assertThat(problems).isEmpty();
    }

    private static void move(Connection connection, int count, List<String> committed) throws JMSException {
        Session session = connection.createSession(Session.SESSION_TRANSACTED);
        MessageConsumer in = session.createConsumer(session.createQueue("in"));
        MessageProducer out = session.createProducer(session.createQueue("out"));
        while (committed.size() < count) {
            TextMessage message = (TextMessage) in.receive(60_000);
            out.send(session.createTextMessage(message.getText()));
            try {
                session.commit();
                committed.add(message.getText());
            } catch (TransactionRolledBackException e) {
                // It comes again.
            }
        }
    }
}
