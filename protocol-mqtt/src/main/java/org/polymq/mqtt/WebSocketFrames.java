/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import org.polymq.broker.net.BadInput;

/** Takes MQTT's bytes out of binary frames and puts them into some. Confined to its connection's event loop. */
final class WebSocketFrames extends ChannelDuplexHandler {
    private final BadInput badInput;

    WebSocketFrames(BadInput badInput) {
        this.badInput = badInput;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof BinaryWebSocketFrame || message instanceof ContinuationWebSocketFrame) {
            context.fireChannelRead(((WebSocketFrame) message).content());
            return;
        }
        ReferenceCountUtil.release(message);
        if (message instanceof WebSocketFrame) { // MQTT 5, 6.0.0-1
            badInput.close(context.channel(), "mqtt-websocket", "a frame that is not binary");
        } else {
            badInput.close(context.channel(), "mqtt-websocket", "not a WebSocket handshake for /mqtt");
        }
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        context.write(message instanceof ByteBuf bytes ? new BinaryWebSocketFrame(bytes) : message, promise);
    }
}
