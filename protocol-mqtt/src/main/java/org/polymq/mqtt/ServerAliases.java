/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The topic aliases of one connection towards its client: the topics sent last have one (MQTT 5, 3.3.2.3.4). Confined
 * to the connection's event loop.
 */
public final class ServerAliases {
    private final int maximum;
    /** Aliases by topic, the one used longest ago first. */
    private final Map<String, Integer> byTopic;

    /** An alias, and whether the client knows it from an earlier packet. */
    public record Alias(int number, boolean known) {}

    /** No aliases yet; {@code maximum} is at least 1. */
    public ServerAliases(int maximum) {
        this.maximum = maximum;
        this.byTopic = new LinkedHashMap<>(4, 0.75f, true);
    }

    /** The alias under which the next packet with this topic goes out; from then on the client knows it. */
    public Alias next(String topic) {
        Integer known = byTopic.get(topic);
        if (known != null) {
            return new Alias(known, true);
        }
        int number = byTopic.size() + 1;
        if (number > maximum) {
            Map.Entry<String, Integer> eldest = byTopic.entrySet().iterator().next();
            number = eldest.getValue();
            byTopic.remove(eldest.getKey());
        }
        byTopic.put(topic, number);
        return new Alias(number, false);
    }
}
