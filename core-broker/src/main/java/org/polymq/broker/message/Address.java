/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import org.jspecify.annotations.Nullable;

/**
 * Where a message goes: the first level of its canonical (MQTT) name and the rest. {@code a} has no path, {@code a/}
 * has the empty path, {@code a/b/c} has the path {@code b/c}; the first level may be empty ({@code /a}).
 *
 * <p>A queue is an address without path. Syntax is checked by {@link Names}, not here.
 *
 * @param topic the first level, unescaped; no {@code /}
 * @param path what follows the first {@code /}, or null if there is none
 */
public record Address(String topic, @Nullable String path) {
    public Address {
        if (topic.indexOf('/') >= 0) {
            throw new IllegalArgumentException("a first level with a slash: " + topic);
        }
    }

    /** The address of a topic without path, or of a queue. */
    public static Address of(String topic) {
        return new Address(topic, null);
    }

    /** Splits a canonical name at its first slash. Does not check it: see {@link Names#ofMqtt}. */
    public static Address split(String name) {
        int slash = name.indexOf('/');
        return slash < 0 ? new Address(name, null) : new Address(name.substring(0, slash), name.substring(slash + 1));
    }

    /** The canonical (MQTT) name. */
    public String name() {
        return path == null ? topic : topic + '/' + path;
    }

    @Override
    public String toString() {
        return name();
    }
}
