/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import java.time.Duration;

/**
 * What clients may use, keys {@code limits.*}.
 *
 * @param connections most connections, all listeners together
 * @param connectionsPerAddress most connections from one address
 * @param firstBytes until a connection's protocol is known
 * @param handshake from the first bytes to the end of the handshake
 * @param messageSize the largest message
 * @param largeMessageMemory what messages above 4 MB may take while they come in
 * @param jmsFrameSize the largest JMS frame
 * @param mqttPacketSize the largest MQTT packet
 * @param topicLength characters of an MQTT topic name or filter
 * @param topicLevels levels of an MQTT topic name or filter
 * @param subscriptionsPerSession of one MQTT session
 * @param inFlight unacknowledged messages on their way to one MQTT client
 * @param unsentPerConnection what may wait for a slow MQTT connection
 * @param userProperties of one MQTT packet
 * @param userPropertiesSize of one MQTT packet
 */
public record LimitsConfig(
        int connections,
        int connectionsPerAddress,
        Duration firstBytes,
        Duration handshake,
        DataSize messageSize,
        DataSize largeMessageMemory,
        DataSize jmsFrameSize,
        DataSize mqttPacketSize,
        int topicLength,
        int topicLevels,
        int subscriptionsPerSession,
        int inFlight,
        DataSize unsentPerConnection,
        int userProperties,
        DataSize userPropertiesSize) {}
