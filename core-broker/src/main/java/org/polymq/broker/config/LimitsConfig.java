/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import java.time.Duration;

/**
 * What clients may use, keys {@code limits.*}.
 *
 * @param connections most connections, all listeners together
 * @param connectionsPerAddress most connections from one address
 * @param connectionRate most new connections a second; 0 for any number
 * @param connectionsPerUser most MQTT and JMS connections of one user in the cluster; 0 for any number
 * @param clusterConnections most connections of all nodes together; 0 for any number
 * @param login until a connection has logged in
 * @param requestRate most requests a second of one connection; 0 for any number
 * @param messageSize the largest message
 * @param largeMessageMemory what messages above 4 MB may take while they come in
 * @param jmsFrameSize the largest JMS frame
 * @param mqttPacketSize the largest MQTT packet
 * @param queueDepth most messages that wait in one queue; 0 for any number
 * @param topicLength characters of a topic name or filter in MQTT's form
 * @param topicLevels levels of a topic name or filter
 * @param subscriptionsPerSession of one MQTT session, or of one RocketMQ client
 * @param inFlight unacknowledged messages on their way to one MQTT client
 * @param unsentPerConnection what may wait for a slow MQTT connection
 * @param userProperties of one MQTT packet
 * @param userPropertiesSize of one MQTT packet
 */
public record LimitsConfig(
        int connections,
        int connectionsPerAddress,
        int connectionRate,
        int connectionsPerUser,
        int clusterConnections,
        Login login,
        int requestRate,
        DataSize messageSize,
        DataSize largeMessageMemory,
        DataSize jmsFrameSize,
        DataSize mqttPacketSize,
        long queueDepth,
        int topicLength,
        int topicLevels,
        int subscriptionsPerSession,
        int inFlight,
        DataSize unsentPerConnection,
        int userProperties,
        DataSize userPropertiesSize) {

    /**
     * What a connection may take until it has logged in.
     *
     * @param firstBytes time until its protocol is known
     * @param handshake time from the first bytes to the end of the handshake
     * @param size most bytes of one connection
     * @param memory what all of them may hold
     */
    public record Login(Duration firstBytes, Duration handshake, DataSize size, DataSize memory) {}
}
