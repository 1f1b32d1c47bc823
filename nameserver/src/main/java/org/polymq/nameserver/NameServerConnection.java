/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.nameserver;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.timeout.IdleStateEvent;
import java.io.IOException;
import java.util.concurrent.Executor;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.FrameWriter;
import org.polymq.remoting.wire.MalformedFrameException;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.ResponseCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One client or broker that talks to the name server. Confined to its connection's event loop. */
final class NameServerConnection extends SimpleChannelInboundHandler<RemotingCommand> {
    private static final Logger log = LoggerFactory.getLogger(NameServerConnection.class);

    private final NameServerRequests requests;
    private final RouteTable routes;
    private final Executor slow;
    private final NameServer.BadFrames badFrames;
    private final RequestGuard guard;

    NameServerConnection(
            NameServerRequests requests,
            RouteTable routes,
            Executor slow,
            NameServer.BadFrames badFrames,
            RequestGuard guard) {
        this.requests = requests;
        this.routes = routes;
        this.slow = slow;
        this.badFrames = badFrames;
        this.guard = guard;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, RemotingCommand request) {
        if (request.isResponse()) {
            return;
        }
        if (requests.handler(request.code()) != null) {
            try {
                guard.check(requests.need(request.code()), request, context.channel());
            } catch (BadRequestException refused) {
                write(context, request, request.answer(refused.code(), refused.getMessage()));
                return;
            }
        }
        if (requests.isSlow(request.code())) {
            RemotingCommand kept = request.withOwnBody();
            slow.execute(() -> write(context, kept, answer(context, kept)));
        } else {
            write(context, request, answer(context, request));
        }
    }

    private static void write(ChannelHandlerContext context, RemotingCommand request, RemotingCommand answer) {
        if (request.isOneway()) {
            return;
        }
        ByteBuf out = context.alloc().buffer();
        FrameWriter.write(out, answer);
        var unused = context.writeAndFlush(out);
    }

    private RemotingCommand answer(ChannelHandlerContext context, RemotingCommand request) {
        RequestHandler handler = requests.handler(request.code());
        if (handler == null) {
            return request.answer(
                    ResponseCode.REQUEST_CODE_NOT_SUPPORTED, " request type " + request.code() + " not supported");
        }
        try {
            return handler.answer(request, context.channel().id());
        } catch (BadRequestException e) {
            return request.answer(e.code(), e.getMessage());
        } catch (IOException e) {
            log.warn("cannot answer request {}", request, e);
            return request.answer(ResponseCode.SYSTEM_ERROR, "the name server's disk refuses: " + e.getMessage());
        } catch (RuntimeException e) {
            log.warn("cannot answer request {}", request, e);
            return request.answer(ResponseCode.SYSTEM_ERROR, "the name server failed: " + e);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        for (String address : routes.connectionLost(context.channel().id())) {
            log.info("broker {} closed its connection: its routes are removed", address);
        }
        context.fireChannelInactive();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof IdleStateEvent) {
            var unused = context.close();
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof MalformedFrameException) {
            badFrames.close(context.channel(), String.valueOf(cause.getMessage()));
            return;
        }
        if (cause instanceof IOException) {
            log.debug("connection of {} lost", context.channel().remoteAddress(), cause);
        } else {
            log.warn("connection of {} closed", context.channel().remoteAddress(), cause);
        }
        var unused = context.close();
    }
}
