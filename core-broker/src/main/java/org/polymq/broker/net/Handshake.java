/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.net;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The deadline by which a connection of a protocol that {@linkplain Protocol#handshakes() handshakes} has to prove
 * itself.
 */
public final class Handshake {
    private static final AttributeKey<Future<?>> DEADLINE = AttributeKey.valueOf(Handshake.class, "deadline");

    private Handshake() {}

    /** Lifts the deadline and the limit of bytes. Called on the channel's event loop; later calls do nothing. */
    public static void complete(Channel channel) {
        Future<?> deadline = channel.attr(DEADLINE).getAndSet(null);
        if (deadline != null) {
            deadline.cancel(false);
            LoginBytes counted = channel.pipeline().get(LoginBytes.class);
            if (counted != null) {
                channel.pipeline().remove(counted);
            }
        }
    }

    /**
     * Runs {@code missed} on the event loop unless the handshake completes or the channel closes within {@code time}.
     */
    static void expect(Channel channel, Duration time, Runnable missed) {
        Future<?> deadline = channel.eventLoop().schedule(missed, time.toMillis(), TimeUnit.MILLISECONDS);
        channel.attr(DEADLINE).set(deadline);
        channel.closeFuture().addListener(closed -> complete(channel));
    }
}
