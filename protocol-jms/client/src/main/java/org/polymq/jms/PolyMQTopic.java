/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.Topic;
import javax.naming.Reference;
import javax.naming.Referenceable;
import javax.naming.StringRefAddr;
import org.polymq.jms.wire.WireDestination;

/** A topic by name: levels separated by dots; {@code *} and {@code >} are wildcards when consuming. Immutable. */
public final class PolyMQTopic extends PolyMQDestination implements Topic, Referenceable {
    private static final long serialVersionUID = 1L;

    /**
     * The topic of that name; nothing is asked of a broker.
     *
     * @throws IllegalArgumentException if the name is empty
     */
    public PolyMQTopic(String name) {
        super(name);
    }

    @Override
    public String getTopicName() {
        return name();
    }

    @Override
    public Reference getReference() {
        return new Reference(PolyMQTopic.class.getName(), new StringRefAddr("name", name()), OBJECT_FACTORY, null);
    }

    @Override
    WireDestination toWire() {
        return new WireDestination(WireDestination.Kind.TOPIC, name());
    }
}
