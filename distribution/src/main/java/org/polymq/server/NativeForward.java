/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.net.BadInput;
import org.polymq.broker.net.Protocol;
import org.polymq.remoting.wire.FrameDecoder;
import org.polymq.remoting.wire.FrameLimits;
import org.polymq.remoting.wire.FrameWriter;
import org.polymq.remoting.wire.MalformedFrameException;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.RequestCode;
import org.polymq.remoting.wire.ResponseCode;

/**
 * What a node that follows does with RocketMQ clients: their requests go on to the leader, as they are, over a
 * connection that is opened with the first. Heartbeats end here: a client sends them to every node, and the leader must
 * not take it for two. While there is no leader a request waits for one, for less than clients wait for an answer; then
 * it is answered SERVICE_NOT_AVAILABLE. A node that does not lead any more goes on so with its own clients'
 * connections.
 */
final class NativeForward implements Protocol {
    static final String NAME = "native-forwarded";

    private static final FrameLimits LIMITS = FrameLimits.DEFAULT;
    /** Clients try again at once, three times as a rule, so an answer without a leader would be their last one. */
    private static final long PATIENCE_NANOS = 2_500_000_000L;

    private static final long PAUSE_MILLIS = 20;

    private final Supplier<Optional<InetSocketAddress>> leader;
    private final BadInput badInput;

    NativeForward(Supplier<Optional<InetSocketAddress>> leader, BadInput badInput) {
        this.leader = leader;
        this.badInput = badInput;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean goesOnWith(Protocol before) {
        return before.name().equals("native");
    }

    @Override
    public int prefixLength() {
        return 4;
    }

    @Override
    public boolean accepts(ByteBuf firstBytes) {
        int length = firstBytes.getInt(firstBytes.readerIndex());
        return length >= 4 && length <= LIMITS.frameBytes();
    }

    @Override
    public void install(ChannelPipeline pipeline) {
        pipeline.addLast(new LengthFieldBasedFrameDecoder(LIMITS.frameBytes() + 4, 0, 4), new Requests());
    }

    /**
     * What is still on its way to a leader is dropped: this node lost it, the client is told so and goes on, and must
     * not find an old message behind newer ones when the network is whole again.
     */
    @Override
    public void stop(Channel client) {
        Requests requests = client.pipeline().get(Requests.class);
        if (requests != null) {
            drop(requests.upstream);
        }
        Protocol.super.stop(client);
    }

    private static void drop(@Nullable Channel upstream) {
        if (upstream != null) {
            upstream.config().setOption(ChannelOption.SO_LINGER, 0);
            upstream.close();
        }
    }

    /** A request that waits for the connection to the leader. */
    private record Early(ByteBuf frame, RemotingCommand command) {}

    /** One connection of a client. */
    private final class Requests extends ChannelInboundHandlerAdapter {
        private final FrameDecoder frames = new FrameDecoder(LIMITS);
        private final Queue<Early> early = new ArrayDeque<>();
        private @Nullable Channel upstream;
        /** Whether nothing came back since a request that wants an answer. */
        private boolean awaiting;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf frame = (ByteBuf) message;
            try {
                RemotingCommand command = frames.read(frame.duplicate());
                if (command == null) {
                    throw new MalformedFrameException("a frame that is no frame");
                }
                if (!command.isResponse() && isForEachNode(command.code())) {
                    answer(context, command, ResponseCode.SUCCESS, null);
                } else {
                    pass(context, frame.retain(), command);
                }
            } catch (MalformedFrameException e) {
                badInput.close(context.channel(), "native", String.valueOf(e.getMessage()));
            } finally {
                frame.release();
            }
        }

        private boolean isForEachNode(int code) {
            return code == RequestCode.HEART_BEAT
                    || code == RequestCode.UNREGISTER_CLIENT
                    || code == RequestCode.CHECK_CLIENT_CONFIG;
        }

        private void answer(ChannelHandlerContext context, RemotingCommand request, int code, @Nullable String remark) {
            if (request.isOneway() || request.isResponse()) {
                return;
            }
            ByteBuf out = context.alloc().buffer();
            FrameWriter.write(out, request.answer(code, remark));
            context.writeAndFlush(out, context.voidPromise());
        }

        private void pass(ChannelHandlerContext context, ByteBuf frame, RemotingCommand command) {
            awaiting |= !command.isOneway() && !command.isResponse();
            Channel to = upstream;
            if (to != null) {
                to.writeAndFlush(frame, to.voidPromise());
                context.channel().config().setAutoRead(to.isWritable());
                return;
            }
            early.add(new Early(frame, command));
            if (early.size() == 1) {
                context.channel().config().setAutoRead(false);
                seek(context, System.nanoTime() + PATIENCE_NANOS);
            }
        }

        private void seek(ChannelHandlerContext context, long deadline) {
            if (!context.channel().isActive()) {
                return;
            }
            Optional<InetSocketAddress> target = leader.get();
            if (target.isPresent()) {
                open(context, target.get(), deadline);
            } else {
                seekLater(context, deadline);
            }
        }

        private void seekLater(ChannelHandlerContext context, long deadline) {
            if (System.nanoTime() < deadline) {
                context.channel()
                        .eventLoop()
                        .schedule(() -> seek(context, deadline), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
                return;
            }
            for (Early each : early) {
                each.frame.release();
                answer(
                        context,
                        each.command,
                        ResponseCode.SERVICE_NOT_AVAILABLE,
                        "no node of this group leads right now");
            }
            early.clear();
            context.channel().config().setAutoRead(true);
        }

        // Once it is open, whatever happens to the leader happens to this connection: the client opens another.
        private void open(ChannelHandlerContext context, InetSocketAddress target, long deadline) {
            Channel client = context.channel();
            ChannelFuture connecting = Forward.connect(client, target, new Forward.Back(client) {
                @Override
                public void channelRead(ChannelHandlerContext from, Object bytes) {
                    awaiting = false;
                    super.channelRead(from, bytes);
                }
            });
            connecting.addListener((ChannelFuture done) -> {
                if (!done.isSuccess()) {
                    seekLater(context, deadline); // it is gone; the next one is known soon
                    return;
                }
                Channel to = done.channel();
                upstream = to;
                early.forEach(each -> to.write(each.frame));
                early.clear();
                to.flush();
                client.config().setAutoRead(true);
                if (!client.isActive()) {
                    to.close();
                }
            });
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            if (upstream != null) {
                upstream.config().setAutoRead(context.channel().isWritable());
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            early.forEach(each -> ReferenceCountUtil.release(each.frame));
            early.clear();
            if (awaiting) {
                drop(upstream); // the client has given it up
            } else {
                Forward.end(upstream);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            badInput.close(context.channel(), "native", String.valueOf(cause.getMessage()));
        }
    }
}
