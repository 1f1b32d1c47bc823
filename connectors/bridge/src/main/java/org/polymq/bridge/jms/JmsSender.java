/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.jms;

import jakarta.jms.DeliveryMode;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.time.InstantSource;
import java.util.List;
import org.polymq.bridge.remote.Outbound;
import org.polymq.bridge.remote.RefusedException;
import org.polymq.bridge.remote.RemoteDownException;
import org.polymq.bridge.remote.Sender;

/** Sends each batch in a transaction of its own. */
final class JmsSender implements Sender {
    private final JmsConnection connection;
    private final Session session;
    private final MessageProducer producer;
    private final JmsMessages messages;
    private final InstantSource clock = InstantSource.system();

    JmsSender(JmsConnection connection, Session session) throws JMSException {
        this.connection = connection;
        this.session = session;
        this.producer = session.createProducer(null);
        this.messages = new JmsMessages(session);
    }

    @Override
    public void send(List<Outbound> batch) throws RefusedException, RemoteDownException {
        connection.check();
        try {
            for (int i = 0; i < batch.size(); i++) {
                try {
                    send(batch.get(i));
                } catch (MessageFormatException | InvalidDestinationException e) {
                    session.commit();
                    throw RefusedException.at(i, String.valueOf(e.getMessage()));
                }
            }
            session.commit();
        } catch (JMSException | RuntimeException e) {
            throw new RemoteDownException("the messages are not sent", e);
        }
    }

    private void send(Outbound outbound) throws JMSException {
        Message message = messages.toRemote(outbound.message());
        long expiresAt = outbound.message().expiresAt();
        producer.send(
                JmsNames.of(session, outbound.to()),
                message,
                outbound.message().durable() ? DeliveryMode.PERSISTENT : DeliveryMode.NON_PERSISTENT,
                outbound.message().priority(),
                expiresAt == 0 ? 0 : Math.max(1, expiresAt - clock.millis()));
    }

    @Override
    public void close() {
        connection.close();
    }
}
