/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.BytesMessage;
import jakarta.jms.IllegalStateException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.TransactionInProgressException;
import java.time.Duration;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.polymq.broker.xa.XaAnswer;
import org.polymq.broker.xa.XaTransactions;

/** What the state of a branch does not allow, and how far a branch may go. */
class XaErrorTest extends XaTesting {
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
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // Without an answer it spins.
    void aClosedConnectionIsToldNoDecision() throws Exception {
        Id id = work(next());
        resource.prepare(id);

        xa.close();
        assertFails(XAException.XAER_RMFAIL, () -> resource.recover(XAResource.TMSTARTRSCAN));
        assertFails(XAException.XAER_RMFAIL, () -> resource.commit(id, false));

        open();
        resource.commit(id, false);
        assertThat(receivable(connection.createSession(), out)).isEqualTo(1);
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

    @Test
    void aSessionsWorkForABranchHasALimit() throws Exception {
        Id id = next();
        resource.start(id, XAResource.TMNOFLAGS);
        try (MessageProducer producer = session.createProducer(out)) {
            for (int i = 0; i < 33; i++) {
                BytesMessage message = session.createBytesMessage();
                message.writeBytes(new byte[2 << 20]);
                producer.send(message);
            }
        }

        assertThatThrownBy(() -> resource.end(id, XAResource.TMSUCCESS))
                .isInstanceOf(XAException.class)
                .hasMessageContaining(String.valueOf(64 << 20));
        assertFails(XAException.XA_RBROLLBACK, () -> resource.prepare(id));
        Id after = work(next());
        assertThat(resource.prepare(after)).isEqualTo(XAResource.XA_OK);
        resource.commit(after, false);
        assertThat(receivable(connection.createSession(), out)).isEqualTo(1);
    }

    @Test
    void aBrokerHasSoManyBranchesThatAreNotPrepared() throws Exception {
        for (int i = 0; i < 100_000; i++) {
            XaAnswer answer = server.broker()
                    .transactions()
                    .start(new Id(i, 2).core(), this, XaTransactions.Start.NEW, "nobody", Duration.ZERO);
            assertThat(answer).isEqualTo(XaAnswer.OK);
        }

        assertFails(XAException.XAER_RMERR, () -> resource.start(next(), XAResource.TMNOFLAGS));
    }

    @Test
    void aBranchsNameHasTheLengthsOfTheSpecification() {
        Xid tooLong = new Xid() {
            @Override
            public int getFormatId() {
                return 7;
            }

            @Override
            public byte[] getGlobalTransactionId() {
                return new byte[Xid.MAXGTRIDSIZE + 1];
            }

            @Override
            public byte[] getBranchQualifier() {
                return new byte[1];
            }
        };

        assertFails(XAException.XAER_INVAL, () -> resource.start(tooLong, XAResource.TMNOFLAGS));
    }
}
