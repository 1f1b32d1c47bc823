/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What the gateway is told.
 *
 * @param clusterName the cluster's name in routes and in each message
 * @param brokerName the broker's name in routes
 * @param autoCreateTopics whether a send to a missing topic makes it
 * @param maxAutoQueues most queues of a topic made by a send, whatever its client asks for
 * @param maxDeliverSize bytes; a larger message (of another protocol) is skipped for native consumers
 * @param clientTimeout a connection or group member that is silent for longer is dropped
 * @param lockTime how long a queue stays locked for an orderly consumer that does not renew
 * @param delayLevels how long RocketMQ's delay levels are
 * @param transactions when producers are asked about half messages
 * @param advertise the address in message ids; empty: the one by which each client came
 * @param limits what one client may ask for
 * @param shown settings of other parts under the names RocketMQ's tools know, for code 26
 */
public record NativeConfig(
        String clusterName,
        String brokerName,
        boolean autoCreateTopics,
        int maxAutoQueues,
        int maxDeliverSize,
        Duration clientTimeout,
        Duration lockTime,
        DelayLevels delayLevels,
        TransactionSettings transactions,
        Optional<InetAddress> advertise,
        ClientLimits limits,
        Map<String, String> shown) {

    /** RocketMQ's values: topics made by sends with at most 8 queues, 4 MB, 120 s, 60 s. */
    public static NativeConfig of(String clusterName, String brokerName) {
        return new NativeConfig(
                clusterName,
                brokerName,
                true,
                8,
                4 * 1024 * 1024,
                Duration.ofMinutes(2),
                Duration.ofMinutes(1),
                DelayLevels.STANDARD,
                TransactionSettings.DEFAULT,
                Optional.empty(),
                ClientLimits.DEFAULT,
                Map.of());
    }

    public NativeConfig {
        shown = Map.copyOf(shown);
        if (maxAutoQueues < 1 || maxDeliverSize < 1) {
            throw new IllegalArgumentException("maxAutoQueues " + maxAutoQueues + " and maxDeliverSize "
                    + maxDeliverSize + " have to be at least 1");
        }
    }
}
