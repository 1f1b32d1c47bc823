/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.Topic;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.wire.WireDestination;

/** A destination: kind and name. Immutable. */
public abstract class PolyMQDestination implements Destination, Serializable {
    private static final long serialVersionUID = 1L;

    private final String name;

    PolyMQDestination(String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a destination needs a name");
        }
        this.name = name;
    }

    /** The destination that a wire form names. */
    static PolyMQDestination of(WireDestination destination) {
        return destination.kind().isQueue() ? new PolyMQQueue(destination.name()) : new PolyMQTopic(destination.name());
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
