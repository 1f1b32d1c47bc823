/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.polymq.jms.wire.Envelope;
import org.polymq.jms.wire.Frame;
import org.polymq.jms.wire.Frame.CloseConsumer;
import org.polymq.jms.wire.Frame.CloseSession;
import org.polymq.jms.wire.Frame.Failed;
import org.polymq.jms.wire.Frame.Flow;
import org.polymq.jms.wire.Frame.Ok;
import org.polymq.jms.wire.Frame.Pull;
import org.polymq.jms.wire.Frame.Recover;
import org.polymq.jms.wire.Frame.Send;
import org.polymq.jms.wire.WireError;

/** What applications see of brokers that do not answer, answer late or go away. */
@Timeout(20)
class BrokenBrokerTest {
    @Test
    void aRecoveryWithoutAnswerEndsTheConnection() throws IOException, JMSException, InterruptedException {
        CountDownLatch told = new CountDownLatch(1);
        try (FakeBroker broker = new FakeBroker(
                        request -> request.frame() instanceof Recover ? List.of() : FakeBroker.ok(request));
                Connection connection = broker.factory("requestTimeout=200").createConnection()) {
            connection.setExceptionListener(e -> told.countDown());
            connection.start();
            Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
            MessageConsumer consumer = session.createConsumer(session.createQueue("orders"));

            assertThatThrownBy(session::recover).hasMessageContaining("no answer");

            assertThat(told.await(10, TimeUnit.SECONDS)).isTrue();
            assertThatThrownBy(() -> consumer.receive(10_000))
                    .isInstanceOf(JMSException.class)
                    .hasMessageContaining("lost");
        }
    }

    @Test
    void closeWaitsForAsynchronousSendsAsLongAsForAnAnswer() throws Exception {
        List<String> told = Collections.synchronizedList(new ArrayList<>());
        try (FakeBroker broker =
                new FakeBroker(request -> request.frame() instanceof Send ? List.of() : FakeBroker.ok(request))) {
            Connection connection = broker.factory("requestTimeout=200").createConnection();
            Session session = connection.createSession();
            MessageProducer producer = session.createProducer(session.createQueue("orders"));
            for (int i = 0; i < 3; i++) {
                producer.send(session.createTextMessage("text " + i), listener(told));
            }

            connection.close();

            assertThat(told).containsExactly("text 0: unknown", "text 1: unknown", "text 2: unknown");
        }
    }

    @Test
    void closeEndsWhileTheBrokerIsAway() throws Exception {
        List<String> told = Collections.synchronizedList(new ArrayList<>());
        FakeBroker broker = new FakeBroker(breaksAt(Send.class, new LinkedBlockingQueue<>()));
        Connection connection = broker.resuming("requestTimeout=300").createConnection();
        Session session = connection.createSession(Session.SESSION_TRANSACTED);
        Session other = connection.createSession();
        broker.close();
        other.createProducer(other.createQueue("orders")).send(other.createTextMessage("text"), listener(told));

        connection.close();

        assertThat(told).containsExactly("text: unknown");
        assertThatThrownBy(session::commit).isInstanceOf(IllegalStateException.class);
    }

    private static CompletionListener listener(List<String> told) {
        return new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                told.add(text(message) + ": done");
            }

            @Override
            public void onException(Message message, Exception exception) {
                told.add(text(message)
                        + (String.valueOf(exception.getMessage()).contains("is unknown") ? ": unknown" : ": refused"));
            }

