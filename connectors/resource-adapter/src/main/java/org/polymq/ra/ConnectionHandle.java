/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.ra;

import jakarta.jms.ConnectionConsumer;
import jakarta.jms.ConnectionMetaData;
import jakarta.jms.Destination;
import jakarta.jms.ExceptionListener;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueSession;
import jakarta.jms.ServerSessionPool;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicSession;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What an application holds of a pooled connection until it closes it. It has one session, as containers allow; what
 * they forbid throws {@link IllegalStateException}. Safe from any thread.
 *
 * <p>TomEE lends a subclass of it, made at run time without a constructor, which passes on the public calls and no
 * others: so what is called on a handle that came from the server is public.
 */
public class ConnectionHandle implements QueueConnection, TopicConnection {
    private static final Logger LOG = Logger.getLogger(ConnectionHandle.class.getName());

    /** Which destinations the application asked for. */
    public enum Domain {
        ANY,
        QUEUES,
        TOPICS
    }

    /** Something to be given up with the handle. */
    interface Child {
        void close() throws JMSException;
    }

    private @Nullable PolyMQManagedConnection owner; // guarded by this; null when closed
    private final Deque<Child> children = new ArrayDeque<>(); // guarded by this
    private boolean hasSession; // guarded by this
    private volatile Domain domain = Domain.ANY;

    ConnectionHandle(PolyMQManagedConnection owner) {
        this.owner = owner;
    }

    /** For the factory: what the application asked for. */
    public void limitTo(Domain wanted) {
        domain = wanted;
    }

    Domain domain() {
        return domain;
    }

    static boolean isMode(int mode) {
        return mode >= Session.SESSION_TRANSACTED && mode <= Session.DUPS_OK_ACKNOWLEDGE;
    }

    synchronized boolean isClosed() {
        return owner == null;
    }

    private synchronized PolyMQManagedConnection owner() throws JMSException {
        PolyMQManagedConnection current = owner;
        if (current == null) {
            throw new IllegalStateException("the connection is closed");
        }
        return current;
    }

    /** Moves it to another connection of the pool; what it has open stays behind. */
    void moveTo(PolyMQManagedConnection other) {
        closeChildren();
        PolyMQManagedConnection was;
        synchronized (this) {
            was = owner;
            owner = other;
        }
        if (was != null && was != other) {
            was.left(this);
        }
    }

    // ---- what it has open

    synchronized void add(Child child) {
        children.push(child);
    }

    synchronized void remove(Child child) {
        children.remove(child);
    }

    /** The application closed its session, or has to: the latest of its objects ends first. */
    void closeChildren() {
        while (true) {
            Child child;
            synchronized (this) {
                child = children.poll();
                hasSession = hasSession && child != null;
            }
            if (child == null) {
                return;
            }
            try {
                child.close();
            } catch (JMSException | RuntimeException e) {
                LOG.log(Level.FINE, "something ends with its connection: {0}", e.getMessage());
            }
        }
    }

    /** Makes it useless: the server takes the connection back. */
    void invalidate() {
        synchronized (this) {
            owner = null;
        }
        closeChildren();
    }

    @Override
    public void close() {
        PolyMQManagedConnection was;
        synchronized (this) {
            was = owner;
            owner = null;
        }
        if (was != null) {
            closeChildren();
            was.closed(this);
        }
    }

    // ---- sessions

    private Session session(int mode) throws JMSException {
        PolyMQManagedConnection current = owner();
        if (!isMode(mode)) {
            throw new JMSException("no session mode " + mode);
        }
        synchronized (this) {
            if (hasSession) {
                throw new IllegalStateException(
                        "the connection has a session: in a container a connection has one at a time");
            }
            hasSession = true;
        }
        return Guard.session(this, current.session());
    }

    /**
     * For the factory: the simplified API over the connection. Closing it closes the connection.
     *
     * @param lent this handle as the server gave it out
     */
    public JMSContext context(ConnectionHandle lent) throws JMSException {
        return Guard.context(this, lent, owner().context());
    }

    @Override
    public Session createSession() throws JMSException {
        return session(Session.AUTO_ACKNOWLEDGE);
    }

    /** The container's transaction decides, so the mode does not. */
    @Override
    public Session createSession(int sessionMode) throws JMSException {
        return session(sessionMode);
    }

    @Override
    public Session createSession(boolean transacted, int acknowledgeMode) throws JMSException {
        return session(transacted ? Session.SESSION_TRANSACTED : acknowledgeMode);
    }

    @Override
    public QueueSession createQueueSession(boolean transacted, int acknowledgeMode) throws JMSException {
        return (QueueSession) createSession(transacted, acknowledgeMode);
    }

    @Override
    public TopicSession createTopicSession(boolean transacted, int acknowledgeMode) throws JMSException {
        return (TopicSession) createSession(transacted, acknowledgeMode);
    }

    // ---- the connection

    @Override
    public void start() throws JMSException {
        owner().start();
    }

    @Override
    public @Nullable String getClientID() throws JMSException {
        return owner().connection().getClientID();
    }

    @Override
    public ConnectionMetaData getMetaData() throws JMSException {
        return owner().connection().getMetaData();
    }

    @Override
    public @Nullable ExceptionListener getExceptionListener() throws JMSException {
        owner();
        return null;
    }

    /**
     * Whether it is of use. IronJacamar's recovery looks for this by its name, and without it opens a connection anew
     * each time it is asked: then a branch would be decided on one that is closed meanwhile.
     *
     * @param seconds that an answer may take; it is known at once
     */
    public boolean isValid(int seconds) {
        PolyMQManagedConnection current;
        synchronized (this) {
            current = owner;
        }
        return current != null && !current.isLost();
    }

    // ---- what a container forbids

    private JMSException forbidden(String call) throws JMSException {
        owner();
        return Guard.forbidden(call);
    }

    @Override
    public void setClientID(@Nullable String clientId) throws JMSException {
        throw forbidden("setClientID");
    }

    @Override
    public void setExceptionListener(@Nullable ExceptionListener listener) throws JMSException {
        throw forbidden("setExceptionListener");
    }

    @Override
    public void stop() throws JMSException {
        throw forbidden("stop");
    }

    @Override
    public ConnectionConsumer createConnectionConsumer(
            Destination destination, @Nullable String selector, ServerSessionPool pool, int maxMessages)
            throws JMSException {
        throw forbidden("createConnectionConsumer");
    }

    @Override
    public ConnectionConsumer createConnectionConsumer(
            Queue queue, @Nullable String selector, ServerSessionPool pool, int maxMessages) throws JMSException {
        throw forbidden("createConnectionConsumer");
    }

    @Override
    public ConnectionConsumer createConnectionConsumer(
            Topic topic, @Nullable String selector, ServerSessionPool pool, int maxMessages) throws JMSException {
        throw forbidden("createConnectionConsumer");
    }

    @Override
    public ConnectionConsumer createSharedConnectionConsumer(
            Topic topic, String name, @Nullable String selector, ServerSessionPool pool, int maxMessages)
            throws JMSException {
        throw forbidden("createSharedConnectionConsumer");
    }

    @Override
    public ConnectionConsumer createDurableConnectionConsumer(
            Topic topic, String name, @Nullable String selector, ServerSessionPool pool, int maxMessages)
            throws JMSException {
        throw forbidden("createDurableConnectionConsumer");
    }

    @Override
    public ConnectionConsumer createSharedDurableConnectionConsumer(
            Topic topic, String name, @Nullable String selector, ServerSessionPool pool, int maxMessages)
            throws JMSException {
        throw forbidden("createSharedDurableConnectionConsumer");
    }
}
