/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.ra;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.ConnectionEvent;
import jakarta.resource.spi.ConnectionEventListener;
import jakarta.resource.spi.ConnectionManager;
import jakarta.resource.spi.ConnectionRequestInfo;
import jakarta.resource.spi.ManagedConnection;
import jakarta.resource.spi.ManagedConnectionFactory;
import jakarta.transaction.RollbackException;
import jakarta.transaction.Synchronization;
import jakarta.transaction.SystemException;
import jakarta.transaction.Transaction;
import jakarta.transaction.TransactionManager;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A server's pool: enlists in the thread's transaction, keeps what is given back, throws away what fails. */
final class Pool implements ConnectionManager, ConnectionEventListener {
    private static final long serialVersionUID = 1L;

    private final transient TransactionManager transactions;
    private final transient Set<ManagedConnection> idle = new HashSet<>(); // guarded by this
    private final transient Set<ManagedConnection> inTransaction = new HashSet<>(); // guarded by this
    private int made;
    private int failed;

    Pool(TransactionManager transactions) {
        this.transactions = transactions;
    }

    @Override
    public synchronized Object allocateConnection(ManagedConnectionFactory factory, ConnectionRequestInfo info)
            throws ResourceException {
        ManagedConnection connection = factory.matchManagedConnections(idle, null, info);
        if (connection == null) {
            connection = factory.createManagedConnection(null, info);
            connection.addConnectionEventListener(this);
            made++;
        }
        idle.remove(connection);
        enlist(connection);
        return connection.getConnection(null, info);
    }

    private void enlist(ManagedConnection connection) throws ResourceException {
        try {
            Transaction transaction = transactions.getTransaction();
            if (transaction != null) {
                transaction.enlistResource(connection.getXAResource());
                inTransaction.add(connection);
                transaction.registerSynchronization(new Synchronization() {
                    @Override
                    public void beforeCompletion() {}

                    @Override
                    public void afterCompletion(int status) {
                        giveBack(connection);
                    }
                });
            }
        } catch (SystemException | RollbackException e) {
            throw new ResourceException(e);
        }
    }

    private synchronized void giveBack(ManagedConnection connection) {
        inTransaction.remove(connection);
        try {
            connection.cleanup();
            idle.add(connection);
        } catch (ResourceException e) {
            failed++;
        }
    }

    @Override
    public synchronized void connectionClosed(ConnectionEvent event) {
        ManagedConnection connection = (ManagedConnection) event.getSource();
        if (!inTransaction.contains(connection)) {
            giveBack(connection);
        }
    }

    @Override
    public synchronized void connectionErrorOccurred(ConnectionEvent event) {
        failed++;
        idle.remove((ManagedConnection) event.getSource());
    }

    @Override
    public void localTransactionStarted(ConnectionEvent event) {}

    @Override
    public void localTransactionCommitted(ConnectionEvent event) {}

    @Override
    public void localTransactionRolledback(ConnectionEvent event) {}

    /** How many connections were made. */
    synchronized int made() {
        return made;
    }

    /** How many told that they are lost. */
    synchronized int failed() {
        return failed;
    }

    synchronized List<ManagedConnection> idle() {
        return new ArrayList<>(idle);
    }

    /** Ends the connections that are in it. */
    void close() throws ResourceException {
        for (ManagedConnection connection : idle()) {
            connection.destroy();
        }
    }
}
