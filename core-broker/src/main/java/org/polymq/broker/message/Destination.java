/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import org.jspecify.annotations.Nullable;

/**
 * Where an answer is wanted: a topic or a queue by its canonical name.
 *
 * <p>A native requester, which has no name of its own, is the queue {@code $reply/CLIENTID}.
 *
 * @param kind what it is
 * @param name a topic's canonical (MQTT) name; a queue's name; a temporary destination's name
 */
public record Destination(Kind kind, String name) {
    /** What a destination is. Stored by {@link #code}, never by ordinal. */
    public enum Kind {
        TOPIC(0, ""),
        QUEUE(1, "$queue/"),
        TEMPORARY_TOPIC(2, "$temporary-topic/"),
        TEMPORARY_QUEUE(3, "$temporary-queue/");

        final int code;
        final String prefix;

        Kind(int code, String prefix) {
            this.code = code;
            this.prefix = prefix;
        }

        public boolean isQueue() {
            return this == QUEUE || this == TEMPORARY_QUEUE;
        }

        public boolean isTemporary() {
            return this == TEMPORARY_TOPIC || this == TEMPORARY_QUEUE;
        }
    }

    private static final String REPLY = "$reply/";

    public static Destination topic(String name) {
        return new Destination(Kind.TOPIC, name);
    }

    public static Destination queue(String name) {
        return new Destination(Kind.QUEUE, name);
    }

    public static Destination temporaryTopic(String name) {
        return new Destination(Kind.TEMPORARY_TOPIC, name);
    }

    public static Destination temporaryQueue(String name) {
        return new Destination(Kind.TEMPORARY_QUEUE, name);
    }

    /** The queue that stands for a native client waiting for an answer. */
    public static Destination nativeClient(String clientId) {
        return queue(REPLY + clientId);
    }

    /** The native client this stands for, or null. */
    public @Nullable String nativeClientId() {
        return kind == Kind.QUEUE && name.startsWith(REPLY) ? name.substring(REPLY.length()) : null;
    }

    /**
     * The MQTT topic name to publish to: a topic's name, {@code $queue/NAME} for a queue, and names under
     * {@code $temporary-queue/} and {@code $temporary-topic/}.
     */
    public String mqttName() {
        return kind.prefix + name;
    }

    /** The inverse of {@link #mqttName}. Total; the name is not checked. */
    public static Destination ofMqttName(String mqttName) {
        if (!mqttName.isEmpty() && mqttName.charAt(0) == '$') {
            for (Kind kind : Kind.values()) {
                if (kind != Kind.TOPIC && mqttName.startsWith(kind.prefix)) {
                    return new Destination(kind, mqttName.substring(kind.prefix.length()));
                }
            }
        }
        return topic(mqttName);
    }

    static Kind kindOf(int code) {
        for (Kind kind : Kind.values()) {
            if (kind.code == code) {
                return kind;
            }
        }
        throw new IllegalArgumentException("unknown kind of destination " + code);
    }

    @Override
    public String toString() {
        return mqttName();
    }
}
