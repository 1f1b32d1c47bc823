/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.XAConnection;
import jakarta.jms.XAJMSContext;
import jakarta.jms.XAQueueConnection;
import jakarta.jms.XASession;
import java.util.concurrent.atomic.AtomicInteger;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import org.junit.jupiter.api.Test;

/** The broker as a resource manager (X/Open XA, chapter 3; JTA XAResource): outcomes, and several branches at once. */
class XaTest extends XaTesting {
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
