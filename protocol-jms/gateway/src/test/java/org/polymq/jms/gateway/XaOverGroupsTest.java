/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Queue;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.polymq.broker.xa.BranchId;

/** Branches of transaction managers with work in several groups. */
class XaOverGroupsTest extends OverGroupsTesting {
    private XAConnection xa;
    private XASession session;
    private XAResource resource;

    @BeforeEach
    void start() throws JMSException {
        xa = cluster.xaFactory().createXAConnection();
        xa.start();
        session = xa.createXASession();
        resource = session.getXAResource();
    }

    @AfterEach
    void stop() throws JMSException {
        xa.close();
    }

    private Xid worked() throws JMSException, XAException {
        Xid id = XaTesting.next();
        try (MessageConsumer consumer = session.createConsumer(in)) {
            resource.start(id, XAResource.TMNOFLAGS);
            assertThat(JmsTest.text(consumer.receive(SOON))).isEqualTo(String.valueOf(number));
            for (Queue out : outs) {
                JmsTest.send(session, out, number, number);
            }
            resource.end(id, XAResource.TMSUCCESS);
        }
        return id;
    }

    @Test
    void commitsInTwoPhases() throws Exception {
        putNext();
        Xid id = worked();
        assertThat(resource.prepare(id)).isEqualTo(XAResource.XA_OK);
        assertThat(resource.recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN))
                .hasSize(1);
        resource.commit(id, false);
        assertDone(true);
    }

    @Test
    void commitsInOnePhase() throws Exception {
        putNext();
        resource.commit(worked(), true);
        assertDone(true);
    }

    @Test
    void rollsBackWhatIsPrepared() throws Exception {
        putNext();
        Xid id = worked();
        resource.prepare(id);
        resource.rollback(id);
        assertDone(false);
    }

    @Test
    void aBranchThatAGroupHasLostIsRolledBackInAll() throws Exception {
        putNext();
        Xid id = worked();
        xa.close();
        changeLeader(1);
        start();

        XaTesting.assertFails(XAException.XA_RBCOMMFAIL, () -> resource.prepare(id));

        assertDone(false);
    }

    @Test
    void aCommitIsRepeatedWhereItWasNotDone() throws Exception {
        putNext();
        Xid id = worked();
        resource.prepare(id);
        BranchId core = BranchId.of(id.getFormatId(), id.getGlobalTransactionId(), id.getBranchQualifier());
        assertThat(cluster.broker(0).transactions().all())
                .extracting(branch -> branch.id())
                .contains(core);
        XAConnection impatient = cluster.xaFactory("requestTimeout=500").createXAConnection();
        XAResource manager = impatient.createXASession().getXAResource();
        cluster.unlead(2);
        XaTesting.assertFails(XAException.XAER_RMFAIL, () -> manager.commit(id, false));
        cluster.lead(2);

        commitUntilDone(id);

        impatient.close();
        assertDone(true);
    }

    @Test
    void noTransactionManagerMayTouchTheClustersOwnBranches() {
        Xid own = new Xid() {
            @Override
            public int getFormatId() {
                return BranchId.OF_CLUSTER;
            }

            @Override
            public byte[] getGlobalTransactionId() {
                return new byte[] {1};
            }

            @Override
            public byte[] getBranchQualifier() {
                return new byte[] {1};
            }
        };
        XaTesting.assertFails(XAException.XAER_INVAL, () -> resource.start(own, XAResource.TMNOFLAGS));
        XaTesting.assertFails(XAException.XAER_INVAL, () -> resource.commit(own, false));
    }

    // ---- a transaction manager that does not give up

    @Test
    void streamsThatBreakAtAnyStep() throws Exception {
        assertBoth(atEachStep(cluster::cut, this::manage));
    }

    @Test
    void leadersThatChangeAtAnyStep() throws Exception {
        assertBoth(atEachStep(this::changeLeader, this::manage));
    }

    private static void assertBoth(List<Boolean> outcomes) {
        assertThat(outcomes).hasSizeGreaterThan(18).contains(true, false);
    }

    private boolean manage() throws Exception {
        Xid id;
        try {
            id = worked();
        } catch (XAException e) {
            return false; // Nothing was prepared: it is rolled back by itself.
        }
        try {
            resource.prepare(id);
        } catch (XAException e) {
            rollbackUntilDone(id);
            return false;
        }
        commitUntilDone(id);
        return true;
    }

    private void commitUntilDone(Xid id) {
        await().atMost(SOON, TimeUnit.MILLISECONDS).until(() -> isDone(() -> resource.commit(id, false)));
    }

    private void rollbackUntilDone(Xid id) {
        await().atMost(SOON, TimeUnit.MILLISECONDS).until(() -> isDone(() -> resource.rollback(id)));
    }

    private interface Step {
        void take() throws XAException;
    }

    /** Whether a last step is done, by this call or an earlier one; else its group was out of reach. */
    private static boolean isDone(Step step) {
        try {
            step.take();
            return true;
        } catch (XAException e) {
            if (e.errorCode == XAException.XAER_NOTA) {
                return true;
            }
            assertThat(e.errorCode).as(e.getMessage()).isEqualTo(XAException.XAER_RMFAIL);
            return false;
        }
    }
}
