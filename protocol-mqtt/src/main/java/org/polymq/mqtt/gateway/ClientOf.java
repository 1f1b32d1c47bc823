/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.gateway;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.polymq.broker.cluster.GatewayClient;
import org.polymq.broker.net.ClientAddress;
import org.polymq.broker.net.Tls;

/** What groups are told of the client behind a connection. */
final class ClientOf {
    private ClientOf() {}

    static GatewayClient channel(Channel channel) {
        InetSocketAddress address = ClientAddress.of(channel);
        return new GatewayClient(
                address == null ? InetSocketAddress.createUnresolved("closed", 0) : address,
                channel.pipeline().get(SslHandler.class) != null,
                Tls.clientCertificate(channel),
                Optional.empty());
    }
}
