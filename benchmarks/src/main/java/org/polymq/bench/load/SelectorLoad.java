/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench.load;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.polymq.bench.Fields;
import org.polymq.bench.ProcStat;

/**
 * Many consumers of one queue, each with a selector of its own, behind a backlog that none of them wants: what opening
 * them costs, what a message to one of them costs, and what opening them again costs.
 */
final class SelectorLoad {
    private static final int NOBODY = -1;
    private static final int PER_COMMIT = 100;
    private static final long PATIENCE_SECONDS = 300;

    private final ConnectionFactory factory;
    private final ProcStat broker;
    private final int consumers;
    private final int size;
    /** Messages that came to the consumer that asked for them, and how many came to another. */
    private final Semaphore came = new Semaphore(0);

    private final AtomicInteger strays = new AtomicInteger();

    SelectorLoad(ConnectionFactory factory, ProcStat broker, Fields settings) {
        this.factory = factory;
        this.broker = broker;
        this.consumers = settings.count("consumers", 100);
        this.size = settings.count("size", 100);
    }

    Fields run(String name, int backlog, int messages) throws JMSException, InterruptedException {
        try (Connection sending = factory.createConnection();
                Session session = sending.createSession(Session.SESSION_TRANSACTED)) {
            Queue queue = session.createQueue(name);
            MessageProducer producer = session.createProducer(queue);
            for (int i = 1; i <= backlog; i++) {
                producer.send(message(session, NOBODY));
                commit(session, i, backlog);
            }
            Measurement opening = Measurement.begin(broker);
            Connection first = open(queue);
            oneEach(session, producer);
            Fields opened = opening.end(consumers);
            Measurement delivering = Measurement.begin(broker);
            for (int i = 1; i <= messages; i++) {
                producer.send(message(session, i % consumers));
                commit(session, i, messages);
            }
            await(messages);
            Fields delivered = delivering.end(messages);
            first.close();
            Measurement reopening = Measurement.begin(broker);
            Connection second = open(queue);
            oneEach(session, producer);
            Fields reopened = reopening.end(consumers);
            second.close();
            if (strays.get() > 0) {
                throw new JMSException(strays + " messages came to a consumer whose selector they do not match");
            }
            return delivered
                    .with("open_s", opened.text("seconds", ""))
                    .with("open_cpu_us", opened.text("broker_cpu_us", ""))
                    .with("reopen_s", reopened.text("seconds", ""))
                    .with("reopen_cpu_us", reopened.text("broker_cpu_us", ""));
        }
    }

    /** A connection with all consumers, started. */
    private Connection open(Queue queue) throws JMSException {
        Connection connection = factory.createConnection();
        for (int i = 0; i < consumers; i++) {
            int number = i;
            Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
            session.createConsumer(queue, "receiver = " + number + " AND amount BETWEEN 1 AND 9")
                    .setMessageListener(message -> arrived(message, number));
        }
        connection.start();
        return connection;
    }

    private void arrived(Message message, int number) {
        try {
            if (message.getIntProperty("receiver") != number) {
                strays.incrementAndGet();
            }
        } catch (JMSException e) {
            strays.incrementAndGet();
        }
        came.release();
    }

    /** Behind the backlog; when it has come, its consumer is through with the backlog. */
    private void oneEach(Session session, MessageProducer producer) throws JMSException, InterruptedException {
        for (int i = 0; i < consumers; i++) {
            producer.send(message(session, i));
        }
        session.commit();
        await(consumers);
    }

    private void await(int messages) throws JMSException, InterruptedException {
        if (!came.tryAcquire(messages, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new JMSException("only " + came.availablePermits() + " of " + messages + " messages came");
        }
    }

    private Message message(Session session, int receiver) throws JMSException {
        var message = session.createBytesMessage();
        message.writeBytes(new byte[size]);
        message.setIntProperty("receiver", receiver);
        message.setIntProperty("amount", 5);
        message.setStringProperty("region", "north");
        return message;
    }

    private static void commit(Session session, int sent, int messages) throws JMSException {
        if (sent % PER_COMMIT == 0 || sent == messages) {
            session.commit();
        }
    }
}
