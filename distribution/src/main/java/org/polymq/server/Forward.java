/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.net.Protocol;

/**
 * Passes connections of clients on to the node that leads, byte by byte: what a node that follows does with them. While
 * there is no leader a connection waits a few seconds for one; then it is closed.
 */
final class Forward implements Protocol {
    private static final int CONNECT_MILLIS = 3_000;
    private static final long PATIENCE_NANOS = 5_000_000_000L;
    private static final long PAUSE_MILLIS = 50;

    private final Supplier<Optional<InetSocketAddress>> leader;
    private final BooleanSupplier stopping;

    /** @param stopping whether this node stops: then connections do not wait, so that clients go elsewhere at once */
    Forward(Supplier<Optional<InetSocketAddress>> leader, BooleanSupplier stopping) {
        this.leader = leader;
        this.stopping = stopping;
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
        pipeline.addLast(new ToLeader(leader, stopping));
    }

    /**
     * Opens a connection to the leader for one of a client.
     *
     * @param back take what comes from there, one behind the other
     */
    static ChannelFuture connect(Channel client, InetSocketAddress leader, ChannelHandler... back) {
        return new Bootstrap()
                .group(client.eventLoop())
                .channel(client.getClass())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(back);
                    }
                })
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
        private final Supplier<Optional<InetSocketAddress>> leader;
        private final BooleanSupplier stopping;
        private final Queue<Object> early = new ArrayDeque<>();
        private final long deadline = System.nanoTime() + PATIENCE_NANOS;
        private @Nullable Channel upstream;
        private boolean connected;

        private ToLeader(Supplier<Optional<InetSocketAddress>> leader, BooleanSupplier stopping) {
            this.leader = leader;
            this.stopping = stopping;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            context.channel().config().setAutoRead(false);
            attempt(context.channel());
        }

        private void attempt(Channel client) {
            if (!client.isActive()) {
                return;
            }
            Optional<InetSocketAddress> target = leader.get();
            if (target.isEmpty()) {
                again(client);
                return;
            }
            ChannelFuture connecting = connect(client, target.get(), new Back(client));
            upstream = connecting.channel();
            connecting.addListener((ChannelFuture done) -> {
                if (!done.isSuccess()) {
                    again(client); // it is gone; the next one is known soon
                    return;
                }
                connected = true;
                early.forEach(done.channel()::write);
                early.clear();
                done.channel().flush();
                client.config().setAutoRead(true);
                if (!client.isActive()) {
                    done.channel().close();
                }
            });
        }

        private void again(Channel client) {
            if (stopping.getAsBoolean() || System.nanoTime() > deadline) {
                client.close();
            } else {
                client.eventLoop().schedule(() -> attempt(client), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
            }
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
    static class Back extends ChannelInboundHandlerAdapter {
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
