/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import java.io.IOException;
import org.polymq.broker.net.BadInput;
import org.polymq.broker.net.Handshake;
import org.polymq.broker.net.Protocol;
import org.polymq.dashboard.Endpoints.Answer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP side of a process without a log, such as a gateway: {@code /metrics} and {@code /health}. Nobody logs in: it
 * knows no users, and what it counts names no topics.
 */
public final class Monitoring implements Protocol {
    private static final Logger log = LoggerFactory.getLogger(Monitoring.class);
    private static final int MAX_BODY = 8 * 1024;
    private static final int IDLE_SECONDS = 60;

    private final PrometheusMeterRegistry registry;
    private final Health health;
    private final BadInput badInput;

    public Monitoring(PrometheusMeterRegistry registry, Health health) {
        this.registry = registry;
        this.health = health;
        this.badInput = new BadInput(registry);
    }

    @Override
    public String name() {
        return "http";
    }

    @Override
    public int prefixLength() {
        return Dashboard.PREFIX;
    }

    @Override
    public boolean accepts(ByteBuf firstBytes) {
        return Dashboard.isRequest(firstBytes);
    }

    @Override
    public boolean handshakes() {
        return true;
    }

    @Override
    public void install(ChannelPipeline pipeline) {
        pipeline.addLast(
                new IdleStateHandler(0, 0, IDLE_SECONDS),
                new HttpServerCodec(),
                new HttpObjectAggregator(MAX_BODY, true),
                new Handler());
    }

    private Answer answer(FullHttpRequest request) {
        if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
            return new Answer(HttpResponseStatus.METHOD_NOT_ALLOWED, Endpoints.TEXT, "GET or HEAD only\n");
        }
        return Endpoints.monitoring(registry, health, new QueryStringDecoder(request.uri()).path())
                .orElse(new Answer(
                        HttpResponseStatus.NOT_FOUND,
                        Endpoints.TEXT,
                        "a gateway has /metrics and /health; the dashboard and the admin API are at the nodes\n"));
    }

    private final class Handler extends SimpleChannelInboundHandler<FullHttpRequest> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
            if (request.decoderResult().isFailure()) {
                badInput.close(
                        context.channel(),
                        name(),
                        String.valueOf(request.decoderResult().cause().getMessage()));
                return;
            }
            Handshake.complete(context.channel());
            HttpHandler.answer(context, request, answer(request));
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
}
