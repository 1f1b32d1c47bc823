/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.client;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A listener that connects again when its connection is lost, as a listener container does. Safe from any thread. */
final class JmsSubscription implements Subscriber {
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    /** Makes the consumer on a new session. */
    interface Opening {
        MessageConsumer open(Session session) throws JMSException;
    }

    private final ConnectionFactory factory;
    private final @Nullable String clientId;
    private final Opening opening;
    private final Consumer<Incoming> sink;
    private @Nullable Connection connection;
    private boolean closed;

    JmsSubscription(ConnectionFactory factory, @Nullable String clientId, Opening opening, Consumer<Incoming> sink) {
        this.factory = factory;
        this.clientId = clientId;
        this.opening = opening;
        this.sink = sink;
    }

    synchronized void connect() throws JMSException {
        Connection opened = factory.createConnection();
        try {
            if (clientId != null) {
                opened.setClientID(clientId);
            }
            Session session = opened.createSession(Session.AUTO_ACKNOWLEDGE);
            opening.open(session).setMessageListener(message -> {
                try {
                    sink.accept(JmsProtocol.incoming(message));
                } catch (JMSException e) {
                    throw new IllegalStateException("message cannot be read", e); // the provider redelivers it
                }
            });
            opened.setExceptionListener(lost -> lost(opened));
            opened.start();
            connection = opened;
        } catch (JMSException e) {
            opened.close();
            throw e;
        }
    }

    @Override
    public void close() {
        Connection open;
        synchronized (this) {
            closed = true;
            open = connection;
            connection = null;
        }
        if (open != null) {
            try {
                open.close();
            } catch (JMSException e) {
                throw new IllegalStateException("connection does not close", e);
            }
        }
    }

    private void lost(Connection broken) {
        synchronized (this) {
            if (closed || connection != broken) {
                return;
            }
            connection = null;
        }
        Thread thread = new Thread(() -> reconnect(broken), "JMS connects again");
        thread.setDaemon(true);
        thread.start();
    }

    private void reconnect(Connection broken) {
        try {
            broken.close();
        } catch (JMSException e) {
            System.err.println("closing a lost connection: " + e);
        }
        while (true) {
            synchronized (this) {
                if (closed) {
                    return;
                }
                try {
                    connect();
                    return;
                } catch (JMSException stillDown) {
                    // The server is not back yet; the loop ends with it or with close().
                }
            }
            LockSupport.parkNanos(RETRY_NANOS);
        }
    }
}
