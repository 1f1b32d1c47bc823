/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.cluster;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.Optional;

/**
 * A client whose connection a gateway holds, as the group that serves it needs to know it. Only another node can say
 * so: the ports that clients reach never set it.
 *
 * <p>On a stream without a principal the group checks the client as usual, and tells the gateway as whom it has let it
 * in, each protocol in its own way: the gateway gives the name to the other groups with {@link #as}, and never to the
 * client. The name is empty while security is off.
 *
 * @param address where the client is
 * @param encrypted whether it came to the gateway by TLS
 * @param certificate what it has shown of itself
 * @param principal as whom another group has let it in already: this one asks for no password again; empty: it has to
 *     prove itself here
 */
public record GatewayClient(
        InetSocketAddress address,
        boolean encrypted,
        Optional<X509Certificate> certificate,
        Optional<String> principal) {
    private static final AttributeKey<GatewayClient> SAID = AttributeKey.valueOf(GatewayClient.class, "client");

    /** The client behind a stream that a gateway opened; empty for a client's own connection. Safe from any thread. */
    public static Optional<GatewayClient> of(Channel channel) {
        return Optional.ofNullable(channel.attr(SAID).get());
    }

    /**
     * Has {@link #of} answer this for the channel. For who takes streams of other nodes, before anything reads them.
     */
    public void say(Channel channel) {
        channel.attr(SAID).set(this);
    }

    /** The same client, let in already as a principal. */
    public GatewayClient as(String name) {
        return new GatewayClient(address, encrypted, certificate, Optional.of(name));
    }
}
