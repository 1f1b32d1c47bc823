/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.jms;

import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.message.Address;
import org.polymq.broker.message.Destination;
import org.polymq.broker.message.Names;

/** Destinations of another provider: a topic's levels are separated by dots there, a queue's name is taken as it is. */
final class JmsNames {
    private JmsNames() {}

    static Topic topic(Session session, Destination topic) throws JMSException {
        return session.createTopic(Names.toJms(Address.split(topic.name())));
    }

    static jakarta.jms.Destination of(Session session, Destination place) throws JMSException {
        return place.kind().isQueue() ? session.createQueue(place.name()) : topic(session, place);
    }

    /** The destination an answer is wanted at, or null for a temporary one, which ends at the bridge. */
    static @Nullable Destination replyTo(jakarta.jms.@Nullable Destination there) throws JMSException {
        if (there instanceof jakarta.jms.TemporaryQueue || there instanceof jakarta.jms.TemporaryTopic) {
            return null;
        }
        if (there instanceof Queue queue) {
            return Destination.queue(queue.getQueueName());
        }
        return there instanceof Topic topic
                ? Destination.topic(Names.ofJms(topic.getTopicName()).name())
                : null;
    }
}
