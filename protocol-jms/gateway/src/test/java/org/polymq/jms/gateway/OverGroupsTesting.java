/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A transaction that receives a number in one group and sends it to two others, broken at each of its steps. */
abstract class OverGroupsTesting {
    static final long SOON = 30_000;

    @TempDir
    Path directory;

    TestCluster cluster;
    Connection outside;
    Queue in;
    List<Queue> outs;
    int number;

    @BeforeEach
    void startCluster() throws IOException, JMSException {
        cluster = new TestCluster(directory);
        outside = cluster.factory().createConnection();
        outside.start();
        Session session = outside.createSession();
        in = session.createQueue(cluster.queueIn(0));
        outs = List.of(session.createQueue(cluster.queueIn(1)), session.createQueue(cluster.queueIn(2)));
        session.close();
    }

    @AfterEach
    void stopCluster() throws JMSException {
        outside.close();
        cluster.close();
    }

    /** Puts the next number into the first group. */
    void putNext() throws JMSException {
        number++;
        try (Session session = outside.createSession()) {
            JmsTest.send(session, in, number, number);
        }
    }

    /** The number is in both queues or, if not, where it came from; nothing is in doubt, and nothing there twice. */
    void assertDone(boolean committed) throws JMSException {
        String text = String.valueOf(number);
        List<Queue> there = committed ? outs : List.of(in);
        try (Session reader = outside.createSession()) {
            for (Queue queue : there) {
                try (MessageConsumer consumer = reader.createConsumer(queue)) {
                    assertThat(JmsTest.text(consumer.receive(SOON))).isEqualTo(text);
                }
            }
            awaitNoDoubt();
            List<Queue> all = new ArrayList<>(outs);
            all.add(in);
            for (Queue queue : all) {
                try (MessageConsumer consumer = reader.createConsumer(queue)) {
                    assertThat(JmsTest.text(consumer.receiveNoWait()))
                            .as("in %s after a transaction that was %s", queue, committed ? "done" : "not done")
                            .isEqualTo("nothing");
                }
            }
        }
    }

    /** Until no group has a branch that is prepared or remembered. */
    void awaitNoDoubt() {
        await().ignoreExceptions() // while a group has no leader
                .atMost(Duration.ofMillis(SOON))
                .until(() -> cluster.brokers().stream()
                        .allMatch(broker -> broker.transactions().all().isEmpty()));
    }

    // ---- what breaks

    void changeLeader(int slot) {
        try {
            cluster.changeLeader(slot);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    void changeGateway(int slot) {
        cluster.changeGateway();
    }

    /** Does the work once, and answers whether it says that it was committed. */
    interface Work {
        boolean run() throws Exception;
    }

    /** Repeats work, with a fault at another step each time, until there is no further step; answers the outcomes. */
    List<Boolean> atEachStep(IntConsumer fault, Work work) throws Exception {
        List<Boolean> outcomes = new ArrayList<>();
        boolean struck = true;
        for (int step = 0; struck; step++) {
            putNext();
            cluster.faults().arm(step, fault);
            boolean done = work.run();
            struck = cluster.faults().hasStruck();
            cluster.faults().disarm();
            outcomes.add(done);
            assertDone(done);
        }
        return outcomes;
    }
}
