/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.net;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** Where a connection's client is: behind a trusted proxy, what the proxy says. Safe from any thread. */
public final class ClientAddress {
    private static final AttributeKey<InetSocketAddress> SAID =
            AttributeKey.valueOf(ClientAddress.class, "client-address");

    private ClientAddress() {}

    /** Null if the channel has none, or is closed. */
    public static @Nullable InetSocketAddress of(Channel channel) {
        InetSocketAddress said = channel.attr(SAID).get();
        if (said != null) {
            return said;
        }
        return channel.remoteAddress() instanceof InetSocketAddress remote ? remote : null;
    }

    static void say(Channel channel, InetSocketAddress address) {
        channel.attr(SAID).set(address);
    }
}
