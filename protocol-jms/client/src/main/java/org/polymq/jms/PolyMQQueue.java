/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.Queue;
import org.polymq.jms.wire.WireDestination;

/** A queue by name. Immutable. */
public final class PolyMQQueue extends PolyMQDestination implements Queue {
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
    WireDestination toWire() {
        return new WireDestination(WireDestination.Kind.QUEUE, name());
    }
}
