/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.Topic;
import jakarta.jms.TransactionInProgressException;
import jakarta.jms.XAConnection;
import jakarta.jms.XAJMSContext;
import jakarta.jms.XAQueueConnection;
import jakarta.jms.XASession;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.xa.BranchId;
import org.polymq.broker.xa.PreparedBranch;

/** The broker as a resource manager (X/Open XA, chapter 3; JTA XAResource). */
class XaTest extends JmsTest {
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    private XAConnection xa;
    private XASession session;
    private XAResource resource;
    private Queue in;
    private Queue out;

    private record Id(int number, int branch) implements Xid {
        @Override
        public int getFormatId() {
            return 7;
        }

        @Override
        public byte[] getGlobalTransactionId() {
            return ByteBuffer.allocate(4).putInt(number).array();
        }

        @Override
        public byte[] getBranchQualifier() {
            return ByteBuffer.allocate(4).putInt(branch).array();
        }

        BranchId core() {
            return BranchId.of(getFormatId(), getGlobalTransactionId(), getBranchQualifier());
        }
    }

    private static Id next() {
        return new Id(NUMBERS.incrementAndGet(), 1);
    }

    @BeforeEach
    void open() throws JMSException {
        xa = server.xaFactory().createXAConnection();
        xa.start();
        session = xa.createXASession();
        resource = session.getXAResource();
        in = session.createQueue("in");
        out = session.createQueue("out");
    }

    @AfterEach
    void close() throws JMSException {
        xa.close();
    }

    private void restartAll() throws JMSException, IOException {
        xa.close();
        restart();
        open();
    }

    private static void assertFails(int code, ThrowingCallable call) {
        XAException thrown = catchThrowableOfType(XAException.class, call);
        assertThat(thrown).isNotNull();
        assertThat(thrown.errorCode).as(thrown.getMessage()).isEqualTo(code);
    }

