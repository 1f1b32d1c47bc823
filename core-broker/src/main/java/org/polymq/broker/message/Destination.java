/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import java.util.HexFormat;
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
    private static final HexFormat DIGITS = HexFormat.of().withUpperCase();

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

    /**
     * The queue that stands for a native client waiting for an answer. What an MQTT topic level cannot hold is
     * {@code %} and two digits: RocketMQ's client ids have a {@code #} by default.
     */
    public static Destination nativeClient(String clientId) {
        StringBuilder escaped = new StringBuilder(REPLY.length() + clientId.length() + 8).append(REPLY);
        for (int i = 0; i < clientId.length(); i++) {
            char c = clientId.charAt(i);
            if (c < ' ' || "%#+/".indexOf(c) >= 0) {
                DIGITS.toHexDigits(escaped.append('%'), (byte) c);
            } else {
                escaped.append(c);
            }
        }
        return queue(escaped.toString());
    }

    /** The native client this stands for, or null. */
    public @Nullable String nativeClientId() {
        if (kind != Kind.QUEUE || !name.startsWith(REPLY)) {
            return null;
        }
        StringBuilder plain = new StringBuilder(name.length());
        for (int i = REPLY.length(); i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '%'
                    && i + 2 < name.length()
                    && HexFormat.isHexDigit(name.charAt(i + 1))
                    && HexFormat.isHexDigit(name.charAt(i + 2))) {
                c = (char) HexFormat.fromHexDigits(name, i + 1, i + 3);
                i += 2;
            }
            plain.append(c);
        }
        return plain.toString();
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
