/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.ra;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.ConnectionManager;
import jakarta.resource.spi.ConnectionRequestInfo;
import jakarta.resource.spi.ManagedConnection;
import jakarta.resource.spi.ManagedConnectionFactory;
import jakarta.resource.spi.ResourceAdapter;
import jakarta.resource.spi.ResourceAdapterAssociation;
import jakarta.resource.spi.ValidatingManagedConnectionFactory;
import java.io.PrintWriter;
import java.util.HashSet;
import java.util.Set;
import javax.security.auth.Subject;
import org.jspecify.annotations.Nullable;

/** Makes the connections of a server's pool. What its settings leave out the resource adapter's say. */
public class PolyMQManagedConnectionFactory extends BrokerSettings
        implements ManagedConnectionFactory, ResourceAdapterAssociation, ValidatingManagedConnectionFactory {
    private static final long serialVersionUID = 1L;

    private @Nullable String clientId;
    private transient @Nullable PolyMQResourceAdapter adapter;
    private transient @Nullable PrintWriter logWriter;

    /** For the server. */
    public PolyMQManagedConnectionFactory() {}

    @Override
    public Object createConnectionFactory(ConnectionManager connections) {
        return new ConnectionFactoryHandle(this, connections);
    }

    @Override
    public Object createConnectionFactory() {
        return createConnectionFactory(new UnmanagedConnections());
    }

    @Override
    public ManagedConnection createManagedConnection(@Nullable Subject subject, @Nullable ConnectionRequestInfo info)
            throws ResourceException {
        Target target = target();
        Login login = Login.of(subject, info, this, target.login());
        Target wanted = new Target(target.serverUrl(), target.options(), target.clientId(), login);
        return new PolyMQManagedConnection(factories().open(wanted), login);
    }

    private Factories factories() throws ResourceException {
        PolyMQResourceAdapter associated = adapter;
        if (associated == null) {
            throw new ResourceException("the connection factory belongs to no resource adapter yet");
        }
        return associated.factories();
    }

    /** Settings in force. */
    Target target() {
        PolyMQResourceAdapter associated = adapter;
        return associated == null ? own() : own().orElse(associated.target());
    }

    @Override
    @SuppressWarnings("rawtypes") // The interface is older than generics.
    public @Nullable ManagedConnection matchManagedConnections(
            Set candidates, @Nullable Subject subject, @Nullable ConnectionRequestInfo info) {
        Login login = Login.of(subject, info, this, target().login());
        for (Object candidate : candidates) {
            if (candidate instanceof PolyMQManagedConnection connection && connection.serves(login)) {
                return connection;
            }
        }
        return null;
    }

    /** Those that are lost: the pool throws them away. */
    @Override
    @SuppressWarnings("rawtypes") // The interface is older than generics.
    public Set getInvalidConnections(Set connections) {
        Set<Object> invalid = new HashSet<>();
        for (Object connection : connections) {
            if (connection instanceof PolyMQManagedConnection own && own.isLost()) {
                invalid.add(own);
            }
        }
        return invalid;
    }

    @Override
    public @Nullable ResourceAdapter getResourceAdapter() {
        return adapter;
    }

    @Override
    public void setResourceAdapter(ResourceAdapter adapter) throws ResourceException {
        if (!(adapter instanceof PolyMQResourceAdapter own)) {
            throw new ResourceException("not PolyMQ's resource adapter: " + adapter);
        }
        this.adapter = own;
    }

    @Override
    public void setLogWriter(@Nullable PrintWriter logWriter) {
        this.logWriter = logWriter;
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
        return logWriter;
    }

    /** The client id of its connections: then there can be only one at a time. */
    public @Nullable String getClientId() {
        return clientId;
    }

    public void setClientId(@Nullable String clientId) {
        this.clientId = clientId;
    }

    /** By class and settings, as Jakarta Connectors asks for. */
    @Override
    @SuppressWarnings("EqualsGetClass") // A factory of queues' pool is not the same as one of topics'.
    public boolean equals(@Nullable Object other) {
        return other != null
                && other.getClass() == getClass()
                && own().equals(((PolyMQManagedConnectionFactory) other).own());
    }

    @Override
    public int hashCode() {
        return own().hashCode();
    }

    private Target own() {
        return settings(clientId);
    }
}
