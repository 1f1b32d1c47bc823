/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.polymq.broker.net.ClientAddress;

/**
 * Where a request comes from, for the audit log and for the pauses after failed logins.
 *
 * @param protocol {@code native}, {@code jms}, {@code mqtt}, {@code http} or {@code nameserver}
 * @param address the client's address without port
 */
public record Origin(String protocol, String address) {
    public static Origin of(String protocol, Channel channel) {
        InetSocketAddress client = ClientAddress.of(channel);
        InetAddress address = client == null ? null : client.getAddress();
        return new Origin(protocol, address == null ? "" : address.getHostAddress());
    }
}