            private String text(Message message) {
                try {
                    return message.getBody(String.class);
                } catch (JMSException e) {
                    throw new AssertionError(e);
                }
            }
        };
    }

    @Test
    void aReceiveThatAsksTheBrokerEndsWhenItsConsumerCloses() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        AtomicInteger pull = new AtomicInteger();
        FakeBroker.Script refusesThePullAfterTheClose = request -> {
            if (request.frame() instanceof Pull) {
                pull.set(request.correlation());
                asked.countDown();
                return List.of();
            }
            if (request.frame() instanceof CloseConsumer) {
                return List.of(
                        new Envelope(pull.get(), new Failed(WireError.BAD_REQUEST, "there is no consumer 2")),
                        new Envelope(request.correlation(), new Ok()));
            }
            return FakeBroker.ok(request);
        };
        try (FakeBroker broker = new FakeBroker(refusesThePullAfterTheClose);
                Connection connection = broker.factory("").createConnection()) {
            connection.start();
            Session session = connection.createSession();
            MessageConsumer consumer = session.createConsumer(session.createQueue("orders"));
            CompletableFuture<String> received = CompletableFuture.supplyAsync(() -> {
                try {
                    return String.valueOf(consumer.receiveNoWait());
                } catch (JMSException e) {
                    return e.toString();
                }
            });
            assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();

            consumer.close();

            assertThat(received.get(10, TimeUnit.SECONDS)).isEqualTo("null");
        }
    }

    /** Breaks the connection at the first such frame, and remembers what comes on those after it. */
    private static FakeBroker.Script breaksAt(Class<? extends Frame> kind, BlockingQueue<Frame> after) {
        AtomicBoolean broken = new AtomicBoolean();
        return request -> {
            if (broken.get()) {
                after.add(request.frame());
            } else if (kind.isInstance(request.frame())) {
                broken.set(true);
                throw new EOFException();
            }
            return FakeBroker.ok(request);
        };
    }

    /** Takes frames off until one is of one of these kinds. */
    private static Frame next(BlockingQueue<Frame> frames, Class<? extends Frame> one, Class<? extends Frame> other)
            throws InterruptedException {
        while (true) {
            Frame frame = frames.poll(10, TimeUnit.SECONDS);
            if (frame == null || one.isInstance(frame) || other.isInstance(frame)) {
                return Objects.requireNonNull(frame, "no further frame came");
            }
        }
    }

    /** An application could not acknowledge what it is handed before. */
    @Test
    void nothingIsDeliveredBeforeTheNewConnectionIsInUse() throws Exception {
        BlockingQueue<Frame> after = new LinkedBlockingQueue<>();
        try (FakeBroker broker = new FakeBroker(breaksAt(Send.class, after));
                Connection connection = broker.resuming("").createConnection()) {
            connection.start();
            Session session = connection.createSession();
            session.createConsumer(session.createQueue("in"));

            session.createProducer(session.createQueue("out")).send(session.createMessage());

            assertThat(next(after, Send.class, Flow.class)).isInstanceOf(Send.class);
            assertThat(next(after, Send.class, Flow.class)).isInstanceOf(Flow.class);
        }
    }

    @Test
    void aReceiveThatBreaksAsksAgainOnceThereCanBeDeliveries() throws Exception {
        BlockingQueue<Frame> after = new LinkedBlockingQueue<>();
        try (FakeBroker broker = new FakeBroker(breaksAt(Pull.class, after));
                Connection connection = broker.resuming("").createConnection()) {
            connection.start();
            Session session = connection.createSession();
            MessageConsumer consumer = session.createConsumer(session.createQueue("in"));

            assertThat(consumer.receiveNoWait()).isNull();

            assertThat(next(after, Flow.class, Pull.class)).isInstanceOf(Flow.class);
            assertThat(next(after, Pull.class, Pull.class)).isInstanceOf(Pull.class);
        }
    }

    @RepeatedTest(20)
    void closingIsQuietWhenTheBrokerGoesAwayMeanwhile() throws IOException, JMSException, InterruptedException {
        try (FakeBroker broker = new FakeBroker(request -> {
            if (request.frame() instanceof CloseSession) {
                throw new EOFException();
            }
            return FakeBroker.ok(request);
        })) {
            Connection connection = broker.factory("").createConnection();
            connection.createSession();

            assertThatCode(connection::close).doesNotThrowAnyException();
            assertThat(broker.awaitEnd()).isTrue();
        }
    }
}
