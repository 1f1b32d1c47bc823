/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.client;

import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.polymq.tck.server.Endpoints;

/** A connection with one transacted session. Used by one thread. */
public final class JmsTransacted implements AutoCloseable {
    private final Connection connection;
    private final Session session;
    private final MessageProducer producer;
    private @Nullable MessageConsumer consumer;
    private volatile boolean lost;

    private JmsTransacted(Connection connection) throws JMSException {
        this.connection = connection;
        this.session = connection.createSession(Session.SESSION_TRANSACTED);
        this.producer = session.createProducer(null);
    }

    /** Connects and starts. */
    public static JmsTransacted connect(Endpoints server) throws JMSException {
        Connection connection = JmsProtocol.factory(server).createConnection();
        try {
            JmsTransacted opened = new JmsTransacted(connection);
            connection.setExceptionListener(e -> opened.lost = true);
            connection.start();
            return opened;
        } catch (JMSException e) {
            connection.close();
            throw e;
        }
    }

    /** The session, for what this type has no word for. */
    public Session session() {
        return session;
    }

    /** Sends a persistent byte message as part of the transaction. */
    public void send(Destination destination, byte[] body) throws JMSException {
        BytesMessage message = session.createBytesMessage();
        message.writeBytes(body);
        producer.send(destination, message);
    }

    /** Consumes from a queue from now on. */
    public void consume(String queue) throws JMSException {
        consumer = session.createConsumer(session.createQueue(queue));
    }

    /**
     * The next message as part of the transaction; null if none comes in time.
     *
     * @throws JMSException if the connection is lost
     */
    public @Nullable Message receive(Duration patience) throws JMSException {
        if (consumer == null) {
            throw new IllegalStateException("consumes nothing");
        }
        Message message = consumer.receive(patience.toMillis());
        if (message == null && lost) {
            throw new JMSException("the connection is lost");
        }
        return message;
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (JMSException e) {
            System.err.println("closing a transacted connection: " + e);
        }
    }
}
