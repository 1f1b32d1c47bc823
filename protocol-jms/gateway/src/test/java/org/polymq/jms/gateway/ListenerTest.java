/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ListenerTest extends JmsTest {
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    private void hear(Message message) {
        try {
            heard.add(text(message));
        } catch (JMSException e) {
            heard.add(e.toString());
        }
    }

    @Nullable
    String next() throws InterruptedException {
        return heard.poll(LONG, TimeUnit.MILLISECONDS);
    }

    @Test
    void hearsMessagesInOrder() throws JMSException {
        Session session = connection.createSession();
        Queue queue = session.createQueue("orders");
        session.createConsumer(queue).setMessageListener(this::hear);

        send(connection.createSession(), queue, 1, 1_000);

        await().untilAsserted(() -> assertThat(heard).hasSize(1_000));
        assertThat(List.copyOf(heard)).isEqualTo(numbers(1, 1_000));
    }

    @Test
    void hearsWithoutPrefetchToo() throws JMSException {
        try (Connection pulling = server.factory("prefetch=0").createConnection()) {
            pulling.start();
            Session session = pulling.createSession();
            Queue queue = session.createQueue("orders");
            session.createConsumer(queue).setMessageListener(this::hear);

            send(connection.createSession(), queue, 1, 100);

            await().untilAsserted(() -> assertThat(List.copyOf(heard)).isEqualTo(numbers(1, 100)));
        }
    }

    @Test
    void aListenerThatFailsGetsItsMessageAgain() throws JMSException, InterruptedException {
        Session session = connection.createSession();
        Queue queue = session.createQueue("orders");
        session.createConsumer(queue).setMessageListener(message -> {
            try {
                int count = message.getIntProperty("JMSXDeliveryCount");
                heard.add(text(message) + " for the " + count);
                if (text(message).equals("1") && count < 3) {
                    throw new IllegalArgumentException("on purpose");
                }
            } catch (JMSException e) {
                heard.add(e.toString());
            }
        });

        send(connection.createSession(), queue, 1, 2);

        assertThat(next()).isEqualTo("1 for the 1");
        assertThat(next()).isEqualTo("1 for the 2");
        assertThat(next()).isEqualTo("1 for the 3");
        assertThat(next()).isEqualTo("2 for the 1");
    }

    @Test
    void aListenerThatFailsWithAnErrorGetsItsMessageAgain() throws JMSException, InterruptedException {
        Session session = connection.createSession();
        Queue queue = session.createQueue("orders");
        session.createConsumer(queue).setMessageListener(message -> {
            hear(message);
            if (heard.size() == 1) {
                throw new AssertionError("on purpose");
            }
        });

        send(connection.createSession(), queue, 1, 2);

        await().untilAsserted(() -> assertThat(heard).containsExactly("1", "1", "2"));
    }

    @Test
    void aListenerMayCloseItsOwnConsumer() throws JMSException, InterruptedException {
        Session session = connection.createSession();
        Queue queue = session.createQueue("orders");
        MessageConsumer consumer = session.createConsumer(queue);
        consumer.setMessageListener(message -> {
            hear(message);
            try {
                consumer.close();
            } catch (JMSException e) {
                heard.add(e.toString());
            }
        });

        send(connection.createSession(), queue, 1, 2);

        assertThat(next()).isEqualTo("1");
        MessageConsumer other = connection.createSession().createConsumer(queue);
        assertThat(receive(other, 1)).as("the first one was acknowledged").isEqualTo(numbers(2, 2));
    }

    @Test
    void aListenerMayNotCloseOrStopItsSessionOrConnection() throws JMSException, InterruptedException {
        Session session = connection.createSession();
        Queue queue = session.createQueue("orders");
        List<Exception> thrown = Collections.synchronizedList(new ArrayList<>());
        session.createConsumer(queue).setMessageListener(message -> {
            for (AutoCloseable call : List.<AutoCloseable>of(session, connection, connection::stop)) {
                try {
                    call.close();
                } catch (Exception e) {
                    thrown.add(e);
                }
            }
            heard.add("done");
        });

        send(connection.createSession(), queue, 1, 1);

        assertThat(next()).isEqualTo("done");
        assertThat(thrown).hasSize(3).allMatch(IllegalStateException.class::isInstance);
    }

    @Test
    void closingWaitsForTheListener() throws JMSException, InterruptedException {
        Session session = connection.createSession();
        Queue queue = session.createQueue("orders");
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        session.createConsumer(queue).setMessageListener(message -> {
            inside.countDown();
            try {
                goOn.await(1, TimeUnit.MINUTES);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            heard.add("finished");
        });
        send(connection.createSession(), queue, 1, 1);
        assertThat(inside.await(LONG, TimeUnit.MILLISECONDS)).isTrue();
        AtomicReference<String> atClose = new AtomicReference<>("");
        Thread closer = new Thread(() -> {
            try {
                session.close();
                atClose.set(heard.isEmpty() ? "too early" : "after");
            } catch (JMSException e) {
                atClose.set(e.toString());
            }
        });

        closer.start();
        await().until(() -> closer.getState() == Thread.State.WAITING);
        goOn.countDown();
        closer.join(LONG);

        assertThat(atClose.get()).isEqualTo("after");
    }

    @Test
    void aListenerMayCommitWhileItsConnectionCloses() throws JMSException, InterruptedException {
        Connection closing = server.factory().createConnection();
        closing.start();
        Session session = closing.createSession(Session.SESSION_TRANSACTED);
        Queue queue = session.createQueue("orders");
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        session.createConsumer(queue).setMessageListener(message -> {
            inside.countDown();
            try {
                goOn.await(1, TimeUnit.MINUTES);
                session.commit();
                heard.add("committed");
            } catch (InterruptedException | JMSException e) {
                heard.add(e.toString());
            }
        });
        send(connection.createSession(), queue, 1, 1);
        assertThat(inside.await(LONG, TimeUnit.MILLISECONDS)).isTrue();
        Thread closer = new Thread(() -> {
            try {
                closing.close();
            } catch (JMSException e) {
                heard.add(e.toString());
            }
        });

        closer.start();
        await().until(() -> closer.getState() == Thread.State.WAITING);
        goOn.countDown();
        closer.join(LONG);

        assertThat(next()).isEqualTo("committed");
        assertThat(connection.createSession().createConsumer(queue).receiveNoWait())
                .isNull();
    }

    @Test
    void receiveAndAListenerExcludeEachOther() throws JMSException {
        Session session = connection.createSession();
        MessageConsumer consumer = session.createConsumer(session.createQueue("orders"));
        consumer.setMessageListener(this::hear);

        assertThatThrownBy(consumer::receiveNoWait).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void closingEndsAReceiveThatWaits() throws JMSException, InterruptedException {
        Session session = connection.createSession();
        MessageConsumer consumer = session.createConsumer(session.createQueue("orders"));
        Thread receiver = new Thread(() -> {
            try {
                heard.add(text(consumer.receive()));
            } catch (JMSException e) {
                heard.add(e.toString());
            }
        });
        receiver.start();
        await().until(() -> receiver.getState() == Thread.State.WAITING);

        consumer.close();

        assertThat(next()).isEqualTo("nothing");
    }

    @Test
    void completionListenersAreCalledInTheOrderOfTheSends() throws JMSException {
        Session session = connection.createSession();
        Queue queue = session.createQueue("orders");
        MessageProducer producer = session.createProducer(queue);
        Thread sender = Thread.currentThread();
        CompletionListener listener = new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                assertThat(Thread.currentThread()).isNotSameAs(sender);
                hear(message);
            }

            @Override
            public void onException(Message message, Exception exception) {
                heard.add(exception.toString());
            }
        };

        for (int i = 1; i <= 500; i++) {
            producer.send(session.createTextMessage(String.valueOf(i)), listener);
        }
        session.close();

        assertThat(List.copyOf(heard)).isEqualTo(numbers(1, 500));
    }

    @Test
    void aCompletionListenerMayStopTheConnectionAndNotCloseOrCommit() throws JMSException, InterruptedException {
        Session session = connection.createSession();
        MessageProducer producer = session.createProducer(session.createQueue("orders"));
        List<Exception> thrown = Collections.synchronizedList(new ArrayList<>());

        producer.send(session.createTextMessage("x"), new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                for (AutoCloseable call : List.<AutoCloseable>of(session, producer, connection, connection::stop)) {
                    try {
                        call.close();
                    } catch (Exception e) {
                        thrown.add(e);
                    }
                }
                heard.add("done");
            }

            @Override
            public void onException(Message message, Exception exception) {
                heard.add(exception.toString());
            }
        });

        assertThat(next()).isEqualTo("done");
        assertThat(thrown).hasSize(3).allMatch(IllegalStateException.class::isInstance);
    }

    @Test
    void theExceptionListenerHearsOfALostConnection() throws JMSException, InterruptedException {
        try (Connection plain = server.factory("reconnectAttempts=0").createConnection()) {
            plain.setExceptionListener(e -> heard.add("lost"));
            Session session = plain.createSession();
            Queue queue = session.createQueue("orders");

            server.close();

            assertThat(next()).isEqualTo("lost");
            assertThatThrownBy(() -> send(session, queue, 1, 1)).isInstanceOf(JMSException.class);
        }
    }
}
