/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.client;

import java.util.Map;
import java.util.Optional;

/**
 * A message as a test wants it sent. A protocol that cannot express a part leaves it out.
 *
 * @param body binary body
 * @param path MQTT levels below the topic, if any
 * @param groupKey messages of one key keep their order
 * @param keys words to find it by
 * @param tag one word to filter by
 * @param properties String, Boolean, Integer, Long, Double
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Outgoing(
        byte[] body,
        Optional<String> path,
        Optional<String> groupKey,
        Optional<String> keys,
        Optional<String> tag,
        Map<String, Object> properties) {
    /** Copies the properties. */
    public Outgoing {
        properties = Map.copyOf(properties);
    }

    /** Nothing but a body. */
    public static Outgoing of(byte[] body) {
        return new Outgoing(body, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Map.of());
    }

    /** The same with a path below its topic. */
    public Outgoing withPath(String newPath) {
        return new Outgoing(body, Optional.of(newPath), groupKey, keys, tag, properties);
    }

    /** The same with a group key. */
    public Outgoing withGroupKey(String newGroupKey) {
        return new Outgoing(body, path, Optional.of(newGroupKey), keys, tag, properties);
    }

    /** The same with keys, a tag and properties. */
    public Outgoing withDetails(String newKeys, String newTag, Map<String, Object> newProperties) {
        return new Outgoing(body, path, groupKey, Optional.of(newKeys), Optional.of(newTag), newProperties);
    }
}
