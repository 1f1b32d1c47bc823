/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;

/**
 * The settings of the native (RocketMQ) protocol.
 *
 * @param port {@code native.port}; 0 picks a free port
 * @param advertise the address native clients are told
 * @param autoCreateTopics {@code native.auto-create-topics}
 * @param maxDeliverSize {@code native.max-deliver-size}
 * @param delayLevels {@code native.delay-levels}
 * @param queueLockTime {@code native.queue-lock-time}
 * @param transactions {@code native.transaction-...}
 */
public record NativeConfig(
        int port,
        InetAddress advertise,
        boolean autoCreateTopics,
        DataSize maxDeliverSize,
        List<Duration> delayLevels,
        Duration queueLockTime,
        Transactions transactions) {
    public NativeConfig {
        delayLevels = List.copyOf(delayLevels);
    }

    /**
     * When producers are asked about half messages.
     *
     * @param timeout {@code native.transaction-timeout}
     * @param checkInterval {@code native.transaction-check-interval}
     * @param checkMax {@code native.transaction-check-max}
     */
    public record Transactions(Duration timeout, Duration checkInterval, int checkMax) {}

    /** The port of the VIP channel, or 0 for none. */
    public int vipPort() {
        return port > 2 ? port - 2 : 0;
    }
}