    private static int receivable(Session session, Queue queue) throws JMSException {
        int count = 0;
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            while (consumer.receiveNoWait() != null) {
                count++;
            }
        }
        return count;
    }

    /** A branch that has consumed one message, 1, and sent one, 2. */
    private Id work(Xid given) throws JMSException, XAException {
        Id id = (Id) given;
        send(connection.createSession(), in, 1, 1);
        MessageConsumer consumer = session.createConsumer(in);
        resource.start(id, XAResource.TMNOFLAGS);
        assertThat(receive(consumer, 1)).isEqualTo(numbers(1, 1));
        send(session, out, 2, 2);
        resource.end(id, XAResource.TMSUCCESS);
        consumer.close();
        return id;
    }

    // ---- outcomes

    @Test
    void commitsInTwoPhases() throws Exception {
        Id id = work(next());
        Session outside = connection.createSession();

        assertThat(resource.prepare(id)).isEqualTo(XAResource.XA_OK);
        assertThat(receivable(outside, in)).isZero();
        assertThat(receivable(outside, out)).isZero();
        assertThat(resource.recover(XAResource.TMSTARTRSCAN)).hasSize(1);
        resource.commit(id, false);

        assertThat(receivable(outside, in)).isZero();
        assertThat(receive(outside.createConsumer(out), 1)).isEqualTo(numbers(2, 2));
        assertThat(resource.recover(XAResource.TMSTARTRSCAN)).isEmpty();
        assertFails(XAException.XAER_NOTA, () -> resource.commit(id, false));
    }

    @Test
    void commitsInOnePhase() throws Exception {
        Id id = work(next());

        resource.commit(id, true);

        Session outside = connection.createSession();
        assertThat(receivable(outside, in)).isZero();
        assertThat(receivable(outside, out)).isEqualTo(1);
        assertThat(resource.recover(XAResource.TMSTARTRSCAN)).isEmpty();
    }

    @Test
    void rollsBackWhatIsNotPrepared() throws Exception {
        Id id = work(next());

        resource.rollback(id);

        Session outside = connection.createSession();
        assertThat(receivable(outside, out)).isZero();
        Message again = one(outside.createConsumer(in));
        assertThat(text(again)).isEqualTo("1");
        assertThat(again.getJMSRedelivered()).isTrue();
        assertThat(again.getIntProperty("JMSXDeliveryCount")).isEqualTo(2);
    }

    @Test
    void rollsBackWhatIsPrepared() throws Exception {
        Id id = work(next());
        resource.prepare(id);

        resource.rollback(id);

        Session outside = connection.createSession();
        assertThat(receivable(outside, out)).isZero();
        Message again = one(outside.createConsumer(in));
        assertThat(text(again)).isEqualTo("1");
        assertThat(again.getIntProperty("JMSXDeliveryCount")).isEqualTo(2);
        assertFails(XAException.XAER_NOTA, () -> resource.rollback(id));
    }

    @Test
    void aRollbackReturnsMessagesBeforeThosePrefetched() throws Exception {
        send(connection.createSession(), in, 1, 5);
        MessageConsumer consumer = session.createConsumer(in);
        Id id = next();
        resource.start(id, XAResource.TMNOFLAGS);
        receive(consumer, 2);
        resource.end(id, XAResource.TMSUCCESS);
        resource.prepare(id);

        resource.rollback(id);

        for (int i = 1; i <= 5; i++) {
            Message message = one(consumer);
            assertThat(text(message)).isEqualTo(String.valueOf(i));
            assertThat(message.getIntProperty("JMSXDeliveryCount")).isEqualTo(i <= 2 ? 2 : 1);
        }
    }

    @Test
    void aBranchWithoutWorkIsReadOnly() throws Exception {
        Id id = next();
        resource.start(id, XAResource.TMNOFLAGS);
        resource.end(id, XAResource.TMSUCCESS);

        assertThat(resource.prepare(id)).isEqualTo(XAResource.XA_RDONLY);

        assertFails(XAException.XAER_NOTA, () -> resource.commit(id, false));
    }

    @Test
    void aFailedBranchCanOnlyBeRolledBack() throws Exception {
        send(connection.createSession(), in, 1, 1);
        MessageConsumer consumer = session.createConsumer(in);
        Id id = next();
        resource.start(id, XAResource.TMNOFLAGS);
        receive(consumer, 1);
        send(session, out, 2, 2);
        resource.end(id, XAResource.TMFAIL);

        assertFails(XAException.XA_RBROLLBACK, () -> resource.prepare(id));

        assertThat(receive(consumer, 1)).isEqualTo(numbers(1, 1));
        assertThat(receivable(connection.createSession(), out)).isZero();
    }

    // ---- several at once

    @Test
    void twoSessionsJoinOneBranch() throws Exception {
        XASession second = xa.createXASession();
        Id id = next();
        resource.start(id, XAResource.TMNOFLAGS);
        second.getXAResource().start(id, XAResource.TMJOIN);
        send(session, out, 1, 1);
        send(second, out, 2, 2);
        resource.end(id, XAResource.TMSUCCESS);
        assertFails(XAException.XAER_PROTO, () -> resource.prepare(id));
        second.getXAResource().end(id, XAResource.TMSUCCESS);

        resource.prepare(id);
        second.getXAResource().commit(id, false);

        assertThat(receive(connection.createSession().createConsumer(out), 2)).isEqualTo(numbers(1, 2));
        assertThat(resource.isSameRM(second.getXAResource())).isTrue();
    }

    @Test
    void oneSessionWorksForSeveralBranchesInTurn() throws Exception {
        Id first = next();
        Id second = next();
        resource.start(first, XAResource.TMNOFLAGS);
        send(session, out, 1, 1);
        resource.end(first, XAResource.TMSUSPEND);
        resource.start(second, XAResource.TMNOFLAGS);
        send(session, out, 9, 9);
        resource.end(second, XAResource.TMSUCCESS);
        resource.start(first, XAResource.TMRESUME);
        send(session, out, 2, 2);
        resource.end(first, XAResource.TMSUCCESS);

        resource.rollback(second);
        resource.commit(first, true);

        assertThat(receive(connection.createSession().createConsumer(out), 2)).isEqualTo(numbers(1, 2));
        assertThat(receivable(connection.createSession(), out)).isZero();
    }

    @Test
    void aSuspendedBranchMayBeEnded() throws Exception {
        Id id = next();
        resource.start(id, XAResource.TMNOFLAGS);
        send(session, out, 1, 1);
        resource.end(id, XAResource.TMSUSPEND);
        assertFails(XAException.XAER_PROTO, () -> resource.prepare(id));
        resource.end(id, XAResource.TMSUCCESS);

        resource.prepare(id);
        resource.commit(id, false);

        assertThat(receivable(connection.createSession(), out)).isEqualTo(1);
    }

    @Test
    void aSessionWithoutBranchSendsAndAcknowledgesAtOnce() throws JMSException {
        send(session, in, 1, 2);
        MessageConsumer consumer = session.createConsumer(in);

        receive(consumer, 1);
        session.close();

        assertThat(receivable(connection.createSession(), in)).isEqualTo(1);
    }

    @Test
    void aBranchOutlivesItsClosedConnection() throws Exception {
        Id id;
        try (XAConnection other = server.xaFactory().createXAConnection()) {
            other.start();
            XASession closed = other.createXASession();
            send(connection.createSession(), in, 1, 1);
            MessageConsumer consumer = closed.createConsumer(in);
            id = next();
            closed.getXAResource().start(id, XAResource.TMNOFLAGS);
            receive(consumer, 1);
            send(closed, out, 2, 2);
            closed.close();
            closed.getXAResource().end(id, XAResource.TMSUCCESS);
        }
        Session outside = connection.createSession();
        assertThat(receivable(outside, in)).isZero();

        resource.prepare(id);
        resource.commit(id, false);

        assertThat(receivable(outside, in)).isZero();
        assertThat(receivable(outside, out)).isEqualTo(1);
    }

    // ---- errors

    @Test
    void refusesCallsThatDoNotFitTheBranchsState() throws Exception {
        Id id = next();
        assertFails(XAException.XAER_NOTA, () -> resource.end(id, XAResource.TMSUCCESS));
        assertFails(XAException.XAER_NOTA, () -> resource.prepare(id));
        assertFails(XAException.XAER_NOTA, () -> resource.commit(id, true));
        assertFails(XAException.XAER_NOTA, () -> resource.commit(id, false));
        assertFails(XAException.XAER_NOTA, () -> resource.rollback(id));
        assertFails(XAException.XAER_NOTA, () -> resource.forget(id));
        assertFails(XAException.XAER_NOTA, () -> resource.start(id, XAResource.TMJOIN));
        assertFails(XAException.XAER_NOTA, () -> resource.start(id, XAResource.TMRESUME));
        assertFails(XAException.XAER_INVAL, () -> resource.start(id, XAResource.TMFAIL));
        assertFails(XAException.XAER_INVAL, () -> resource.end(id, XAResource.TMJOIN));
        assertFails(XAException.XAER_INVAL, () -> resource.recover(XAResource.TMJOIN));
        resource.start(id, XAResource.TMNOFLAGS);
        assertFails(XAException.XAER_PROTO, () -> resource.start(next(), XAResource.TMNOFLAGS));
        XAResource other = xa.createXASession().getXAResource();
        assertFails(XAException.XAER_DUPID, () -> other.start(id, XAResource.TMNOFLAGS));
        assertFails(XAException.XAER_PROTO, () -> other.start(id, XAResource.TMRESUME));
        assertFails(XAException.XAER_PROTO, () -> other.end(id, XAResource.TMSUCCESS));
        assertFails(XAException.XAER_PROTO, () -> resource.prepare(id));
        assertFails(XAException.XAER_PROTO, () -> resource.commit(id, true));
        assertFails(XAException.XAER_PROTO, () -> resource.commit(id, false));
        send(session, out, 1, 1);
        resource.end(id, XAResource.TMSUCCESS);
        resource.prepare(id);
        assertFails(XAException.XAER_PROTO, () -> resource.prepare(id));
        assertFails(XAException.XAER_PROTO, () -> resource.commit(id, true));
        assertFails(XAException.XAER_PROTO, () -> resource.forget(id));
        assertFails(XAException.XAER_DUPID, () -> resource.start(id, XAResource.TMNOFLAGS));
        resource.commit(id, false);
    }

    @Test
    void theSessionsOwnTransactionCallsAreRefused() {
        assertThatThrownBy(session::commit).isInstanceOf(TransactionInProgressException.class);
        assertThatThrownBy(session::rollback).isInstanceOf(TransactionInProgressException.class);
        assertThatThrownBy(session::recover).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void rollsBackABranchWhoseTimeIsOver() throws Exception {
        send(connection.createSession(), in, 1, 1);
        MessageConsumer consumer = session.createConsumer(in);
        assertThat(resource.setTransactionTimeout(1)).isTrue();
        assertThat(resource.getTransactionTimeout()).isEqualTo(1);
        Id id = next();
        resource.start(id, XAResource.TMNOFLAGS);
        receive(consumer, 1);
        send(session, out, 2, 2);
        resource.end(id, XAResource.TMSUCCESS);
        consumer.close();

        assertThat(receive(connection.createSession().createConsumer(in), 1)).isEqualTo(numbers(1, 1));
        assertFails(XAException.XA_RBTIMEOUT, () -> resource.prepare(id));
        assertThat(receivable(connection.createSession(), out)).isZero();
    }

    @Test
    void rollsBackWhatIsNotPreparedWhenTheBrokerStops() throws Exception {
        Id id = work(next());

        restartAll();

        assertFails(XAException.XAER_NOTA, () -> resource.prepare(id));
        assertThat(receivable(connection.createSession(), in)).isEqualTo(1);
        assertThat(receivable(connection.createSession(), out)).isZero();
    }

    // ---- recovery

    @Test
    void aPreparedBranchSurvivesARestartAndCommits() throws Exception {
        Id id = work(next());
        resource.prepare(id);

        restartAll();

        Session outside = connection.createSession();
        assertThat(receivable(outside, in)).isZero();
        assertThat(receivable(outside, out)).isZero();
        Xid[] found = resource.recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN);
        assertThat(found).hasSize(1);
        assertThat(found[0].getFormatId()).isEqualTo(7);
        assertThat(found[0].getGlobalTransactionId()).isEqualTo(id.getGlobalTransactionId());
        assertThat(found[0].getBranchQualifier()).isEqualTo(id.getBranchQualifier());
        assertThat(resource.recover(XAResource.TMNOFLAGS)).isEmpty();
        assertThat(resource.recover(XAResource.TMENDRSCAN)).isEmpty();
        resource.commit(found[0], false);
        assertThat(receivable(outside, in)).isZero();
        assertThat(receivable(outside, out)).isEqualTo(1);
        assertThat(resource.recover(XAResource.TMSTARTRSCAN)).isEmpty();

        restartAll();

        assertThat(receivable(connection.createSession(), in)).isZero();
        assertThat(resource.recover(XAResource.TMSTARTRSCAN)).isEmpty();
    }

    @Test
    void aPreparedBranchSurvivesARestartAndRollsBack() throws Exception {
        send(connection.createSession(), in, 1, 3);
        MessageConsumer consumer = session.createConsumer(in);
        Id id = next();
        resource.start(id, XAResource.TMNOFLAGS);
        receive(consumer, 2);
        send(session, out, 9, 9);
        resource.end(id, XAResource.TMSUCCESS);
        resource.prepare(id);
        restartAll();
        MessageConsumer waiting =
                connection.createSession(Session.CLIENT_ACKNOWLEDGE).createConsumer(in);
        assertThat(receive(waiting, 1)).isEqualTo(numbers(3, 3));

        resource.rollback(id);

        for (int i = 1; i <= 2; i++) {
            Message message = one(waiting);
            assertThat(text(message)).isEqualTo(String.valueOf(i));
            assertThat(message.getIntProperty("JMSXDeliveryCount")).isEqualTo(2);
        }
        assertThat(receivable(connection.createSession(), out)).isZero();
    }

    @Test
    void locksMessagesOfDurableSubscriptionsToo() throws Exception {
        Topic topic = session.createTopic("news");
        MessageConsumer subscriber = session.createSharedDurableConsumer(topic, "s");
        send(connection.createSession(), topic, 1, 2);
        Id id = next();
        resource.start(id, XAResource.TMNOFLAGS);
        receive(subscriber, 1);
        resource.end(id, XAResource.TMSUCCESS);
        resource.prepare(id);
        restartAll();
        MessageConsumer again = connection.createSession().createSharedDurableConsumer(topic, "s");
        assertThat(receive(again, 1)).isEqualTo(numbers(2, 2));
        assertThat(again.receiveNoWait()).isNull();

        resource.rollback(id);

        assertThat(receive(again, 1)).isEqualTo(numbers(1, 1));
    }

    @Test
    void aBrowserDoesNotShowWhatIsPreparedOnly() throws Exception {
        Id id = work(next());
        resource.prepare(id);

        try (QueueBrowser browser = connection.createSession().createBrowser(out)) {
            assertThat(browser.getEnumeration().hasMoreElements()).isFalse();
        }
        resource.commit(id, false);
        try (QueueBrowser browser = connection.createSession().createBrowser(out)) {
            assertThat(browser.getEnumeration().hasMoreElements()).isTrue();
        }
    }

    @Test
    void aDelayedMessageOfABranchWaitsBehindItsCommit() throws Exception {
        Id id = next();
        resource.start(id, XAResource.TMNOFLAGS);
        try (MessageProducer producer = session.createProducer(out)) {
            producer.setDeliveryDelay(1_000);
            producer.send(session.createTextMessage("1"));
        }
        resource.end(id, XAResource.TMSUCCESS);
        resource.prepare(id);

        resource.commit(id, false);

        assertThat(receive(connection.createSession().createConsumer(out), 1)).isEqualTo(numbers(1, 1));
    }

    @Test
    void aMessageThatIsTooLargeDoomsItsBranch() throws Exception {
        byte[] large = new byte[6 << 20];
        Arrays.fill(large, (byte) 5);
        Id id = next();
        resource.start(id, XAResource.TMNOFLAGS);
        try (MessageProducer producer = session.createProducer(out)) {
            var message = session.createBytesMessage();
            message.writeBytes(large);
            assertThatThrownBy(() -> {
                        producer.send(message);
                        resource.end(id, XAResource.TMSUCCESS);
                    })
                    .isInstanceOf(XAException.class); // this broker takes 4 MB
        }
        assertFails(XAException.XA_RBROLLBACK, () -> resource.prepare(id));
    }

    @Test
    void messagesToTemporaryQueuesComeWithTheCommit() throws Exception {
        Session outside = connection.createSession();
        TemporaryQueue replies = outside.createTemporaryQueue();
        MessageConsumer consumer = outside.createConsumer(replies);
        Id id = next();
        resource.start(id, XAResource.TMNOFLAGS);
        send(session, replies, 1, 1);
        resource.end(id, XAResource.TMSUCCESS);
        assertThat(resource.prepare(id)).isEqualTo(XAResource.XA_OK);
        assertThat(consumer.receiveNoWait()).isNull();

        resource.commit(id, false);

        assertThat(receive(consumer, 1)).isEqualTo(numbers(1, 1));
    }

    // ---- administrators

    private void complete(Id id, boolean commit) {
        AtomicBoolean done = new AtomicBoolean();
        server.broker()
                .transactions()
                .complete(id.core(), commit, Lane.direct(), Reply.<Done>of(ok -> done.set(true), refused -> {}));
        await().untilTrue(done);
    }

    @Test
    void anAdministratorCommitsAndTheManagerHearsOfIt() throws Exception {
        Id id = work(next());
        resource.prepare(id);
        assertThat(server.broker().transactions().all())
                .extracting(PreparedBranch::id)
                .containsExactly(id.core());

        complete(id, true);

        assertThat(receivable(connection.createSession(), out)).isEqualTo(1);
        restartAll();
        assertThat(resource.recover(XAResource.TMSTARTRSCAN)).hasSize(1);
        assertFails(XAException.XA_HEURCOM, () -> resource.commit(id, false));
        assertFails(XAException.XA_HEURCOM, () -> resource.rollback(id));
        resource.forget(id);
        assertThat(resource.recover(XAResource.TMSTARTRSCAN)).isEmpty();
        assertFails(XAException.XAER_NOTA, () -> resource.forget(id));
    }

    @Test
    void anAdministratorRollsBackAndTheManagerHearsOfIt() throws Exception {
        Id id = work(next());
        resource.prepare(id);

        complete(id, false);

        assertThat(receivable(connection.createSession(), in)).isEqualTo(1);
        assertFails(XAException.XA_HEURRB, () -> resource.commit(id, false));
        resource.forget(id);
        assertThat(server.broker().transactions().all()).isEmpty();
    }

    @Test
    void theMessagesOfADeletedQueueDoNotStopACommit() throws Exception {
        Queue other = session.createQueue("other");
        Id id = next();
        resource.start(id, XAResource.TMNOFLAGS);
        send(session, other, 1, 1);
        send(session, out, 2, 2);
        resource.end(id, XAResource.TMSUCCESS);
        resource.prepare(id);
        server.broker().topics().delete("other", Lane.direct(), Reply.of(done -> {}, refused -> {}));

        resource.commit(id, false);

        assertThat(receivable(connection.createSession(), out)).isEqualTo(1);
    }

    // ---- the other ways in

    @Test
    void aContextTakesPartInTransactions() throws Exception {
        try (XAJMSContext context = server.xaFactory().createXAContext()) {
            Id id = next();
            context.getXAResource().start(id, XAResource.TMNOFLAGS);
            context.createProducer().send(out, "1");
            context.getXAResource().end(id, XAResource.TMSUCCESS);
            assertThat(receivable(connection.createSession(), out)).isZero();

            context.getXAResource().commit(id, true);

            assertThat(receivable(connection.createSession(), out)).isEqualTo(1);
            assertThat(context.getContext().getTransacted()).isTrue();
        }
    }

    @Test
    void theClassicQueueVariantWorksToo() throws Exception {
        try (XAQueueConnection queues = server.xaFactory().createXAQueueConnection()) {
            var queueSession = queues.createXAQueueSession();
            Id id = next();
            queueSession.getXAResource().start(id, XAResource.TMNOFLAGS);
            queueSession.getQueueSession().createSender(out).send(queueSession.createTextMessage("1"));
            queueSession.getXAResource().end(id, XAResource.TMSUCCESS);
            queueSession.getXAResource().commit(id, true);
        }

        assertThat(receivable(connection.createSession(), out)).isEqualTo(1);
    }

    @Test
    void aListenerThatStartsABranchHasItsMessageInIt() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        MessageConsumer consumer = session.createConsumer(in);
        consumer.setMessageListener(message -> {
            try {
                Id id = next();
                resource.start(id, XAResource.TMNOFLAGS);
                send(session, out, 1, 1);
                resource.end(id, XAResource.TMSUCCESS);
                if (calls.incrementAndGet() == 1) {
                    resource.rollback(id);
                } else {
                    resource.prepare(id);
                    resource.commit(id, false);
                }
            } catch (JMSException | XAException e) {
                throw new IllegalArgumentException(e);
            }
        });
        send(connection.createSession(), in, 1, 1);

        await().until(() -> calls.get() == 2);
        consumer.close();
        assertThat(receivable(connection.createSession(), out)).isEqualTo(1);
        assertThat(receivable(connection.createSession(), in)).isZero();
    }
}
