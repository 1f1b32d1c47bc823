/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.Topic;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.junit.jupiter.api.Test;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.xa.BranchId;
import org.polymq.broker.xa.PreparedBranch;

/** Prepared branches outlive the broker; administrators may decide about them. */
class XaRecoveryTest extends XaTesting {
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

    private List<BranchId> branches() {
        return server.brokers().stream()
                .flatMap(broker -> broker.transactions().all().stream())
                .map(PreparedBranch::id)
                .toList();
    }

    private void complete(Id id, boolean commit) {
        AtomicBoolean done = new AtomicBoolean();
        // A transaction manager's branch is one in each group.
        server.brokers()
                .forEach(broker -> broker.transactions()
                        .complete(
                                id.core(), commit, Lane.direct(), Reply.<Done>of(ok -> done.set(true), refused -> {})));
        await().untilTrue(done);
    }

    @Test
    void anAdministratorCommitsAndTheManagerHearsOfIt() throws Exception {
        Id id = work(next());
        resource.prepare(id);
        assertThat(branches()).containsOnly(id.core());

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
        assertThat(branches()).isEmpty();
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
        server.brokerOf("other").topics().delete("other", Lane.direct(), Reply.of(done -> {}, refused -> {}));

        resource.commit(id, false);

        assertThat(receivable(connection.createSession(), out)).isEqualTo(1);
    }
}
