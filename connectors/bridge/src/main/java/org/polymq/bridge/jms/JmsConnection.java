/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.jms;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import org.jspecify.annotations.Nullable;
import org.polymq.bridge.remote.RemoteDownException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A connection that is not used any more after its first failure. */
final class JmsConnection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JmsConnection.class);

    private final Connection connection;
    private final String bridge;
    private volatile @Nullable JMSException failure;

    JmsConnection(Connection connection, String bridge) throws JMSException {
        this.connection = connection;
        this.bridge = bridge;
        connection.setExceptionListener(lost -> failure = lost);
    }

    Session session() throws JMSException {
        return connection.createSession(true, Session.SESSION_TRANSACTED);
    }

    void start() throws JMSException {
        connection.start();
    }

    void check() throws RemoteDownException {
        JMSException lost = failure;
        if (lost != null) {
            throw new RemoteDownException("the connection was lost", lost);
        }
    }

    @Override
    public void close() {
        close(connection, bridge);
    }

    static void close(Connection connection, String bridge) {
        try {
            connection.close();
        } catch (JMSException | RuntimeException e) {
            LOG.debug("bridge {}: a connection was not closed in order", bridge, e);
        }
    }
}
