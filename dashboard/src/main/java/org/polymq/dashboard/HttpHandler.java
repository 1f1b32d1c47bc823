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
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reply;
import org.polymq.broker.net.BadInput;
import org.polymq.broker.net.Handshake;
import org.polymq.broker.security.Access;
import org.polymq.broker.security.Action;
import org.polymq.broker.security.Resource;
import org.polymq.dashboard.Endpoints.Answer;
import org.polymq.dashboard.api.Api;
import org.polymq.dashboard.api.Events;
import org.polymq.dashboard.api.Overview;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers one connection's requests in turn. Confined to its event loop. */
final class HttpHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final Logger log = LoggerFactory.getLogger(HttpHandler.class);

    private static final int MOST_WAITING = 16;
    /** Scripts and styles are this server's own files only; the page may talk to it and to its MQTT WebSocket. */
    private static final String CONTENT_POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
                    + " connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final String LIVE = Api.PREFIX + "live";

    private final Endpoints endpoints;
    private final Api api;
    private final Overview overview;
    private final BadInput badInput;
    private final ArrayDeque<FullHttpRequest> waiting = new ArrayDeque<>();
    private boolean busy;

    HttpHandler(Endpoints endpoints, Api api, Overview overview, BadInput badInput) {
        this.endpoints = endpoints;
        this.api = api;
        this.overview = overview;
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
        if (!busy) {
            serve(context, request);
        } else if (waiting.size() < MOST_WAITING) {
            waiting.add(request.retain());
        } else {
            badInput.close(context.channel(), "http", "more than " + MOST_WAITING + " requests without an answer");
        }
    }

    private void serve(ChannelHandlerContext context, FullHttpRequest request) {
        busy = true;
        String path = new QueryStringDecoder(request.uri()).path();
        if (path.equals(LIVE) && request.method().equals(HttpMethod.GET)) {
            serveLive(context, request);
            return;
        }
        if (path.startsWith(Api.PREFIX)) {
            serveApi(context, request);
            return;
        }
        HttpMethod method = request.method();
        if (!method.equals(HttpMethod.GET) && !method.equals(HttpMethod.HEAD)) {
            finish(
                    context,
                    request,
                    new Answer(HttpResponseStatus.METHOD_NOT_ALLOWED, Endpoints.TEXT, "GET or HEAD only\n"));
        } else if (path.equals("/metrics")) {
            serveMetrics(context, request);
        } else {
            finish(context, request, endpoints.get(path));
        }
    }

    private void serveApi(ChannelHandlerContext context, FullHttpRequest request) {
        FullHttpRequest kept = request.retain();
        api.serve(context.channel(), kept, answer -> {
            Events.Source events = answer.events();
            if (events != null) {
                new EventStream(context.channel(), api::write).begin(events);
            } else {
                finish(context, kept, new Answer(answer.status(), Endpoints.JSON, answer.body()));
            }
            kept.release();
        });
    }

    // What is counted names topics and groups: with security on it is for those who may watch the cluster.
    private void serveMetrics(ChannelHandlerContext context, FullHttpRequest request) {
        FullHttpRequest kept = request.retain();
        watching(
                context,
                kept,
                () -> {
                    finish(context, kept, endpoints.get("/metrics"));
                    kept.release();
                },
                refused -> {
                    finish(context, kept, refusal(refused));
                    kept.release();
                });
    }

    /** The connection is for this alone from here on. */
    private void serveLive(ChannelHandlerContext context, FullHttpRequest request) {
        FullHttpRequest kept = request.retain();
        watching(
                context,
                kept,
                () -> {
                    new LiveStream(context.channel(), () -> api.write(overview.now())).begin();
                    kept.release();
                },
                refused -> {
                    finish(context, kept, refusal(refused));
                    kept.release();
                });
    }

    /** Does something for whoever may watch the cluster. */
    private void watching(
            ChannelHandlerContext context,
            FullHttpRequest request,
            Runnable permitted,
            Consumer<BrokerException> denied) {
        Reply<Access> reply = Reply.of(
                access -> {
                    try {
                        access.require(Action.SUB, Resource.CLUSTER);
                    } catch (BrokerException refused) {
                        denied.accept(refused);
                        return;
                    }
                    permitted.run();
                },
                denied);
        try {
            api.checkSite(request);
            api.login(context.channel(), request, reply);
        } catch (BrokerException refused) {
            reply.failed(refused);
        }
    }

    private Answer refusal(BrokerException refused) {
        Api.Answer answer = api.refusal(refused);
        return new Answer(answer.status(), Endpoints.JSON, answer.body());
    }

    private void finish(ChannelHandlerContext context, FullHttpRequest request, Answer answer) {
        answer(context, request, answer);
        busy = false;
        FullHttpRequest next = waiting.poll();
        if (next != null) {
            try {
                serve(context, next);
            } finally {
                next.release();
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        waiting.forEach(FullHttpRequest::release);
        waiting.clear();
        super.channelInactive(context);
    }

    static void answer(ChannelHandlerContext context, FullHttpRequest request, Answer answer) {
        byte[] body = answer.body().getBytes(UTF_8);
        boolean head = request.method().equals(HttpMethod.HEAD);
        var response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, answer.status(), head ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(body));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, answer.contentType())
                .set(HttpHeaderNames.CONTENT_LENGTH, body.length)
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .set("X-Content-Type-Options", "nosniff")
                .set("Content-Security-Policy", CONTENT_POLICY)
                .set("X-Frame-Options", "DENY")
                .set("Referrer-Policy", "no-referrer");
        if (answer.status().equals(HttpResponseStatus.UNAUTHORIZED)) {
            // Not Basic: a browser would ask, remember, and send it for pages of other sites.
            response.headers().set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer realm=\"PolyMQ\"");
        }
        boolean keepAlive = HttpUtil.isKeepAlive(request);
        HttpUtil.setKeepAlive(response, keepAlive);
        ChannelFuture written = context.writeAndFlush(response);
        if (!keepAlive) {
            written.addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        // A request that is being served is not idle, however long it takes on a busy machine.
        if (event instanceof IdleStateEvent && !busy) {
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
