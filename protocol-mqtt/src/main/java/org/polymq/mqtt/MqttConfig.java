/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import java.time.Duration;
import org.polymq.mqtt.wire.DecoderLimits;

/**
 * The limits of the MQTT adapter. Each is refused with the protocol's own error and counted.
 *
 * @param decoder sizes of packets, topics and properties
 * @param receiveMaximum how many QoS 1 and 2 messages of a client may be unanswered, 1 to 65535; told to 5.0 clients
 * @param maxInFlight how many QoS 1 and 2 messages may be on their way to a client that allows more, 1 to 32767
 * @param topicAliasMaximum aliases a 5.0 client may use, 0 to 65535
 * @param maxClientIdLength characters of a client id
 * @param maxSubscriptions filters of one session
 * @param maxWillSize bytes of a will's payload
 * @param maxSessionExpiry how long a session outlives its connection at most; zero for no limit
 * @param legacySessionExpiry how long a session of 3.1 and 3.1.1 without clean session does
 * @param maxKeepAlive the longest keep-alive a client may ask for, in seconds; 5.0 clients are told a smaller one
 * @param maxBacklog messages that wait for a connected client without persistent session; later ones are dropped
 * @param maxUnsent bytes that may wait in a connection before QoS 0 messages to it are dropped
 * @param requestRate most publishes and subscriptions a second of a connection; 0 for any number
 * @param offers what it does beside
 */
public record MqttConfig(
        DecoderLimits decoder,
        int receiveMaximum,
        int maxInFlight,
        int topicAliasMaximum,
        int maxClientIdLength,
        int maxSubscriptions,
        int maxWillSize,
        Duration maxSessionExpiry,
        Duration legacySessionExpiry,
        int maxKeepAlive,
        int maxBacklog,
        int maxUnsent,
        int requestRate,
        Offers offers) {
    /**
     * What the adapter does that is no limit.
     *
     * @param serverTopicAliases aliases it uses towards a 5.0 client that allows them, 0 to 65535
     * @param sharedExpiry how long a shared subscription stays without a member
     * @param responseInformation told to 5.0 clients that ask; empty for none
     * @param revealDenials whether a refused subscription says that it is not permitted
     * @param sysInterval how often {@code $SYS} is published; zero for never
     * @param redirect where else clients are sent
     * @param origins which web pages may connect over WebSocket
     */
    public record Offers(
            int serverTopicAliases,
            Duration sharedExpiry,
            String responseInformation,
            Duration sysInterval,
            boolean revealDenials,
            Redirect redirect,
            Origins origins) {
        public static final Offers DEFAULT =
                new Offers(16, Duration.ofDays(7), "", Duration.ofSeconds(10), true, Redirect.NEVER, Origins.SAME_HOST);

        /** The same with another redirect. */
        public Offers withRedirect(Redirect other) {
            return new Offers(
                    serverTopicAliases, sharedExpiry, responseInformation, sysInterval, revealDenials, other, origins);
        }
    }

    public MqttConfig {
        check("mqtt.receive-maximum", receiveMaximum, 1, 65535);
        check("mqtt.max-in-flight", maxInFlight, 1, 32767);
        check("mqtt.topic-alias-maximum", topicAliasMaximum, 0, 65535);
        check("mqtt.max-client-id-length", maxClientIdLength, 1, 65535);
        check("mqtt.max-subscriptions", maxSubscriptions, 1, Integer.MAX_VALUE);
        check("mqtt.max-will-size", maxWillSize, 0, 65535);
        check("mqtt.max-keep-alive", maxKeepAlive, 1, 65535);
        check("mqtt.max-backlog", maxBacklog, 0, Integer.MAX_VALUE);
        check("mqtt.max-unsent", maxUnsent, 4096, 1 << 30);
        if (maxSessionExpiry.isNegative() || legacySessionExpiry.toSeconds() < 1) {
            throw new IllegalArgumentException("mqtt session expiry: " + maxSessionExpiry + ", " + legacySessionExpiry);
        }
    }

    /** The same with another maximum of topic aliases. */
    public MqttConfig withTopicAliasMaximum(int maximum) {
        return new MqttConfig(
                decoder,
                receiveMaximum,
                maxInFlight,
                maximum,
                maxClientIdLength,
                maxSubscriptions,
                maxWillSize,
                maxSessionExpiry,
                legacySessionExpiry,
                maxKeepAlive,
                maxBacklog,
                maxUnsent,
                requestRate,
                offers);
    }

    /** The same with other sizes of packets, topics and properties. */
    public MqttConfig withDecoder(DecoderLimits other) {
        return new MqttConfig(
                other,
                receiveMaximum,
                maxInFlight,
                topicAliasMaximum,
                maxClientIdLength,
                maxSubscriptions,
                maxWillSize,
                maxSessionExpiry,
                legacySessionExpiry,
                maxKeepAlive,
                maxBacklog,
                maxUnsent,
                requestRate,
                offers);
    }

    /** The same with other offers. */
    public MqttConfig withOffers(Offers other) {
        return new MqttConfig(
                decoder,
                receiveMaximum,
                maxInFlight,
                topicAliasMaximum,
                maxClientIdLength,
                maxSubscriptions,
                maxWillSize,
                maxSessionExpiry,
                legacySessionExpiry,
                maxKeepAlive,
                maxBacklog,
                maxUnsent,
                requestRate,
                other);
    }

    private static void check(String key, int value, int low, int high) {
        if (value < low || value > high) {
            throw new IllegalArgumentException(key + " must be " + low + " to " + high + ", not " + value);
        }
    }

    /** What holds without configuration. */
    public static MqttConfig defaults() {
        return new MqttConfig(
                DecoderLimits.DEFAULT,
                10_000, // MQTT.js sends as much as it likes
                64,
                0, // Paho for Java 1.2.5 uses stale ones after a lost connection
                256,
                1000,
                65535,
                Duration.ofDays(7),
                Duration.ofDays(7),
                65535,
                10_000,
                4 << 20,
                0,
                Offers.DEFAULT);
    }
}
