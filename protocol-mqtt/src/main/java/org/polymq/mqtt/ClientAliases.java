/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import org.jspecify.annotations.Nullable;
import org.polymq.mqtt.wire.PacketException;
import org.polymq.mqtt.wire.Publish;
import org.polymq.mqtt.wire.ReasonCode;

/** The topic aliases that one client has set (MQTT 5, 3.3.2.3.4). Confined to its connection's event loop. */
public final class ClientAliases {
    private final @Nullable String[] topics;

    /**
     * No aliases yet.
     *
     * @param maximum how many the client may set, 0 to 65535
     */
    public ClientAliases(int maximum) {
        this.topics = new @Nullable String[maximum + 1];
    }

    /**
     * The topic of a message; remembers it if the message gives it an alias.
     *
     * @throws PacketException if the alias is too high or not set
     */
    public String topicOf(Publish publish) {
        int alias = publish.topicAlias();
        if (alias == 0) {
            return publish.topic();
        }
        if (alias >= topics.length) {
            throw new PacketException(
                    ReasonCode.TOPIC_ALIAS_INVALID,
                    "topic alias " + alias + " exceeds the maximum of " + (topics.length - 1));
        }
        if (!publish.topic().isEmpty()) {
            topics[alias] = publish.topic();
            return publish.topic();
        }
        String topic = topics[alias];
        if (topic == null) {
            throw new PacketException(ReasonCode.PROTOCOL_ERROR, "topic alias " + alias + " is not set");
        }
        return topic;
    }
}
