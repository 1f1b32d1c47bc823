/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.jms;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import org.jspecify.annotations.Nullable;
import org.polymq.bridge.remote.Receiver;
import org.polymq.bridge.remote.Remote;
import org.polymq.bridge.remote.RemoteDownException;
import org.polymq.bridge.remote.RemoteSettings;
import org.polymq.bridge.remote.Sender;
import org.polymq.broker.message.Destination;

/** A broker with a Jakarta Messaging provider, whose jars the operator supplies. Each link has a connection. */
public final class JmsRemote implements Remote {
    private final RemoteSettings settings;
    private final Factory factory;

    /** @throws org.polymq.broker.BrokerException INVALID_REQUEST if an option is wrong */
    public JmsRemote(RemoteSettings settings) {
        this.settings = settings;
        this.factory = Factory.of(settings);
    }

    @Override
    public Sender openSender(String link) throws RemoteDownException {
        JmsConnection connection = open(null);
        try {
            return new JmsSender(connection, connection.session());
        } catch (JMSException | RuntimeException e) {
            connection.close();
            throw new RemoteDownException("no session", e);
        }
    }

    @Override
    public Receiver openReceiver(String link, String source) throws RemoteDownException {
        Destination from = Destination.ofMqttName(source);
        boolean topic = !from.kind().isQueue();
        JmsConnection connection = open(topic ? link : null);
        try {
            Session session = connection.session();
            JmsReceiver receiver = new JmsReceiver(
                    connection,
                    session,
                    topic
                            ? session.createDurableConsumer(JmsNames.topic(session, from), link)
                            : session.createConsumer(session.createQueue(from.name())),
                    from);
            connection.start();
            return receiver;
        } catch (JMSException | RuntimeException e) {
            connection.close();
            throw new RemoteDownException("'" + source + "' cannot be consumed", e);
        }
    }

    private JmsConnection open(@Nullable String clientId) throws RemoteDownException {
        ConnectionFactory made = factory.make();
        Connection connection = null;
        try {
            connection = settings.user() == null
                    ? made.createConnection()
                    : made.createConnection(settings.user(), settings.password());
            JmsConnection opened = new JmsConnection(connection, settings.bridge());
            if (clientId != null) {
                connection.setClientID(clientId);
            }
            return opened;
        } catch (JMSException | RuntimeException e) {
            if (connection != null) {
                JmsConnection.close(connection, settings.bridge());
            }
            throw new RemoteDownException("it cannot be connected to", e);
        }
    }
}
