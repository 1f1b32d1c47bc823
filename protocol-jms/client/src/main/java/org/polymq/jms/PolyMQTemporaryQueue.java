/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.JMSException;
import jakarta.jms.TemporaryQueue;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.wire.WireDestination;

/** A temporary queue of a connection, or one that a message names. Immutable. */
final class PolyMQTemporaryQueue extends PolyMQDestination implements TemporaryQueue {
    private static final long serialVersionUID = 1L;

    /** The connection that made it; null if it was read from a message. */
    private final transient @Nullable PolyMQConnection connection;

    PolyMQTemporaryQueue(String name, @Nullable PolyMQConnection connection) {
        super(name);
        this.connection = connection;
    }

    /** One of a name that nobody can guess; the broker does not know it yet. */
    static PolyMQTemporaryQueue of(PolyMQConnection connection) {
        return new PolyMQTemporaryQueue(TEMPORARY_PREFIX + UUID.randomUUID(), connection);
    }

    @Override
    public String getQueueName() {
        return name();
    }

    @Override
    @Nullable
    PolyMQConnection owner() {
        return connection;
    }

    @Override
    public void delete() throws JMSException {
        deleteFrom(connection);
    }

    @Override
    WireDestination toWire() {
        return new WireDestination(WireDestination.Kind.TEMPORARY_QUEUE, name());
    }
}
