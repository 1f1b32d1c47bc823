/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** How a connection ends whose last words have to arrive. */
public final class Farewell {
    private static final long LINGER_MILLIS = 5_000;

    private Farewell() {}

    /**
     * Closes our side and waits a little for the other's. Closing at once would make what it still sends answered by a
     * reset, and a reset takes the farewell with it. Called on the channel's event loop.
     */
    public static void linger(Channel channel) {
        if (!(channel instanceof DuplexChannel duplex) || !channel.isActive()) {
            channel.close();
            return;
        }
        duplex.shutdownOutput();
        awaitClose(channel);
    }

    /** Leaves it to the other side to close, for a while. Called on the channel's event loop. */
    public static void awaitClose(Channel channel) {
        channel.config().setAutoRead(true);
        Future<?> timeout = channel.eventLoop().schedule(() -> channel.close(), LINGER_MILLIS, TimeUnit.MILLISECONDS);
        channel.closeFuture().addListener(closed -> timeout.cancel(false));
    }
}
