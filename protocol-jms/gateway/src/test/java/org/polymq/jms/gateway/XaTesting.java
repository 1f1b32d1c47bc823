/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.polymq.broker.xa.BranchId;

/** A session whose work a transaction manager coordinates, and two queues. */
abstract class XaTesting extends JmsTest {
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    XAConnection xa;
    XASession session;
    XAResource resource;
    Queue in;
    Queue out;

    record Id(int number, int branch) implements Xid {
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

    static Id next() {
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

    void restartAll() throws JMSException, IOException {
        xa.close();
        restart();
        open();
    }

    static void assertFails(int code, ThrowingCallable call) {
        XAException thrown = catchThrowableOfType(XAException.class, call);
        assertThat(thrown).isNotNull();
        assertThat(thrown.errorCode).as(thrown.getMessage()).isEqualTo(code);
    }

    static int receivable(Session session, Queue queue) throws JMSException {
        int count = 0;
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            while (consumer.receiveNoWait() != null) {
                count++;
            }
        }
        return count;
    }

    /** A branch that has consumed one message, 1, and sent one, 2. */
    Id work(Xid given) throws JMSException, XAException {
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
}
