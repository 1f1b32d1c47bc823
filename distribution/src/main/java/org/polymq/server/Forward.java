/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.net.Protocol;

/**
 * Passes connections of clients on to the node that leads, byte by byte: what a node that follows does with them. If
 * there is no leader the connection is closed, and the client tries again.
 */
final class Forward implements Protocol {
    private static final int CONNECT_MILLIS = 3_000;

    private final Supplier<Optional<InetSocketAddress>> leader;

    Forward(Supplier<Optional<InetSocketAddress>> leader) {
        this.leader = leader;
    }

    @Override
    public String name() {
        return "forwarded";
    }

    @Override
    public int prefixLength() {
        return 1;
    }

    @Override
    public boolean accepts(ByteBuf firstBytes) {
        return true; // the leader judges
    }

    @Override
    public void install(ChannelPipeline pipeline) {
        Optional<InetSocketAddress> target = leader.get();
        if (target.isEmpty()) {
            pipeline.channel().close();
            return;
        }
        pipeline.addLast(new ToLeader(target.get()));
    }

    /**
     * Opens a connection to the leader for one of a client.
     *
     * @param back takes what comes from there
     */
    static ChannelFuture connect(Channel client, InetSocketAddress leader, ChannelInboundHandlerAdapter back) {
        return new Bootstrap()
                .group(client.eventLoop())
                .channel(client.getClass())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(back)
                .connect(leader);
    }

    /** Closes a connection behind what was written to it. */
    static void end(@Nullable Channel channel) {
        if (channel != null && channel.isActive()) {
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        } else if (channel != null) {
            channel.close();
        }
    }

    /** The client's side of one connection. */
    private static final class ToLeader extends ChannelInboundHandlerAdapter {
        private final InetSocketAddress leader;
        private final Queue<Object> early = new ArrayDeque<>();
        private @Nullable Channel upstream;
        private boolean connected;

        private ToLeader(InetSocketAddress leader) {
            this.leader = leader;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            Channel client = context.channel();
            client.config().setAutoRead(false);
            ChannelFuture connecting = connect(client, leader, new Back(client));
            upstream = connecting.channel();
            connecting.addListener((ChannelFuture done) -> {
                if (done.isSuccess()) {
                    connected = true;
                    early.forEach(done.channel()::write);
                    early.clear();
                    done.channel().flush();
                    client.config().setAutoRead(true);
                } else {
                    client.close();
                }
            });
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object bytes) {
            Channel to = upstream;
            if (to == null || !connected) {
                early.add(bytes);
                return;
            }
            to.writeAndFlush(bytes, to.voidPromise());
            context.channel().config().setAutoRead(to.isWritable());
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            if (upstream != null) {
                upstream.config().setAutoRead(context.channel().isWritable());
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            early.forEach(ReferenceCountUtil::release);
            early.clear();
            end(upstream);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    /** The leader's side. */
    static final class Back extends ChannelInboundHandlerAdapter {
        private final Channel client;

        Back(Channel client) {
            this.client = client;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object bytes) {
            client.writeAndFlush(bytes, client.voidPromise());
            context.channel().config().setAutoRead(client.isWritable());
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            client.config().setAutoRead(context.channel().isWritable());
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            end(client);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
