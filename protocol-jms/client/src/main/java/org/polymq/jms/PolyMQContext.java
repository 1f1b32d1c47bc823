/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.BytesMessage;
import jakarta.jms.ConnectionMetaData;
import jakarta.jms.Destination;
import jakarta.jms.ExceptionListener;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.StreamMessage;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.io.Serializable;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.Errors.Call;

/** The simplified API: a session, made when it is first needed, and a connection shared with its sibling contexts. */
class PolyMQContext implements JMSContext {
    private final PolyMQConnection connection;
    /** How many contexts use the connection. */
    private final AtomicInteger users;

    private final int mode;
    private @Nullable PolyMQSession session; // guarded by this
    private @Nullable PolyMQProducer producer; // guarded by this
    private volatile boolean autoStart = true;
    private volatile boolean closed;

    PolyMQContext(PolyMQConnection connection, AtomicInteger users, int mode) {
        this.connection = connection;
        this.users = users;
        this.mode = mode;
    }

    static PolyMQContext open(Call<PolyMQConnection> connect, int mode) {
        checkMode(mode);
        return new PolyMQContext(Errors.unchecked(connect), new AtomicInteger(1), mode);
    }

    private static void checkMode(int mode) {
        if (mode < SESSION_TRANSACTED || mode > DUPS_OK_ACKNOWLEDGE) {
            throw new JMSRuntimeException("no session mode " + mode);
        }
    }

    @Override
    public JMSContext createContext(int sessionMode) {
        checkOpen();
        checkMode(sessionMode);
        users.incrementAndGet();
        return new PolyMQContext(connection, users, sessionMode);
    }

    void checkOpen() {
        if (closed) {
            throw new IllegalStateRuntimeException("the context is closed");
        }
    }

    /** The context's session, made when it is first asked for. */
    synchronized PolyMQSession session() throws JMSException {
        checkOpen();
        if (session == null) {
            session = newSession(connection, mode);
        }
        return session;
    }

    PolyMQSession newSession(PolyMQConnection from, int wanted) throws JMSException {
        return from.newSession(wanted);
    }

    /** The producer behind all producers of this context; it has no settings of its own. */
    synchronized PolyMQProducer producer() throws JMSException {
        if (producer == null) {
            producer = session().createProducer(null);
        }
        return producer;
    }

    TrustedClasses trusted() {
        return connection.options().trusted();
    }

    @Override
    public JMSProducer createProducer() {
        Errors.unchecked(this::producer);
        return new PolyMQContextProducer(this);
    }

    @Override
    public @Nullable String getClientID() {
        checkOpen();
        return Errors.uncheckedOrNull(connection::getClientID);
    }

    @Override
    public void setClientID(@Nullable String clientId) {
        checkOpen();
        Errors.unchecked(() -> connection.setClientID(clientId));
    }

    @Override
    public ConnectionMetaData getMetaData() {
        checkOpen();
        return Errors.unchecked(connection::getMetaData);
    }

    @Override
    public @Nullable ExceptionListener getExceptionListener() {
        checkOpen();
        return Errors.uncheckedOrNull(connection::getExceptionListener);
    }

    @Override
    public void setExceptionListener(@Nullable ExceptionListener listener) {
        checkOpen();
        Errors.unchecked(() -> connection.setExceptionListener(listener));
    }

    @Override
    public void start() {
        checkOpen();
        Errors.unchecked(connection::start);
    }

    @Override
    public void stop() {
        checkOpen();
        Errors.unchecked(connection::stop);
    }

    @Override
    public void setAutoStart(boolean autoStart) {
        checkOpen();
        this.autoStart = autoStart;
    }

    @Override
    public boolean getAutoStart() {
        checkOpen();
        return autoStart;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        Errors.unchecked(() -> {
            PolyMQSession current;
            synchronized (this) {
                current = session;
            }
            if (current != null) {
                current.close();
            }
            closed = true;
            if (users.decrementAndGet() == 0) {
                connection.close();
            }
        });
    }

    @Override
    public BytesMessage createBytesMessage() {
        return Errors.unchecked(() -> session().createBytesMessage());
    }

    @Override
    public MapMessage createMapMessage() {
        return Errors.unchecked(() -> session().createMapMessage());
    }

