/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import org.polymq.broker.net.BadInput;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refuses web pages that may not connect, with 403 before the WebSocket handshake. Confined to its connection's event
 * loop.
 */
final class OriginCheck extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(OriginCheck.class);

    private final Origins origins;
    private final Runnable refused;

    OriginCheck(Origins origins, Runnable refused) {
        this.origins = origins;
        this.refused = refused;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof FullHttpRequest request) {
            String origin = request.headers().get(HttpHeaderNames.ORIGIN);
            if (!origins.allow(origin, request.headers().get(HttpHeaderNames.HOST))) {
                request.release();
                refuse(context, String.valueOf(origin));
                return;
            }
            context.pipeline().remove(this);
        }
        context.fireChannelRead(message);
    }

    private void refuse(ChannelHandlerContext context, String origin) {
        refused.run();
        if (log.isInfoEnabled()) {
            log.info(
                    "refused a web page from {}: list it in mqtt.websocket-origins if it may connect",
                    BadInput.escape(origin));
        }
        DefaultFullHttpResponse forbidden =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.FORBIDDEN);
        forbidden.headers().set(HttpHeaderNames.CONTENT_LENGTH, 0);
        context.writeAndFlush(forbidden).addListener(ChannelFutureListener.CLOSE);
    }
}
