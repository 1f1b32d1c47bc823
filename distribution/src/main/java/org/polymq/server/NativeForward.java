/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
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
 * not take it for two. Without a leader a request is answered SERVICE_NOT_AVAILABLE, upon which clients try elsewhere.
 */
final class NativeForward implements Protocol {
    private static final FrameLimits LIMITS = FrameLimits.DEFAULT;

    private final Supplier<Optional<InetSocketAddress>> leader;
    private final BadInput badInput;

    NativeForward(Supplier<Optional<InetSocketAddress>> leader, BadInput badInput) {
        this.leader = leader;
        this.badInput = badInput;
    }

    @Override
    public String name() {
        return "native-forwarded";
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

    /** One connection of a client. */
    private final class Requests extends ChannelInboundHandlerAdapter {
        private final FrameDecoder frames = new FrameDecoder(LIMITS);
        private final Queue<ByteBuf> early = new ArrayDeque<>();
        private @Nullable Channel upstream;
        private boolean connected;

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
            Channel to = upstream;
            if (to == null) {
                Optional<InetSocketAddress> target = leader.get();
                if (target.isEmpty()) {
                    frame.release();
                    answer(
                            context,
                            command,
                            ResponseCode.SERVICE_NOT_AVAILABLE,
                            "no node of this group leads right now");
                    return;
                }
                early.add(frame);
                open(context, target.get());
            } else if (connected) {
                to.writeAndFlush(frame, to.voidPromise());
                context.channel().config().setAutoRead(to.isWritable());
            } else {
                early.add(frame);
            }
        }

        // Whatever happens to the leader happens to this connection: the client opens another.
        private void open(ChannelHandlerContext context, InetSocketAddress target) {
            Channel client = context.channel();
            ChannelFuture connecting = Forward.connect(client, target, new Forward.Back(client));
            upstream = connecting.channel();
            client.config().setAutoRead(false);
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
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            if (upstream != null) {
                upstream.config().setAutoRead(context.channel().isWritable());
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            early.forEach(ReferenceCountUtil::release);
            early.clear();
            Forward.end(upstream);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            badInput.close(context.channel(), "native", String.valueOf(cause.getMessage()));
        }
    }
}
