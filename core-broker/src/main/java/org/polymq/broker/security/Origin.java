/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * Where a request comes from, for the audit log and for the pauses after failed logins.
 *
 * @param protocol {@code native}, {@code jms}, {@code mqtt}, {@code http} or {@code nameserver}
 * @param address the client's address without port
 */
public record Origin(String protocol, String address) {
    public static Origin of(String protocol, Channel channel) {
        InetAddress address = channel.remoteAddress() instanceof InetSocketAddress inet ? inet.getAddress() : null;
        return new Origin(protocol, address == null ? "" : address.getHostAddress());
    }
}