    @Override
    public Message createMessage() {
        return Errors.unchecked(() -> session().createMessage());
    }

    @Override
    public ObjectMessage createObjectMessage() {
        return Errors.unchecked(() -> session().createObjectMessage());
    }

    @Override
    public ObjectMessage createObjectMessage(@Nullable Serializable object) {
        return Errors.unchecked(() -> session().createObjectMessage(object));
    }

    @Override
    public StreamMessage createStreamMessage() {
        return Errors.unchecked(() -> session().createStreamMessage());
    }

    @Override
    public TextMessage createTextMessage() {
        return Errors.unchecked(() -> session().createTextMessage());
    }

    @Override
    public TextMessage createTextMessage(@Nullable String text) {
        return Errors.unchecked(() -> session().createTextMessage(text));
    }

    @Override
    public boolean getTransacted() {
        checkOpen();
        return mode == SESSION_TRANSACTED;
    }

    @Override
    public int getSessionMode() {
        checkOpen();
        return mode;
    }

    @Override
    public void commit() {
        Errors.unchecked(() -> session().commit());
    }

    @Override
    public void rollback() {
        Errors.unchecked(() -> session().rollback());
    }

    @Override
    public void recover() {
        Errors.unchecked(() -> session().recover());
    }

    @Override
    public void acknowledge() {
        Errors.unchecked(() -> session().acknowledge());
    }

    private JMSConsumer consumer(Call<PolyMQConsumer> open) {
        checkOpen();
        return Errors.unchecked(() -> {
            PolyMQConsumer consumer = open.run();
            if (autoStart) {
                connection.start();
            }
            return new PolyMQContextConsumer(consumer);
        });
    }

    @Override
    public JMSConsumer createConsumer(Destination destination) {
        return consumer(() -> session().createConsumer(destination));
    }

    @Override
    public JMSConsumer createConsumer(Destination destination, @Nullable String selector) {
        return consumer(() -> session().createConsumer(destination, selector));
    }

    @Override
    public JMSConsumer createConsumer(Destination destination, @Nullable String selector, boolean noLocal) {
        return consumer(() -> session().createConsumer(destination, selector, noLocal));
    }

    @Override
    public Queue createQueue(String name) {
        return Errors.unchecked(() -> session().createQueue(name));
    }

    @Override
    public Topic createTopic(String name) {
        return Errors.unchecked(() -> session().createTopic(name));
    }

    @Override
    public JMSConsumer createDurableConsumer(Topic topic, String name) {
        return consumer(() -> session().createDurableConsumer(topic, name));
    }

    @Override
    public JMSConsumer createDurableConsumer(Topic topic, String name, @Nullable String selector, boolean noLocal) {
        return consumer(() -> session().createDurableConsumer(topic, name, selector, noLocal));
    }

    @Override
    public JMSConsumer createSharedDurableConsumer(Topic topic, String name) {
        return consumer(() -> session().createSharedDurableConsumer(topic, name));
    }

    @Override
    public JMSConsumer createSharedDurableConsumer(Topic topic, String name, @Nullable String selector) {
        return consumer(() -> session().createSharedDurableConsumer(topic, name, selector));
    }

    @Override
    public JMSConsumer createSharedConsumer(Topic topic, String name) {
        return consumer(() -> session().createSharedConsumer(topic, name));
    }

    @Override
    public JMSConsumer createSharedConsumer(Topic topic, String name, @Nullable String selector) {
        return consumer(() -> session().createSharedConsumer(topic, name, selector));
    }

    @Override
    public QueueBrowser createBrowser(Queue queue) {
        return createBrowser(queue, null);
    }

    @Override
    public QueueBrowser createBrowser(Queue queue, @Nullable String selector) {
        return Errors.unchecked(() -> session().createBrowser(queue, selector));
    }

    @Override
    public TemporaryQueue createTemporaryQueue() {
        return Errors.unchecked(() -> session().createTemporaryQueue());
    }

    @Override
    public TemporaryTopic createTemporaryTopic() {
        return Errors.unchecked(() -> session().createTemporaryTopic());
    }

    @Override
    public void unsubscribe(String name) {
        Errors.unchecked(() -> session().unsubscribe(name));
    }
}
