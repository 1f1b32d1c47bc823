/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.JMSException;
import jakarta.jms.TemporaryTopic;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.wire.WireDestination;

/** A temporary topic of a connection, or one that a message names. Immutable. */
final class PolyMQTemporaryTopic extends PolyMQDestination implements TemporaryTopic {
    private static final long serialVersionUID = 1L;

    /** The connection that made it; null if it was read from a message. */
    private final transient @Nullable PolyMQConnection connection;

    PolyMQTemporaryTopic(String name, @Nullable PolyMQConnection connection) {
        super(name);
        this.connection = connection;
    }

    /** One of a name that nobody can guess; the broker does not know it yet. */
    static PolyMQTemporaryTopic of(PolyMQConnection connection) {
        return new PolyMQTemporaryTopic(TEMPORARY_PREFIX + UUID.randomUUID(), connection);
    }

    @Override
    public String getTopicName() {
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
        return new WireDestination(WireDestination.Kind.TEMPORARY_TOPIC, name());
    }
}
