/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.Topic;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.wire.Frame.DeleteTemporary;
import org.polymq.jms.wire.WireDestination;

/** A destination: kind and name. Immutable. */
public abstract class PolyMQDestination implements Destination, Serializable {
    private static final long serialVersionUID = 1L;

    /** How names of temporary destinations begin. */
    static final String TEMPORARY_PREFIX = "$temporary-";

    /** What naming services make it with. */
    static final String OBJECT_FACTORY = "org.polymq.jms.jndi.PolyMQObjectFactory";

    private final String name;

    PolyMQDestination(String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a destination needs a name");
        }
        this.name = name;
    }

    /** The destination that a wire form names. */
    static PolyMQDestination of(WireDestination destination) {
        return switch (destination.kind()) {
            case QUEUE -> new PolyMQQueue(destination.name());
            case TOPIC -> new PolyMQTopic(destination.name());
            case TEMPORARY_QUEUE -> new PolyMQTemporaryQueue(destination.name(), null);
            case TEMPORARY_TOPIC -> new PolyMQTemporaryTopic(destination.name(), null);
        };
    }

    /**
     * Any provider's destination as one of ours, by its kind and name.
     *
     * @throws InvalidDestinationException if it is null or neither queue nor topic
     */
    static PolyMQDestination of(@Nullable Destination destination) throws JMSException {
        if (destination instanceof PolyMQDestination own) {
            return own;
        }
        if (destination instanceof Queue queue && queue.getQueueName() != null) {
            return new PolyMQQueue(queue.getQueueName());
        }
        if (destination instanceof Topic topic && topic.getTopicName() != null) {
            return new PolyMQTopic(topic.getTopicName());
        }
        throw new InvalidDestinationException(
                destination == null ? "the destination is null" : "not a queue or topic: " + destination);
    }

    /** The name as the application gave it. */
    final String name() {
        return name;
    }

    abstract WireDestination toWire();

    /** The connection that a temporary destination belongs to, if it is known here. */
    @Nullable
    PolyMQConnection owner() {
        return null;
    }

    /**
     * Whether a connection may consume from it, as far as is known here.
     *
     * @throws InvalidDestinationException if it is temporary and another connection's
     */
    final void checkConsumableBy(PolyMQConnection connection) throws JMSException {
        PolyMQConnection owner = owner();
        if (owner != null && owner != connection) {
            throw new InvalidDestinationException(name + " is a temporary destination of another connection");
        }
    }

    final void deleteFrom(@Nullable PolyMQConnection connection) throws JMSException {
        if (connection == null) {
            throw new JMSException("only the connection that made a temporary destination can delete it");
        }
        connection.checkOpen();
        connection.line().request(new DeleteTemporary(toWire()));
        connection.remove(toWire());
    }

    @Override
    public final boolean equals(@Nullable Object other) {
        return other instanceof PolyMQDestination that && that.toWire().equals(toWire());
    }

    @Override
    public final int hashCode() {
        return toWire().hashCode();
    }

    @Override
    public final String toString() {
        return name;
    }
}
