/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.group;

import java.util.Map;

/**
 * A native consumer group and its settings.
 *
 * @param name up to 120 characters
 * @param consumeEnabled whether members may consume
 * @param broadcastEnabled whether members may consume as broadcast
 * @param maxRetries after how many returned deliveries a message goes to the dead letters
 * @param orderly whether members consume in order; carried for clients
 * @param fromMin whether a new group begins at the oldest message; carried for clients
 * @param notifiesMembers whether members are told when others come or go
 * @param retryQueues queues of the group's retry topic
 * @param retryPolicy RocketMQ's {@code groupRetryPolicy} as JSON; empty for the default
 * @param attributes what RocketMQ calls attributes; carried for clients
 */
public record Group(
        String name,
        boolean consumeEnabled,
        boolean broadcastEnabled,
        int maxRetries,
        boolean orderly,
        boolean fromMin,
        boolean notifiesMembers,
        int retryQueues,
        String retryPolicy,
        Map<String, String> attributes) {
    public static final int DEFAULT_MAX_RETRIES = 16;

    public Group {
        attributes = Map.copyOf(attributes);
    }

    public static Group of(String name) {
        return new Group(name, true, true, DEFAULT_MAX_RETRIES, false, true, true, 1, "", Map.of());
    }
}
