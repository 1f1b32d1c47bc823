/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.ra;

import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.resource.ResourceException;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.PolyMQConnectionFactory;

/**
 * An activation's words with its JNDI names looked up: where it connects and what it consumes.
 *
 * @param spec the words
 * @param target where to connect
 * @param lookedUp the destination of {@code destinationLookup}; null if it is named
 */
record Consuming(
        PolyMQActivationSpec spec, Target target, @Nullable Destination lookedUp) {

    /** Looks up what the activation names; JNDI is the server's, so names may be of any form that it has. */
    static Consuming of(PolyMQActivationSpec spec, Target adapters) throws ResourceException {
        Target otherwise = adapters;
        String factory = spec.getConnectionFactoryLookup();
        if (factory != null && !factory.isBlank()) {
            otherwise = targetOf(factory, lookup("connectionFactoryLookup", factory))
                    .orElse(adapters);
        }
        String name = spec.getDestinationLookup();
        Destination destination = null;
        if (name != null && !name.isBlank()) {
            Object found = lookup("destinationLookup", name);
            if (!(found instanceof Queue) && !(found instanceof Topic)) {
                throw new ResourceException("destinationLookup " + name + " is neither queue nor topic: " + found);
            }
            destination = (Destination) found;
        }
        Consuming consuming = new Consuming(spec, spec.target(otherwise), destination);
        String type = spec.type();
        if (destination != null && type != null && type.equals("queue") != consuming.isQueue()) {
            throw new ResourceException(
                    "destinationType: " + name + " is a " + (consuming.isQueue() ? "queue" : "topic"));
        }
        return consuming;
    }

    @SuppressWarnings("BanJNDI") // The names are the deployer's, and the naming service is the server's.
    private static Object lookup(String property, String name) throws ResourceException {
        try {
            return InitialContext.doLookup(name);
        } catch (NamingException e) {
            throw new ResourceException(property + ": nothing can be looked up as " + name + ": " + e.getMessage(), e);
        }
    }

    private static Target targetOf(String name, Object factory) throws ResourceException {
        if (factory instanceof ConnectionFactoryHandle handle) {
            return handle.target();
        }
        if (factory instanceof PolyMQConnectionFactory plain) {
            return new Target(String.valueOf(plain.getReference().get("url").getContent()), null, null, Login.NONE);
        }
        throw new ResourceException(
                "connectionFactoryLookup: " + name + " is no connection factory of PolyMQ: " + factory);
    }

    boolean isQueue() {
        return lookedUp == null ? "queue".equals(spec.type()) : lookedUp instanceof Queue;
    }

    int sessions() {
        return spec.sessions(isQueue());
    }

    MessageConsumer open(Session session) throws JMSException {
        String selector = spec.getMessageSelector();
        if (isQueue()) {
            return session.createConsumer(lookedUp == null ? session.createQueue(name()) : lookedUp, selector);
        }
        Topic topic = lookedUp == null ? session.createTopic(name()) : (Topic) lookedUp;
        String subscription = String.valueOf(spec.getSubscriptionName());
        if (spec.getSharedSubscription()) {
            return spec.isDurable()
                    ? session.createSharedDurableConsumer(topic, subscription, selector)
                    : session.createSharedConsumer(topic, subscription, selector);
        }
        return spec.isDurable()
                ? session.createDurableConsumer(topic, subscription, selector, false)
                : session.createConsumer(topic, selector);
    }

    private String name() {
        return String.valueOf(spec.getDestination());
    }
}
