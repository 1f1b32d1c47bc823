/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.ra;

import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Session;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.ConnectionEvent;
import jakarta.resource.spi.ConnectionEventListener;
import jakarta.resource.spi.ConnectionRequestInfo;
import jakarta.resource.spi.LocalTransaction;
import jakarta.resource.spi.ManagedConnection;
import jakarta.resource.spi.ManagedConnectionMetaData;
import jakarta.resource.spi.ResourceAdapterInternalException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.security.auth.Subject;
import javax.transaction.xa.XAResource;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.PolyMQSessionContext;

/**
 * A connection of a server's pool, with one session that works for the transaction manager's branch, or for a local
 * transaction, or for neither: then it sends at once and acknowledges each message by itself. Safe from any thread.
 */
final class PolyMQManagedConnection implements ManagedConnection {
    private static final Logger LOG = Logger.getLogger(PolyMQManagedConnection.class.getName());

    private final PolyMQSessionContext physical;
    private final XAConnection connection;
    private final XASession session;
    private final Login login;
    private final LocalBranch local;
    private final Set<ConnectionHandle> handles = ConcurrentHashMap.newKeySet();
    private final List<ConnectionEventListener> listeners = new CopyOnWriteArrayList<>();
    private final AtomicBoolean errorTold = new AtomicBoolean();
    private volatile @Nullable PrintWriter logWriter;

    PolyMQManagedConnection(PolyMQSessionContext physical, Login login) throws ResourceException {
        this.physical = physical;
        this.login = login;
        this.connection = physical.getXAConnection();
        try {
            this.session = physical.getXASession();
            this.local = new LocalBranch(session.getXAResource());
            connection.setExceptionListener(this::failed);
        } catch (JMSException e) {
            throw new ResourceAdapterInternalException(e.getMessage(), e);
        }
    }

    XAConnection connection() {
        return connection;
    }

    Session session() {
        return session;
    }

    JMSContext context() {
        return physical;
    }

    void start() throws JMSException {
        connection.start();
    }

    /** Whether it is of use to this user. */
    boolean serves(Login wanted) {
        return login.equals(wanted) && !isLost();
    }

    /** Whether it is gone for good; one that the client is making again is not. */
    boolean isLost() {
        try {
            connection.getMetaData();
            return false;
        } catch (JMSException e) {
            return true;
        }
    }

    /** The client complains: about something that it did not wait for, or because the connection is lost. */
    private void failed(JMSException reason) {
        LOG.log(Level.WARNING, "a connection of the pool: {0}", reason.getMessage());
        if (isLost() && errorTold.compareAndSet(false, true)) {
            ConnectionEvent event = new ConnectionEvent(this, ConnectionEvent.CONNECTION_ERROR_OCCURRED, reason);
            listeners.forEach(listener -> listener.connectionErrorOccurred(event));
        }
    }

    /** A handle was closed by the application. */
    void closed(ConnectionHandle handle) {
        handles.remove(handle);
        ConnectionEvent event = new ConnectionEvent(this, ConnectionEvent.CONNECTION_CLOSED);
        event.setConnectionHandle(handle);
        listeners.forEach(listener -> listener.connectionClosed(event));
    }

    // ---- what the server calls

    @Override
    public Object getConnection(@Nullable Subject subject, @Nullable ConnectionRequestInfo info) {
        ConnectionHandle handle = new ConnectionHandle(this);
        handles.add(handle);
        return handle;
    }

    @Override
    public void associateConnection(Object connection) throws ResourceException {
        if (!(connection instanceof ConnectionHandle handle)) {
            throw new ResourceException("not a connection of PolyMQ: " + connection);
        }
        handle.moveTo(this);
        handles.add(handle);
    }

    /** Forgets a handle that is another connection's now. */
    void left(ConnectionHandle handle) {
        handles.remove(handle);
    }

    @Override
    public void cleanup() throws ResourceException {
        handles.forEach(ConnectionHandle::invalidate);
        handles.clear();
        if (isLost()) {
            throw new ResourceException("the connection to the broker is lost");
        }
        try {
            connection.stop();
        } catch (JMSException e) {
            throw new ResourceException(e.getMessage(), e);
        }
    }

    @Override
    public void destroy() throws ResourceException {
        handles.forEach(ConnectionHandle::invalidate);
        handles.clear();
        errorTold.set(true);
        try {
            physical.close();
        } catch (JMSRuntimeException e) {
            if (!isLost()) {
                throw new ResourceException(e.getMessage(), e);
            }
        }
    }

    @Override
    public void addConnectionEventListener(ConnectionEventListener listener) {
        listeners.add(listener);
    }

    @Override
    public void removeConnectionEventListener(ConnectionEventListener listener) {
        listeners.remove(listener);
    }

    @Override
    public XAResource getXAResource() {
        return session.getXAResource();
    }

    @Override
    public LocalTransaction getLocalTransaction() {
        return local;
    }

    @Override
    public ManagedConnectionMetaData getMetaData() {
        return new MetaData(login.user() == null ? "" : login.user());
    }

    @Override
    public void setLogWriter(@Nullable PrintWriter logWriter) {
        this.logWriter = logWriter;
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
        return logWriter;
    }

    /** What the server may show about the connection. */
    private record MetaData(String getUserName) implements ManagedConnectionMetaData {
        @Override
        public String getEISProductName() {
            return "PolyMQ";
        }

        @Override
        public String getEISProductVersion() {
            String version = MetaData.class.getPackage().getImplementationVersion();
            return version == null ? "" : version;
        }

        /** The broker sets the limit; 0 is none that is known here. */
        @Override
        public int getMaxConnections() {
            return 0;
        }
    }
}
