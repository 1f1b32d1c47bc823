/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.TransactionInProgressRuntimeException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.transaction.xa.XAResource;

/** The simplified API over a session whose work a transaction manager coordinates. */
final class PolyMQXAContext extends PolyMQContext implements PolyMQSessionContext {
    private final PolyMQXAConnection connection;

    PolyMQXAContext(PolyMQXAConnection connection) {
        super(connection, new AtomicInteger(1), SESSION_TRANSACTED);
        this.connection = connection;
    }

    @Override
    PolyMQSession newSession(PolyMQConnection from, int wanted) throws JMSException {
        return connection.createXASession();
    }

    @Override
    public JMSContext getContext() {
        checkOpen();
        return this;
    }

    @Override
    public XAResource getXAResource() {
        return Errors.unchecked(() -> getXASession().getXAResource());
    }

    @Override
    public PolyMQXAConnection getXAConnection() {
        checkOpen();
        return connection;
    }

    @Override
    public PolyMQXASession getXASession() throws JMSException {
        return (PolyMQXASession) session();
    }

    @Override
    public void commit() {
        throw coordinated();
    }

    @Override
    public void rollback() {
        throw coordinated();
    }

    private RuntimeException coordinated() {
        checkOpen();
        return new TransactionInProgressRuntimeException(
                "the context's transaction is its transaction manager's to end");
    }
}
