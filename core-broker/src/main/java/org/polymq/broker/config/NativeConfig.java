/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import java.net.InetAddress;

/**
 * The settings of the native (RocketMQ) protocol.
 *
 * @param port {@code native.port}; 0 picks a free port
 * @param advertise the address native clients are told
 * @param autoCreateTopics {@code native.auto-create-topics}
 * @param maxDeliverSize {@code native.max-deliver-size}
 */
public record NativeConfig(int port, InetAddress advertise, boolean autoCreateTopics, DataSize maxDeliverSize) {
    /** The port of the VIP channel, or 0 for none. */
    public int vipPort() {
        return port > 2 ? port - 2 : 0;
    }
}
