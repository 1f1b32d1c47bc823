/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication.transport;

import io.netty.channel.EventLoopGroup;

/**
 * How a node takes streams of gateways on its port between nodes.
 *
 * @param cluster only gateways of the same cluster are let in; up to 255 bytes
 * @param workers event loops that serve them, of the same kind as those of the port; streams never stay on the port's
 *     own loop, so that clients cannot keep it busy
 * @param most streams at a time
 * @param listener hears what each wants
 */
public record StreamPort(String cluster, EventLoopGroup workers, int most, Listener listener) {
    public StreamPort {
        if (most < 1) {
            throw new IllegalArgumentException("a node takes at least one stream, not " + most);
        }
    }

    /** Decides what becomes of a stream. Safe from any thread. */
    @FunctionalInterface
    public interface Listener {
        /**
         * Answers, at once or later, by one of the methods of what was asked. On the stream's event loop.
         *
         * @throws RuntimeException if what it says is not understood: then the connection is closed and counted
         */
        void asked(AskedStream asked);
    }
}
