/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import java.time.Duration;
import java.util.List;

/** What clients may use, keys {@code limits.*}. */
final class LimitOptions {
    static final Option<Integer> CONNECTIONS = new Option<>(
            "limits.connections",
            OptionType.number(1, 10_000_000),
            "100000",
            "Most connections, all listeners together.");
    static final Option<Integer> CONNECTIONS_PER_ADDRESS = new Option<>(
            "limits.connections-per-address",
            OptionType.number(1, 10_000_000),
            "50000",
            "Most connections from one address.");
    static final Option<Integer> CONNECTION_RATE = new Option<>(
            "limits.connection-rate",
            OptionType.number(0, 10_000_000),
            "10000",
            "Most new connections a second, all listeners together. 0: any number.");
    static final Option<Integer> CONNECTIONS_PER_USER = new Option<>(
            "limits.connections-per-user",
            OptionType.number(0, 10_000_000),
            "0",
            "Most MQTT and JMS connections of one user, all nodes of a cluster together. Nodes that are out of touch count"
                    + " apart. 0: any number; also while security is off.");
    static final Option<Integer> CLUSTER_CONNECTIONS = new Option<>(
            "limits.cluster-connections",
            OptionType.number(0, Integer.MAX_VALUE),
            "0",
            "Most connections of all nodes of a cluster of several groups together. Nodes know of each other's connections"
                    + " some seconds late. 0: any number.");
    static final Option<Duration> FIRST_BYTES = new Option<>(
            "limits.first-bytes",
            OptionType.duration("10ms", "1h"),
            "10s",
            "How long a connection may stay silent before its protocol is known.");
    static final Option<Duration> HANDSHAKE = new Option<>(
            "limits.handshake",
            OptionType.duration("10ms", "1h"),
            "20s",
            "How long a connection may take from its first bytes to the end of its handshake.");
    static final Option<DataSize> LOGIN_SIZE = new Option<>(
            "limits.login-size",
            OptionType.size("64KB", "16MB"),
            "256KB",
            "The most bytes a connection may send before it has logged in. RocketMQ clients may send a whole message"
                    + " first: 5 MB, a broker's registration at a name server 17 MB.");
    static final Option<DataSize> LOGIN_MEMORY = new Option<>(
            "limits.login-memory",
            OptionType.size("1MB", "64GB"),
            "64MB",
            "What connections that have not logged in yet may hold together beyond the first 64 KB of each.");
    static final Option<Integer> REQUEST_RATE = new Option<>(
            "limits.request-rate",
            OptionType.number(0, 10_000_000),
            "0",
            "Most requests a second of one connection: RocketMQ requests, MQTT publishes and subscriptions,"
                    + " JMS sends (not those of a transaction) and consumers. 0: any number.");
    static final Option<DataSize> MESSAGE_SIZE = new Option<>(
            "limits.message-size",
            OptionType.size("1KB", "256MB"),
            "100MB",
            "The largest message, body and properties together. A native send takes RocketMQ's 4 MB at most.");
    static final Option<DataSize> LARGE_MEMORY = new Option<>(
            "limits.large-message-memory",
            OptionType.size("8MB", "64GB"),
            "64MB",
            "Memory for messages above 4 MB that are on their way in, all connections together: 512 KB for each.");
    static final Option<DataSize> JMS_FRAME = new Option<>(
            "limits.jms-frame-size",
            OptionType.size("64KB", "256MB"),
            "16MB",
            "The largest JMS frame: a transaction's messages may share one. Native frames have RocketMQ's 16 MB.");
    static final Option<DataSize> MQTT_PACKET = new Option<>(
            "limits.mqtt-packet-size",
            OptionType.size("1KB", "256MB"),
            "101MB",
            "The largest MQTT packet; an MQTT 5 client is told.");
    static final Option<Long> QUEUE_DEPTH = new Option<>(
            "limits.queue-depth",
            OptionType.count(0, 1_000_000_000_000L),
            "100000000",
            "Most messages that may wait in one queue; more are refused until some are consumed. 0: any number.");
    static final Option<Integer> TOPIC_LENGTH = new Option<>(
            "limits.topic-length",
            OptionType.number(1, 65_535),
            "1024",
            "The longest topic name or filter, in characters of its MQTT form.");
    static final Option<Integer> TOPIC_LEVELS = new Option<>(
            "limits.topic-levels", OptionType.number(1, 65_535), "128", "The most levels of a topic name or filter.");
    static final Option<Integer> SUBSCRIPTIONS = new Option<>(
            "limits.subscriptions-per-session",
            OptionType.number(1, 1_000_000),
            "10000",
            "Most subscriptions of one MQTT session, and of one RocketMQ client.");
    static final Option<Integer> IN_FLIGHT = new Option<>(
            "limits.in-flight",
            OptionType.number(1, 65_535),
            "1024",
            "Most unacknowledged messages on their way to one MQTT client.");
    static final Option<DataSize> UNSENT = new Option<>(
            "limits.unsent-per-connection",
            OptionType.size("16KB", "1GB"),
            "4MB",
            "What may wait for a slow MQTT connection; beyond it QoS 0 messages are dropped and counted.");
    static final Option<Integer> USER_PROPERTIES = new Option<>(
            "limits.user-properties", OptionType.number(0, 10_000), "64", "Most user properties of one MQTT packet.");
    static final Option<DataSize> USER_PROPERTIES_SIZE = new Option<>(
            "limits.user-properties-size",
            OptionType.size("0B", "1MB"),
            "16KB",
            "Most bytes of user properties of one MQTT packet.");

    static final List<Option<?>> ALL = List.of(
            CONNECTIONS,
            CONNECTIONS_PER_ADDRESS,
            CONNECTION_RATE,
            CONNECTIONS_PER_USER,
            CLUSTER_CONNECTIONS,
            FIRST_BYTES,
            HANDSHAKE,
            LOGIN_SIZE,
            LOGIN_MEMORY,
            REQUEST_RATE,
            MESSAGE_SIZE,
            LARGE_MEMORY,
            JMS_FRAME,
            MQTT_PACKET,
            QUEUE_DEPTH,
            TOPIC_LENGTH,
            TOPIC_LEVELS,
            SUBSCRIPTIONS,
            IN_FLIGHT,
            UNSENT,
            USER_PROPERTIES,
            USER_PROPERTIES_SIZE);

    private LimitOptions() {}
}
