/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Browsing a queue that is written and read meanwhile. */
class BrowserLoadTest extends JmsTest {
    private static final int MESSAGES = 4_000;
    private static final int CONSUMERS = 2;

    private final List<Connection> others = new ArrayList<>();

    @AfterEach
    void closeOthers() throws JMSException {
        for (Connection other : others) {
            other.close();
        }
    }

    private void sendAll(Queue queue) {
        try (Connection own = server.factory().createConnection();
                Session session = own.createSession(Session.SESSION_TRANSACTED);
                MessageProducer producer = session.createProducer(queue)) {
            for (int i = 0; i < MESSAGES; i++) {
                Message message = session.createTextMessage(String.valueOf(i));
                message.setIntProperty("n", i);
                producer.send(message);
                if (i % 20 == 19) {
                    session.commit();
                }
            }
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The numbers that one enumeration shows. */
    private static List<Integer> browse(Session session, Queue queue, @Nullable String selector) throws JMSException {
        List<Integer> seen = new ArrayList<>();
        try (QueueBrowser browser = session.createBrowser(queue, selector)) {
            Enumeration<?> all = browser.getEnumeration();
            while (all.hasMoreElements()) {
                seen.add(((Message) all.nextElement()).getIntProperty("n"));
            }
        }
        return seen;
    }

    @Test
    void consumersMissNothingAndEachViewIsOneOfTheQueue() throws Exception {
        Session session = connection.createSession();
        Queue queue = session.createQueue("busy");
        Set<Integer> acknowledged = ConcurrentHashMap.newKeySet();
        AtomicInteger consumed = new AtomicInteger();
        for (int i = 0; i < CONSUMERS; i++) {
            Connection own = server.factory("prefetch=50").createConnection();
            others.add(own);
            MessageConsumer consumer = own.createSession().createConsumer(queue);
            consumer.setMessageListener(message -> {
                try {
                    acknowledged.add(message.getIntProperty("n"));
                    consumed.incrementAndGet();
                } catch (JMSException e) {
                    throw new IllegalStateException(e);
                }
            });
            own.start();
        }
        CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> sendAll(queue));
        int views = 0;
        int largest = 0;
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        while (consumed.get() < MESSAGES) {
            assertThat(sending).isNotCompletedExceptionally();
            assertThat(System.nanoTime()).as("consumed %s", consumed).isLessThan(end);
            Set<Integer> before = Set.copyOf(acknowledged);
            List<Integer> seen = browse(session, queue, views % 2 == 0 ? null : "n >= 0");
            assertThat(seen).isSorted().doesNotHaveDuplicates();
            // What was acknowledged is settled a moment after its listener returned.
            long old = seen.stream().filter(before::contains).count();
            assertThat(old).as("shown again").isLessThanOrEqualTo(CONSUMERS * 256L);
            largest = Math.max(largest, seen.size());
            views++;
        }
        sending.get(30, TimeUnit.SECONDS);

        assertThat(acknowledged).hasSize(MESSAGES);
        assertThat(consumed).hasValue(MESSAGES);
        assertThat(views).isGreaterThan(3);
        assertThat(largest).isPositive();
        await().atMost(Duration.ofSeconds(10))
                .until(() -> browse(session, queue, null).isEmpty());
    }

    @Test
    void anEnumerationThatIsNotReadOnHoldsUpNobody() throws JMSException {
        Session session = connection.createSession();
        Queue queue = session.createQueue("busy");
        sendAll(queue);
        try (QueueBrowser browser = session.createBrowser(queue)) {
            Enumeration<?> left = browser.getEnumeration();
            assertThat(((Message) left.nextElement()).getIntProperty("n")).isZero();

            MessageConsumer consumer = session.createConsumer(queue);
            for (int i = 0; i < MESSAGES; i++) {
                assertThat(one(consumer).getIntProperty("n")).isEqualTo(i);
            }

            assertThat(((Message) left.nextElement()).getIntProperty("n")).isEqualTo(1);
            int shown = 2;
            for (; left.hasMoreElements(); shown++) {
                assertThat(((Message) left.nextElement()).getIntProperty("n")).isEqualTo(shown);
            }
            assertThat(shown).isLessThanOrEqualTo(MESSAGES);
        }
    }
}
