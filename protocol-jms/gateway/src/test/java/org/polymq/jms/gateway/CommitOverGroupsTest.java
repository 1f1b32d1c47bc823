/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TransactionRolledBackException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Transactions that receive in one group and send to two others are done in all or in none, whatever breaks when. */
class CommitOverGroupsTest {
    private static final long SOON = 30_000;

    @TempDir
    Path directory;

    private TestCluster cluster;
    private Connection connection;
    private Connection outside;
    private Session session;
    private Queue in;
    private List<Queue> outs;
    private int number;

    @BeforeEach
    void start() throws IOException, JMSException {
        cluster = new TestCluster(directory);
        connection = cluster.factory().createConnection();
        connection.start();
        outside = cluster.factory().createConnection();
        outside.start();
        session = connection.createSession(Session.SESSION_TRANSACTED);
        in = session.createQueue(cluster.queueIn(0));
        outs = List.of(session.createQueue(cluster.queueIn(1)), session.createQueue(cluster.queueIn(2)));
    }

    @AfterEach
    void stop() throws JMSException {
        connection.close();
        outside.close();
        cluster.close();
    }

    /** Receives the number from one group and sends it to two; answers whether the commit says that it was done. */
    private boolean transact(MessageConsumer consumer) throws JMSException {
        number++;
        JmsTest.send(outside.createSession(), in, number, number);
        assertThat(JmsTest.text(consumer.receive(SOON))).isEqualTo(String.valueOf(number));
        for (Queue out : outs) {
            JmsTest.send(session, out, number, number);
        }
        try {
            session.commit();
            return true;
        } catch (TransactionRolledBackException e) {
            return false;
        }
    }

    private void assertDone(boolean committed) throws JMSException {
        String text = String.valueOf(number);
        List<Queue> there = committed ? outs : List.of(in);
        try (Session reader = outside.createSession()) {
            for (Queue queue : there) {
                try (MessageConsumer consumer = reader.createConsumer(queue)) {
                    assertThat(JmsTest.text(consumer.receive(SOON))).isEqualTo(text);
                }
            }
            await().ignoreExceptions() // while a group has no leader
                    .atMost(Duration.ofMillis(SOON))
                    .until(() -> inDoubt().isEmpty());
            List<Queue> all = new ArrayList<>(outs);
            all.add(in);
            for (Queue queue : all) {
                try (MessageConsumer consumer = reader.createConsumer(queue)) {
                    assertThat(JmsTest.text(consumer.receiveNoWait())).isEqualTo("nothing");
                }
            }
        }
    }

    private List<String> inDoubt() {
        List<String> branches = new ArrayList<>();
        for (int slot = 0; slot < 3; slot++) {
            int group = slot;
            cluster.broker(slot).transactions().all().forEach(each -> branches.add(group + ": " + each));
        }
        return branches;
    }

    @Test
    void aCommitIsDoneInAllGroups() throws JMSException {
        try (MessageConsumer consumer = session.createConsumer(in)) {
            assertThat(transact(consumer)).isTrue();
        }
        assertDone(true);
    }

    @Test
    void aRollbackIsDoneInAllGroups() throws JMSException {
        JmsTest.send(outside.createSession(), in, 1, 1);
        try (MessageConsumer consumer = session.createConsumer(in)) {
            assertThat(JmsTest.text(consumer.receive(SOON))).isEqualTo("1");
            JmsTest.send(session, outs.get(0), 2, 2);
            session.rollback();
        }
        number = 1;
        assertDone(false);
    }

    @Test
    void whatOneGroupRefusesIsDoneInNone() throws JMSException {
        JmsTest.send(outside.createSession(), in, 1, 1);
        number = 1;
        try (MessageConsumer consumer = session.createConsumer(in)) {
            assertThat(JmsTest.text(consumer.receive(SOON))).isEqualTo("1");
            JmsTest.send(session, outs.get(0), 2, 2);
            session.createProducer(outs.get(1)).send(session.createTextMessage("x".repeat(5 << 20)));
            assertThatThrownBy(session::commit).isInstanceOf(TransactionRolledBackException.class);
        }
        assertDone(false);
    }

    /** A leader that is slow must not commit what others were told is given up. */
    @Test
    void aDecisionThatComesAfterTheTransactionWasGivenUpDoesNothing() throws Exception {
        CompletableFuture<Runnable> held = cluster.faults().holdDecision();
        CompletableFuture<Boolean> committed;
        try (MessageConsumer consumer = session.createConsumer(in)) {
            committed = CompletableFuture.supplyAsync(() -> {
                try {
                    return transact(consumer);
                } catch (JMSException e) {
                    throw new AssertionError(e);
                }
            });
            Runnable decide = held.get(SOON, TimeUnit.MILLISECONDS);
            await().atMost(Duration.ofMillis(SOON)).until(() -> inDoubt().isEmpty());

            decide.run();

            assertThat(committed.get(SOON, TimeUnit.MILLISECONDS)).isFalse();
        }
        assertDone(false);
    }

    @Test
    void streamsThatBreakAtAnyStep() throws JMSException {
        atEachStep(cluster::cut);
    }

    @Test
    void leadersThatChangeAtAnyStep() throws JMSException {
        atEachStep(slot -> {
            try {
                cluster.changeLeader(slot);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void gatewaysThatAreGoneAtAnyStep() throws JMSException {
        atEachStep(slot -> {
            try {
                cluster.changeGateway();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    private void atEachStep(IntConsumer fault) throws JMSException {
        int committed = 0;
        int rolledBack = 0;
        boolean struck = true;
        for (int step = 0; struck; step++) {
            cluster.faults().arm(step, fault);
            boolean done;
            try (MessageConsumer consumer = session.createConsumer(in)) {
                done = transact(consumer);
            }
            struck = cluster.faults().hasStruck();
            cluster.faults().disarm();
            committed += done ? 1 : 0;
            rolledBack += done ? 0 : 1;
            assertDone(done);
        }
        // Three ends, three prepares, a decision, two commits; and each has an answer.
        assertThat(committed + rolledBack).isGreaterThan(18);
        assertThat(committed).isGreaterThan(4);
        assertThat(rolledBack).isGreaterThan(11);
    }
}
