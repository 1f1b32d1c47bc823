/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.topic;

import java.util.Map;

/**
 * What a new topic is to be, or what an existing one is to become.
 *
 * @param writeQueues how many queues producers write to
 * @param readQueues how many queues consumers read
 */
public record TopicSpec(
        String name,
        TopicKind kind,
        int writeQueues,
        int readQueues,
        int permissions,
        boolean ordered,
        Topic.Origin origin,
        long retentionMillis,
        Map<String, String> attributes) {

    public TopicSpec {
        attributes = Map.copyOf(attributes);
    }

    /** A topic as JMS and MQTT make it. */
    public static TopicSpec topic(String name, int queues, Topic.Origin origin) {
        return new TopicSpec(
                name, TopicKind.TOPIC, queues, queues, Topic.READ | Topic.WRITE, false, origin, 0, Map.of());
    }

    /** A queue: one queue, one shared subscription. */
    public static TopicSpec queue(String name, Topic.Origin origin) {
        return new TopicSpec(name, TopicKind.QUEUE, 1, 1, Topic.READ | Topic.WRITE, false, origin, 0, Map.of());
    }
}
