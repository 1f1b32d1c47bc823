/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

import org.jspecify.annotations.Nullable;
import org.polymq.broker.message.Address;
import org.polymq.broker.message.Destination;

/**
 * What an operation touches. Names are canonical: MQTT names of topics, plain names of queues.
 *
 * @param type what it is
 * @param name its name; for a temporary destination the name of the principal that owns it
 * @param filter whether {@code name} is an MQTT filter: all topics that match it
 */
public record Resource(ResourceType type, String name, boolean filter) {
    private static final String RETRY = "%RETRY%";
    private static final String DEAD_LETTERS = "%DLQ%";
    private static final String POP_QUEUE = "%QUEUE%";
    private static final String REPLY = "$reply/";

    /** The broker and its cluster. */
    public static final Resource CLUSTER = new Resource(ResourceType.CLUSTER, "*", false);

    /** One topic by its canonical name. A group's retry and dead-letter topics are the group. */
    public static Resource topic(String name) {
        Resource group = ofGroupTopic(name);
        return group != null ? group : new Resource(ResourceType.TOPIC, name, false);
    }

    /** All topics that match an MQTT filter; one without wildcards is the topic. */
    public static Resource filter(String filter) {
        boolean wildcard = filter.indexOf('+') >= 0 || filter.indexOf('#') >= 0;
        return wildcard ? new Resource(ResourceType.TOPIC, filter, true) : topic(filter);
    }

    /** Everything under a first level, itself included: what a native subscription to it reads. */
    public static Resource under(String firstLevel) {
        Resource group = ofGroupTopic(firstLevel);
        return group != null ? group : new Resource(ResourceType.TOPIC, firstLevel + "/#", true);
    }

    /** A queue. A subscription's dead-letter queue is the subscription. */
    public static Resource queue(String name) {
        if (name.startsWith(REPLY)) {
            return temporary("");
        }
        Resource group = ofGroupTopic(name);
        return group != null ? group : new Resource(ResourceType.QUEUE, name, false);
    }

    /** A native group, a shared JMS subscription or an MQTT share name. {@code %QUEUE%NAME} is the queue. */
    public static Resource group(String name) {
        return name.startsWith(POP_QUEUE)
                ? queue(name.substring(POP_QUEUE.length()))
                : new Resource(ResourceType.GROUP, name, false);
    }

    /** A client id to connect with. */
    public static Resource client(String id) {
        return new Resource(ResourceType.CLIENT, id, false);
    }

    /** A temporary destination: anybody who was told its name may send to it, its owner alone consumes. */
    public static Resource temporary(String owner) {
        return new Resource(ResourceType.TEMPORARY, owner, false);
    }

    /** What one publishes to. A temporary destination's owner is not known from its name, and does not matter. */
    public static Resource of(Destination destination) {
        return switch (destination.kind()) {
            case TOPIC -> topic(destination.name());
            case QUEUE -> queue(destination.name());
            case TEMPORARY_TOPIC, TEMPORARY_QUEUE -> temporary("");
        };
    }

    /** What an address without a known queue is: a topic. */
    public static Resource of(Address address) {
        return topic(address.name());
    }

    private static @Nullable Resource ofGroupTopic(String name) {
        if (name.isEmpty() || name.charAt(0) != '%') {
            return null;
        }
        if (name.startsWith(RETRY)) {
            return group(name.substring(RETRY.length()));
        }
        return name.startsWith(DEAD_LETTERS) ? group(name.substring(DEAD_LETTERS.length())) : null;
    }

    @Override
    public String toString() {
        return type.word() + " " + name;
    }
}
