/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.client;

import java.util.Map;
import java.util.Optional;

/**
 * A message as a client handed it over.
 *
 * @param body binary body
 * @param topic its topic as this protocol names it; for native the topic and, if there is one, '/' and its TOPIC_PATH
 * @param properties what the client shows, under the names that it shows
 * @param queue for native: queue id and offset
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Incoming(byte[] body, String topic, Map<String, Object> properties, Optional<Queue> queue) {
    /** Copies the properties. */
    public Incoming {
        properties = Map.copyOf(properties);
    }

    /**
     * Where a native client found a message.
     *
     * @param id number of the queue
     * @param offset of the message in it
     */
    public record Queue(int id, long offset) {}

    /** A property as text; empty if there is none. */
    public Optional<String> text(String name) {
        return Optional.ofNullable(properties.get(name)).map(Object::toString);
    }
}
