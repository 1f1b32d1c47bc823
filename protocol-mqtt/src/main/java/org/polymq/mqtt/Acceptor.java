/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import io.netty.channel.ChannelInboundHandler;
import java.util.function.Supplier;
import org.polymq.broker.net.BadInput;
import org.polymq.broker.net.Protocol;

/**
 * Who serves the connections that come over MQTT's ports. Safe from any thread.
 *
 * @param <H> the handler of a connection
 * @param foreignOrigin counts a web page that may not connect
 * @param connections makes the handler of one more connection
 */
public record Acceptor<H extends ChannelInboundHandler & Acceptor.Served>(
        MqttConfig config, BadInput badInput, Runnable foreignOrigin, Supplier<H> connections) {
    /** A connection that is served. */
    public interface Served {
        /** Says goodbye, where the protocol version can, and closes. Called on the connection's event loop. */
        void stop();
    }

    /** MQTT as its own bytes. */
    public Protocol tcp() {
        return new TcpProtocol(this);
    }

    /** MQTT in WebSocket frames, at the path {@code /mqtt}. */
    public Protocol webSocket() {
        return new WebSocketProtocol(this);
    }
}
