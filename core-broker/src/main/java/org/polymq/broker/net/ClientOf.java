/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.net;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.polymq.broker.cluster.GatewayClient;

/** What groups are told of the client behind a connection that a gateway holds. */
public final class ClientOf {
    private ClientOf() {}

    /**
     * The client, not let in yet.
     *
     * @param channel its connection, whose TLS handshake is over if it has one
     */
    public static GatewayClient channel(Channel channel) {
        InetSocketAddress address = ClientAddress.of(channel);
        return new GatewayClient(
                address == null ? new InetSocketAddress(0) : address,
                channel.pipeline().get(SslHandler.class) != null,
                Tls.clientCertificate(channel),
                Optional.empty());
    }
}
