/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench.load;

import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.polymq.bench.Fields;
import org.polymq.bench.LatencyHistogram;
import org.polymq.bench.ProcStat;

/**
 * The load process for JMS: the same program for every provider, through {@code jakarta.jms} alone. Reads one scenario
 * per line from standard input and answers {@code RESULT key=value ...} or {@code ERROR why}. Ends when its input ends.
 */
public final class JmsLoad {
    private final ConnectionFactory factory;
    private final ProcStat broker;

    private JmsLoad(ConnectionFactory factory, ProcStat broker) {
        this.factory = factory;
        this.broker = broker;
    }

    /**
     * Serves scenarios until standard input ends.
     *
     * @param args class of the connection factory, its URL, and the broker's process id
     */
    public static void main(String[] args) throws Exception {
        ConnectionFactory factory = Class.forName(args[0])
                .asSubclass(ConnectionFactory.class)
                .getConstructor(String.class)
                .newInstance(args[1]);
        JmsLoad load = new JmsLoad(factory, new ProcStat(Long.parseLong(args[2])));
        ScenarioLoop.serve((scenario, settings) -> switch (scenario) {
            case "send" -> load.send(settings);
            case "listen" -> load.drain(settings, true);
            case "receive" -> load.drain(settings, false);
            case "transacted" -> load.transacted(settings);
            case "selectors" -> load.selectors(settings);
            default -> throw new IllegalArgumentException("no scenario " + scenario);
        });
        System.exit(0); // the client libraries leave threads behind
    }

    private Fields selectors(Fields settings) throws Exception {
        return new SelectorLoad(factory, broker, settings)
                .run(settings.text("topic", "bench"), settings.count("backlog", 0), settings.count("messages", 20_000));
    }

    /** What one thread does until the time is over; answers how many messages. */
    private interface Work {
        long run(Connection connection, int thread, long endNanos, LatencyHistogram latency) throws JMSException;
    }

    private Fields parallel(Fields settings, Work work) throws Exception {
        int threads = settings.count("threads", 1);
        LatencyHistogram latency = new LatencyHistogram();
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try (Connection connection = factory.createConnection()) {
            connection.start();
            Measurement measurement = Measurement.begin(broker);
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(settings.number("secs", 10));
            List<Future<Long>> running = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                int thread = i;
                Callable<Long> task = () -> work.run(connection, thread, end, latency);
                running.add(executor.submit(task));
            }
            long messages = 0;
            for (Future<Long> each : running) {
                messages += each.get();
            }
            return Measurement.withLatency(measurement.end(messages), "ack", latency);
        } finally {
            executor.shutdownNow();
        }
    }

    /** Each thread sends one persistent message at a time, in a session of its own. */
    private Fields send(Fields settings) throws Exception {
        byte[] body = new byte[settings.count("size", 1024)];
        return parallel(settings, (connection, thread, end, latency) -> {
            try (Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE)) {
                MessageProducer producer =
                        session.createProducer(session.createQueue(settings.text("topic", "bench") + "-" + thread));
                long sent = 0;
                for (; System.nanoTime() < end; sent++) {
                    long start = System.nanoTime();
                    producer.send(message(session, body));
                    latency.record(System.nanoTime() - start);
                }
                return sent;
            }
        });
    }

    /** Each thread sends a message, commits, receives it and commits, on a queue of its own. */
    private Fields transacted(Fields settings) throws Exception {
        byte[] body = new byte[settings.count("size", 1024)];
        return parallel(settings, (connection, thread, end, latency) -> {
            try (Session session = connection.createSession(Session.SESSION_TRANSACTED)) {
                Queue queue = session.createQueue(settings.text("topic", "bench") + "-" + thread);
                MessageProducer producer = session.createProducer(queue);
                MessageConsumer consumer = session.createConsumer(queue);
                long trips = 0;
                for (; System.nanoTime() < end; trips++) {
                    long start = System.nanoTime();
                    producer.send(message(session, body));
                    session.commit();
                    if (consumer.receive(30_000) == null) {
                        throw new JMSException("a committed message did not come");
                    }
                    session.commit();
                    latency.record(System.nanoTime() - start);
                }
                return trips;
            }
        });
    }

    /** Stored messages are handed to one consumer, which acknowledges each by itself. */
    private Fields drain(Fields settings, boolean listen) throws Exception {
        int messages = settings.count("messages", 50_000);
        String name = settings.text("topic", "bench");
        fill(name, messages, settings.count("size", 1024));
        try (Connection connection = factory.createConnection();
                Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE)) {
            MessageConsumer consumer = session.createConsumer(session.createQueue(name));
            Measurement measurement = Measurement.begin(broker);
            if (listen) {
                AtomicInteger left = new AtomicInteger(messages);
                CountDownLatch all = new CountDownLatch(1);
                consumer.setMessageListener(message -> {
                    if (left.decrementAndGet() == 0) {
                        all.countDown();
                    }
                });
                connection.start();
                if (!all.await(5, TimeUnit.MINUTES)) {
                    throw new JMSException(left + " of " + messages + " messages did not come");
                }
            } else {
                connection.start();
                for (int i = 0; i < messages; i++) {
                    if (consumer.receive(60_000) == null) {
                        throw new JMSException("only " + i + " of " + messages + " messages came");
                    }
                }
            }
            return measurement.end(messages);
        }
    }

    private void fill(String name, int messages, int size) throws JMSException {
        byte[] body = new byte[size];
        try (Connection connection = factory.createConnection();
                Session session = connection.createSession(Session.SESSION_TRANSACTED)) {
            MessageProducer producer = session.createProducer(session.createQueue(name));
            for (int i = 1; i <= messages; i++) {
                producer.send(message(session, body));
                if (i % 500 == 0 || i == messages) {
                    session.commit();
                }
            }
        }
    }

    private static BytesMessage message(Session session, byte[] body) throws JMSException {
        BytesMessage message = session.createBytesMessage();
        message.writeBytes(body);
        return message;
    }
}
