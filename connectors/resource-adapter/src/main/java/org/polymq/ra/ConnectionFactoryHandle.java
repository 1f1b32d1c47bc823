/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.ra;

import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.JMSSecurityRuntimeException;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueConnectionFactory;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicConnectionFactory;
import jakarta.resource.Referenceable;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.ConnectionManager;
import jakarta.resource.spi.SecurityException;
import java.io.Serializable;
import javax.naming.Reference;
import org.jspecify.annotations.Nullable;
import org.polymq.ra.ConnectionHandle.Domain;

/** The connection factory that applications look up: each connection comes from the server's pool. */
final class ConnectionFactoryHandle
        implements ConnectionFactory, QueueConnectionFactory, TopicConnectionFactory, Serializable, Referenceable {
    private static final long serialVersionUID = 1L;

    private final PolyMQManagedConnectionFactory factory;
    private final ConnectionManager connections;
    private @Nullable Reference reference;

    ConnectionFactoryHandle(PolyMQManagedConnectionFactory factory, ConnectionManager connections) {
        this.factory = factory;
        this.connections = connections;
    }

    /** Settings in force, for beans whose activation names this factory. */
    Target target() {
        return factory.target();
    }

    private ConnectionHandle allocate(Login login, Domain domain) throws JMSException {
        try {
            ConnectionHandle handle = (ConnectionHandle) connections.allocateConnection(factory, login);
            handle.limitTo(domain);
            return handle;
        } catch (ResourceException e) {
            throw failure(e);
        }
    }

    /** The server's complaint as JMS has it; what the JMS client said is its cause. */
    private static JMSException failure(ResourceException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof JMSSecurityException
                    || cause instanceof JMSSecurityRuntimeException
                    || cause instanceof SecurityException) {
                return linked(new JMSSecurityException(cause.getMessage(), e.getErrorCode()), e);
            }
        }
        return linked(new JMSException("no connection: " + e.getMessage(), e.getErrorCode()), e);
    }

    private static JMSException linked(JMSException failure, Exception cause) {
        failure.initCause(cause);
        failure.setLinkedException(cause);
        return failure;
    }

    @Override
    public ConnectionHandle createConnection() throws JMSException {
        return allocate(Login.NONE, Domain.ANY);
    }

    @Override
    public ConnectionHandle createConnection(@Nullable String user, @Nullable String password) throws JMSException {
        return allocate(new Login(user, password), Domain.ANY);
    }

    @Override
    public QueueConnection createQueueConnection() throws JMSException {
        return allocate(Login.NONE, Domain.QUEUES);
    }

    @Override
    public QueueConnection createQueueConnection(@Nullable String user, @Nullable String password) throws JMSException {
        return allocate(new Login(user, password), Domain.QUEUES);
    }

    @Override
    public TopicConnection createTopicConnection() throws JMSException {
        return allocate(Login.NONE, Domain.TOPICS);
    }

    @Override
    public TopicConnection createTopicConnection(@Nullable String user, @Nullable String password) throws JMSException {
        return allocate(new Login(user, password), Domain.TOPICS);
    }

    @Override
    public JMSContext createContext() {
        return context(Login.NONE, JMSContext.AUTO_ACKNOWLEDGE);
    }

    @Override
    public JMSContext createContext(@Nullable String user, @Nullable String password) {
        return context(new Login(user, password), JMSContext.AUTO_ACKNOWLEDGE);
    }

    @Override
    public JMSContext createContext(@Nullable String user, @Nullable String password, int sessionMode) {
        return context(new Login(user, password), sessionMode);
    }

    @Override
    public JMSContext createContext(int sessionMode) {
        return context(Login.NONE, sessionMode);
    }

    private JMSContext context(Login login, int sessionMode) {
        if (!ConnectionHandle.isMode(sessionMode)) {
            throw new JMSRuntimeException("no session mode " + sessionMode);
        }
        try {
            ConnectionHandle lent = allocate(login, Domain.ANY);
            return lent.context(lent);
        } catch (JMSSecurityException e) {
            throw new JMSSecurityRuntimeException(e.getMessage(), e.getErrorCode(), e);
        } catch (JMSException e) {
            throw new JMSRuntimeException(e.getMessage(), e.getErrorCode(), e);
        }
    }

    @Override
    public void setReference(Reference reference) {
        this.reference = reference;
    }

    @Override
    public @Nullable Reference getReference() {
        return reference;
    }
}
