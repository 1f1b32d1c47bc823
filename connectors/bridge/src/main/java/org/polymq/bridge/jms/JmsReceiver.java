/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.jms;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.polymq.bridge.remote.Inbound;
import org.polymq.bridge.remote.Receiver;
import org.polymq.bridge.remote.RemoteDownException;
import org.polymq.broker.message.Destination;

/** Receives in transactions: what was received is the remote's until it is committed. */
final class JmsReceiver implements Receiver {
    private final JmsConnection connection;
    private final Session session;
    private final MessageConsumer consumer;
    private final Destination from;

    JmsReceiver(JmsConnection connection, Session session, MessageConsumer consumer, Destination from) {
        this.connection = connection;
        this.session = session;
        this.consumer = consumer;
        this.from = from;
    }

    @Override
    public List<Inbound> receive(int most, Duration wait) throws RemoteDownException {
        connection.check();
        try {
            List<Inbound> batch = new ArrayList<>();
            Message message = consumer.receive(wait.toMillis());
            while (message != null) {
                batch.add(JmsMessages.fromRemote(message, from));
                message = batch.size() < most ? consumer.receiveNoWait() : null;
            }
            return batch;
        } catch (JMSException | RuntimeException e) {
            throw new RemoteDownException("nothing can be received", e);
        }
    }

    @Override
    public void acknowledge() throws RemoteDownException {
        try {
            session.commit();
        } catch (JMSException | RuntimeException e) {
            throw new RemoteDownException("what was received cannot be acknowledged", e);
        }
    }

    @Override
    public void close() {
        connection.close();
    }
}
