/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.ra;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.ConnectionEvent;
import jakarta.resource.spi.ConnectionEventListener;
import jakarta.resource.spi.ConnectionManager;
import jakarta.resource.spi.ConnectionRequestInfo;
import jakarta.resource.spi.ManagedConnection;
import jakarta.resource.spi.ManagedConnectionFactory;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Stands in where no server manages connections: each is new, and ends when it is closed. */
final class UnmanagedConnections implements ConnectionManager {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = Logger.getLogger(UnmanagedConnections.class.getName());

    @Override
    public Object allocateConnection(ManagedConnectionFactory factory, @Nullable ConnectionRequestInfo info)
            throws ResourceException {
        ManagedConnection connection = factory.createManagedConnection(null, info);
        connection.addConnectionEventListener(new Ending());
        return connection.getConnection(null, info);
    }

    private static final class Ending implements ConnectionEventListener {
        @Override
        public void connectionClosed(ConnectionEvent event) {
            end((ManagedConnection) event.getSource());
        }

        @Override
        public void connectionErrorOccurred(ConnectionEvent event) {
            end((ManagedConnection) event.getSource());
        }

        private static void end(ManagedConnection connection) {
            try {
                connection.destroy();
            } catch (ResourceException e) {
                LOG.log(Level.WARNING, "a connection could not be closed: {0}", e.getMessage());
            }
        }

        @Override
        public void localTransactionStarted(ConnectionEvent event) {}

        @Override
        public void localTransactionCommitted(ConnectionEvent event) {}

        @Override
        public void localTransactionRolledback(ConnectionEvent event) {}
    }
}
