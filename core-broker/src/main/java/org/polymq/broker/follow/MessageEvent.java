/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.follow;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.Property;

/**
 * Something that happened to one message.
 *
 * @param topic the canonical (MQTT) name
 * @param position in the log; null for a message that nobody needs stored
 * @param protocol of the client: mqtt, jms or rocketmq
 * @param client its client id, or its address where it has none
 * @param through the subscription or group; empty where it is none
 * @param deliveries how often the message was handed out through this, this time included; 0 for its publication
 * @param traceParent the position in a distributed trace that the publisher set, see W3C Trace Context
 * @param traceState what goes with it
 * @param took how long it took; zero for what has no duration
 */
public record MessageEvent(
        Kind kind,
        String topic,
        @Nullable Long position,
        @Nullable String id,
        String protocol,
        String client,
        String through,
        int deliveries,
        @Nullable String traceParent,
        @Nullable String traceState,
        Instant started,
        Duration took) {
    /** What happened. */
    public enum Kind {
        /** It was stored, or handed to who is online. */
        PUBLISHED,
        /** It was sent to a consumer. */
        DELIVERED,
        /** A consumer was done with it. */
        ACKNOWLEDGED,
        /** A consumer that had seen it handed it back. */
        RETURNED
    }

    static MessageEvent published(
            Message message, @Nullable Long position, String protocol, String client, Instant started, Duration took) {
        return of(Kind.PUBLISHED, message, position, protocol, client, "", 0, started, took);
    }

    static MessageEvent of(
            Kind kind,
            Message message,
            @Nullable Long position,
            String protocol,
            String client,
            String through,
            int deliveries,
            Instant started,
            Duration took) {
        return new MessageEvent(
                kind,
                message.address().name(),
                position,
                message.id(),
                protocol,
                client,
                through,
                deliveries,
                property(message, "traceparent"),
                property(message, "tracestate"),
                started,
                took);
    }

    private static @Nullable String property(Message message, String name) {
        for (Property property : message.properties()) {
            if (property.name().equals(name)) {
                return property.text();
            }
        }
        return null;
    }
}
