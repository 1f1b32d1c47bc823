/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.Broker;
import org.polymq.broker.publish.Publisher;
import org.polymq.broker.state.Retention;
import org.polymq.jms.PolyMQConnectionFactory;
import org.polymq.storage.Failpoints;
import org.polymq.storage.FlushMode;
import org.polymq.storage.LogConfig;
import org.polymq.storage.NioDisk;

/** Commits that are on their way to the disk, or to the other nodes, when their connection breaks. */
@Timeout(120)
class CommitInFlightTest {
    @TempDir
    private Path directory;

    private final Gate gate = new Gate();

    /** Holds up what is on its way to the disk. */
    private static final class Gate implements Failpoints {
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition changed = lock.newCondition();
        private boolean closed;
        private boolean waiting;

        @Override
        public void hit(Point point) {
            if (point != Point.FORCE) {
                return;
            }
            lock.lock();
            try {
                while (closed) {
                    waiting = true;
                    changed.awaitUninterruptibly();
                }
                waiting = false;
            } finally {
                lock.unlock();
            }
        }

        void closed(boolean now) {
            lock.lock();
            try {
                closed = now;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        boolean isHolding() {
            lock.lock();
            try {
                return waiting;
            } finally {
                lock.unlock();
            }
        }
    }

    private Broker broker() throws IOException {
        LogConfig standard = LogConfig.defaults(directory);
        return Broker.open(
                new Broker.Settings(
                        "TestCluster",
                        new Publisher.Settings(4, 4 << 20),
                        new Retention.Settings(Duration.ofHours(72), Duration.ofHours(24))),
                new LogConfig(
                        directory,
                        standard.segmentSize(),
                        FlushMode.SYNC,
                        standard.flushInterval(),
                        standard.maxEntrySize(),
                        0),
                new NioDisk(),
                Clock.systemUTC(),
                gate);
    }

    @Test
    void whatBecameOfOneIsToldOnceItIsDecided() throws Exception {
        try (TestServer server = new TestServer(broker());
                BreakableNetwork network = new BreakableNetwork(server.port());
                Connection connection = new PolyMQConnectionFactory(
                                "polymq://127.0.0.1:" + network.port() + "?reconnectDelay=10")
                        .createConnection()) {
            connection.start();
            try {
                breakDuringACommit(connection.createSession(Session.SESSION_TRANSACTED), network);
            } finally {
                gate.closed(false);
            }
        }
    }

    private void breakDuringACommit(Session session, BreakableNetwork network) throws Exception {
        Queue queue = session.createQueue("orders");
        MessageProducer producer = session.createProducer(queue);
        send(session, producer, "1");
        session.commit();
        gate.closed(true);
        send(session, producer, "2");
        CompletableFuture<Void> committed = committed(session);
        await().until(gate::isHolding);

        network.cut();

        // It comes back at once; told now it would hear that nothing is stored.
        assertThatThrownBy(() -> committed.get(1, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
        gate.closed(false);
        committed.get(60, TimeUnit.SECONDS);
        MessageConsumer consumer = session.createConsumer(queue);
        assertThat(JmsTest.text(consumer.receive(60_000))).isEqualTo("1");
        assertThat(JmsTest.text(consumer.receive(60_000))).isEqualTo("2");
        session.commit();
    }

    private static void send(Session session, MessageProducer producer, String text) throws JMSException {
        producer.send(session.createTextMessage(text));
    }

    private static CompletableFuture<Void> committed(Session session) {
        return CompletableFuture.runAsync(() -> {
            try {
                session.commit();
            } catch (JMSException e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
