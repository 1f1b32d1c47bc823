/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.Queue;
import javax.naming.Reference;
import javax.naming.Referenceable;
import javax.naming.StringRefAddr;
import org.polymq.jms.wire.WireDestination;

/** A queue by name. Immutable. */
public final class PolyMQQueue extends PolyMQDestination implements Queue, Referenceable {
    private static final long serialVersionUID = 1L;

    /**
     * The queue of that name; nothing is asked of a broker.
     *
     * @throws IllegalArgumentException if the name is empty
     */
    public PolyMQQueue(String name) {
        super(name);
    }

    @Override
    public String getQueueName() {
        return name();
    }

    @Override
    public Reference getReference() {
        return new Reference(PolyMQQueue.class.getName(), new StringRefAddr("name", name()), OBJECT_FACTORY, null);
    }

    @Override
    WireDestination toWire() {
        return new WireDestination(WireDestination.Kind.QUEUE, name());
    }
}
