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
import jakarta.jms.TransactionRolledBackException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Local transactions over several groups are done in all or in none, whatever breaks when. */
class CommitOverGroupsTest extends OverGroupsTesting {
    /** More attempts than any test needs. */
    private static final int ENOUGH = 1_000;

    private Connection connection;
    private Session session;

    @BeforeEach
    void start() throws JMSException {
        connection = cluster.factory().createConnection();
        connection.start();
        session = connection.createSession(Session.SESSION_TRANSACTED);
    }

    @AfterEach
    void stop() throws JMSException {
        connection.close();
    }

    /** Answers whether the commit says that it was done. */
    private boolean transact() throws JMSException {
        try (MessageConsumer consumer = session.createConsumer(in)) {
            assertThat(JmsTest.text(consumer.receive(SOON))).isEqualTo(String.valueOf(number));
            for (Queue out : outs) {
                JmsTest.send(session, out, number, number);
            }
            session.commit();
            return true;
        } catch (TransactionRolledBackException e) {
            return false;
        }
    }

    @Test
    void aCommitIsDoneInAllGroups() throws JMSException {
        putNext();
        assertThat(transact()).isTrue();
        assertDone(true);
    }

    @Test
    void aRollbackIsDoneInAllGroups() throws JMSException {
        putNext();
        try (MessageConsumer consumer = session.createConsumer(in)) {
            assertThat(JmsTest.text(consumer.receive(SOON))).isEqualTo("1");
            JmsTest.send(session, outs.get(0), 2, 2);
            session.rollback();
        }
        assertDone(false);
    }

    @Test
    void whatOneGroupRefusesIsDoneInNone() throws JMSException {
        putNext();
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
        putNext();
        CompletableFuture<Runnable> held = cluster.faults().holdDecision();
        CompletableFuture<Boolean> committed = CompletableFuture.supplyAsync(() -> {
            try {
                return transact();
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
        });
        Runnable decide = held.get(SOON, TimeUnit.MILLISECONDS);
        awaitNoDoubt();

        decide.run();

        assertThat(committed.get(SOON, TimeUnit.MILLISECONDS)).isFalse();
        assertDone(false);
    }

    @Test
    void streamsThatBreakAtAnyStep() throws Exception {
        everyStep(cluster::cut);
    }

    @Test
    void leadersThatChangeAtAnyStep() throws Exception {
        everyStep(this::changeLeader);
    }

    @Test
    void gatewaysThatAreGoneAtAnyStep() throws Exception {
        everyStep(this::changeGateway);
    }

    /** Three ends, three prepares, a decision and two commits, each with its answer; the decision is the eighth. */
    private void everyStep(IntConsumer fault) throws Exception {
        List<Boolean> outcomes = atEachStep(fault, this::transact);

        assertThat(outcomes).hasSizeGreaterThan(18);
        assertThat(outcomes.stream().filter(done -> done)).hasSizeGreaterThan(4);
        assertThat(outcomes.stream().filter(done -> !done)).hasSizeGreaterThan(9);
    }

    @Test
    void whatIsSentAfterACommitComesBehindItWhicheverLeaderChanges() throws Exception {
        boolean struck = true;
        for (int step = 0; struck; step++) {
            putNext();
            cluster.faults().arm(step, this::changeLeader);
            boolean done = transact();
            struck = cluster.faults().hasStruck();
            cluster.faults().disarm();
            if (done) {
                sendNothingMore();
                assertReceived(String.valueOf(number), "0");
            } else {
                assertDone(false);
            }
        }
    }

    @Test
    void whatIsGivenUpWithAStreamComesAgainInItsPlace() throws Exception {
        movesInOrder(cluster::cut);
    }

    @Test
    void whatIsGivenUpWithALeaderComesAgainInItsPlace() throws Exception {
        movesInOrder(this::changeLeader);
    }

    @Test
    void whatIsGivenUpWithAGatewayComesAgainInItsPlace() throws Exception {
        movesInOrder(this::changeGateway);
    }

    private void movesInOrder(IntConsumer fault) throws Exception {
        boolean struck = true;
        for (int step = 0; struck; step++) {
            putNext();
            putNext();
            cluster.faults().arm(step, fault);
            moveTwo();
            struck = cluster.faults().hasStruck();
            cluster.faults().disarm();
            assertReceived(String.valueOf(number - 1), String.valueOf(number));
        }
    }

    private void moveTwo() throws JMSException {
        try (MessageConsumer consumer = session.createConsumer(in)) {
            int moved = 0;
            for (int tries = 0; moved < 2; tries++) {
                assertThat(tries).as("commits").isLessThan(ENOUGH);
                String text = JmsTest.text(consumer.receive(SOON));
                for (Queue out : outs) {
                    session.createProducer(out).send(session.createTextMessage(text));
                }
                try {
                    session.commit();
                    moved++;
                } catch (TransactionRolledBackException e) {
                    // It comes again.
                }
            }
        }
    }

    private void sendNothingMore() throws JMSException {
        boolean committed = false;
        for (int tries = 0; !committed; tries++) {
            assertThat(tries).as("commits").isLessThan(ENOUGH);
            for (Queue out : outs) {
                JmsTest.send(session, out, 0, 0);
            }
            try {
                session.commit();
                committed = true;
            } catch (TransactionRolledBackException e) {
                // The change of the leader ended the connection only now.
            }
        }
    }

    private void assertReceived(String... texts) throws JMSException {
        try (Session reader = outside.createSession()) {
            for (Queue out : outs) {
                try (MessageConsumer consumer = reader.createConsumer(out)) {
                    for (String text : texts) {
                        assertThat(JmsTest.text(consumer.receive(SOON))).isEqualTo(text);
                    }
                }
            }
        }
    }

    @Test
    void messagesAreMovedOnceWhileEverythingBreaks() throws Exception {
        int count = 100;
        try (Session filling = outside.createSession()) {
            JmsTest.send(filling, in, 1, count);
        }
        AtomicInteger moved = new AtomicInteger();
        CompletableFuture<Void> moving = CompletableFuture.runAsync(() -> move(count, moved));
        for (int round = 0; round < 6; round++) {
            int enough = 10 + 14 * round;
            await().atMost(SOON, TimeUnit.MILLISECONDS).until(() -> moved.get() >= enough);
            switch (round % 3) {
                case 0 -> changeLeader(round / 3);
                case 1 -> changeGateway(0);
                default -> cluster.cut(1);
            }
        }
        moving.get(4 * SOON, TimeUnit.MILLISECONDS);

        try (Session reading = outside.createSession();
                MessageConsumer consumer = reading.createConsumer(outs.get(0))) {
            assertThat(JmsTest.receive(consumer, count)).containsExactlyElementsOf(JmsTest.numbers(1, count));
            assertThat(consumer.receiveNoWait()).isNull();
        }
        awaitNoDoubt();
    }

    private void move(int count, AtomicInteger moved) {
        try (MessageConsumer consumer = session.createConsumer(in);
                MessageProducer producer = session.createProducer(outs.get(0))) {
            for (int tries = 0; moved.get() < count; tries++) {
                assertThat(tries).as("commits").isLessThan(ENOUGH);
                producer.send(session.createTextMessage(JmsTest.text(consumer.receive(SOON))));
                try {
                    session.commit();
                    moved.incrementAndGet();
                } catch (TransactionRolledBackException e) {
                    // It comes again.
                }
            }
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }
}
