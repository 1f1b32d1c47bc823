/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.timeout.IdleStateEvent;
import java.io.IOException;
import org.polymq.broker.net.BadInput;
import org.polymq.broker.net.Handshake;
import org.polymq.dashboard.Endpoints.Answer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers one connection's requests in turn. Confined to its event loop. */
final class HttpHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final Logger log = LoggerFactory.getLogger(HttpHandler.class);

    private final Endpoints endpoints;
    private final BadInput badInput;

    HttpHandler(Endpoints endpoints, BadInput badInput) {
        this.endpoints = endpoints;
        this.badInput = badInput;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
        if (request.decoderResult().isFailure()) {
            badInput.close(
                    context.channel(),
                    "http",
                    String.valueOf(request.decoderResult().cause().getMessage()));
            return;
        }
        Handshake.complete(context.channel());
        HttpMethod method = request.method();
        if (method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD)) {
            answer(context, request, endpoints.get(new QueryStringDecoder(request.uri()).path()));
        } else {
            answer(
                    context,
                    request,
                    new Answer(
                            HttpResponseStatus.METHOD_NOT_ALLOWED, "text/plain; charset=utf-8", "GET or HEAD only\n"));
        }
    }

    private static void answer(ChannelHandlerContext context, FullHttpRequest request, Answer answer) {
        byte[] body = answer.body().getBytes(UTF_8);
        boolean head = request.method().equals(HttpMethod.HEAD);
        var response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, answer.status(), head ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(body));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, answer.contentType())
                .set(HttpHeaderNames.CONTENT_LENGTH, body.length)
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .set("X-Content-Type-Options", "nosniff");
        boolean keepAlive = HttpUtil.isKeepAlive(request);
        HttpUtil.setKeepAlive(response, keepAlive);
        ChannelFuture written = context.writeAndFlush(response);
        if (!keepAlive) {
            written.addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof IdleStateEvent) {
            context.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            log.debug("connection from {} lost", context.channel().remoteAddress(), cause);
        } else {
            log.warn("closed the connection from {}", context.channel().remoteAddress(), cause);
        }
        context.close();
    }
}
