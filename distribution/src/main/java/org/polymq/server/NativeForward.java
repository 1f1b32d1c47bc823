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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.net.BadInput;
import org.polymq.broker.net.Protocol;
import org.polymq.remoting.FollowerGateway;
import org.polymq.remoting.wire.FrameDecoder;
import org.polymq.remoting.wire.FrameLimits;
import org.polymq.remoting.wire.FrameWriter;
import org.polymq.remoting.wire.MalformedFrameException;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.ResponseCode;

/**
 * What a node that follows does with RocketMQ clients: it serves what it may serve itself, see {@link FollowerGateway},
 * and all else goes on to the leader, as it is, over a connection that is opened with the first such request. While
 * there is no leader such a request waits for one, for less than clients wait for an answer; then it is answered
 * SERVICE_NOT_AVAILABLE. A node that does not lead any more goes on so with its own clients' connections.
 */
final class NativeForward implements Protocol {
    static final String NAME = "native-forwarded";

    private static final FrameLimits LIMITS = FrameLimits.DEFAULT;
    /** Clients try again at once, three times as a rule, so an answer without a leader would be their last one. */
    private static final long PATIENCE_NANOS = 2_500_000_000L;

    private static final long PAUSE_MILLIS = 20;

    /** So much of one connection waits for a leader; then nothing more is read from it until there is one. */
    private static final int MOST_WAITING = 4 << 20;

    private final Supplier<Optional<InetSocketAddress>> leader;
    private final FollowerGateway own;
    private final int below;
    private final BadInput badInput;
    private final Set<Channel> clients = ConcurrentHashMap.newKeySet();

    /**
     * Of one listener.
     *
     * @param own serves what this node serves itself
     * @param below by how much the listener's port is less than the one that is advertised
     */
    NativeForward(Supplier<Optional<InetSocketAddress>> leader, FollowerGateway own, int below, BadInput badInput) {
        this.leader = leader;
        this.own = own;
        this.below = below;
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
        pipeline.addLast(wholeFrames(), new Requests());
        own.install(pipeline, below);
    }

    /**
     * The leader is gone, or stands still: clients that wait for it are to find the next one, so their connections are
     * closed. Those that did not use it go on. Any thread.
     */
    void leaderLost() {
        for (Channel client : clients) {
            client.eventLoop().execute(() -> {
                Requests requests = client.pipeline().get(Requests.class);
                if (requests != null) {
                    requests.leaderLost(client);
                }
            });
        }
    }

    private static LengthFieldBasedFrameDecoder wholeFrames() {
        return new LengthFieldBasedFrameDecoder(LIMITS.frameBytes() + 4, 0, 4);
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
        private int earlyBytes;
        private @Nullable Channel opening;
        private @Nullable Channel upstream;
        /** Whether nothing came back since a request that wants an answer. */
        private boolean awaiting;

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            Channel client = context.channel();
            clients.add(client);
            client.closeFuture().addListener(closed -> clients.remove(client));
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf frame = (ByteBuf) message;
            try {
                RemotingCommand command = decoded(frame);
                if (own.serves(command, leader.get().isPresent())) {
                    context.fireChannelRead(command);
                } else {
                    pass(context, frame.retain(), command);
                }
            } catch (MalformedFrameException e) {
                badInput.close(context.channel(), "native", String.valueOf(e.getMessage()));
            } finally {
                frame.release();
            }
        }

        private RemotingCommand decoded(ByteBuf frame) {
            RemotingCommand command = frames.read(frame.duplicate());
            if (command == null) {
                throw new MalformedFrameException("a frame that is no frame");
            }
            return command;
        }

        private void refuse(ChannelHandlerContext context, RemotingCommand request) {
            if (request.isOneway() || request.isResponse()) {
                return;
            }
            ByteBuf out = context.alloc().buffer();
            FrameWriter.write(
                    out, request.answer(ResponseCode.SERVICE_NOT_AVAILABLE, "no node of this group leads right now"));
            context.writeAndFlush(out, context.voidPromise());
        }

        private void pass(ChannelHandlerContext context, ByteBuf frame, RemotingCommand command) {
            awaiting |= !command.isOneway() && !command.isResponse();
            Channel to = upstream;
            if (to != null) {
                to.writeAndFlush(frame, to.voidPromise());
                regulate(context.channel());
                return;
            }
            early.add(new Early(frame, command));
            earlyBytes += frame.readableBytes();
            regulate(context.channel());
            if (early.size() == 1) {
                seek(context, System.nanoTime() + PATIENCE_NANOS);
            }
        }

        /** Reads from each side as long as the other takes what comes. */
        private void regulate(Channel client) {
            Channel to = upstream;
            boolean takes = to == null ? earlyBytes < MOST_WAITING : to.isWritable();
            client.config().setAutoRead(takes && client.isWritable());
            if (to != null) {
                to.config().setAutoRead(client.isWritable());
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
                serveWithoutLeader(context, each);
            }
            early.clear();
            earlyBytes = 0;
            context.fireChannelReadComplete();
            regulate(context.channel());
        }

        // It came when a leader was known that is gone, as it turned out.
        private void serveWithoutLeader(ChannelHandlerContext context, Early each) {
            try {
                if (own.serves(each.command, false)) {
                    context.fireChannelRead(decoded(each.frame));
                } else {
                    refuse(context, each.command);
                }
            } finally {
                each.frame.release();
            }
        }

        // Once it is open, whatever happens to the leader happens to this connection: the client opens another.
        private void open(ChannelHandlerContext context, InetSocketAddress target, long deadline) {
            Channel client = context.channel();
            Forward.Back back = new Forward.Back(client) {
                @Override
                public void channelRead(ChannelHandlerContext from, Object frame) {
                    awaiting = false;
                    client.write(frame, client.voidPromise());
                }

                @Override
                public void channelReadComplete(ChannelHandlerContext from) {
                    client.flush();
                    regulate(client);
                }
            };
            // What this node answers itself has to come between two frames of the leader.
            ChannelFuture connecting = Forward.connect(client, target, wholeFrames(), back);
            opening = connecting.channel();
            connecting.addListener((ChannelFuture done) -> {
                if (done.isSuccess()) {
                    afterAnotherLook(client, () -> opened(client, done.channel()));
                } else {
                    opening = null;
                    seekLater(context, deadline); // it is gone; the next one is known soon
                }
            });
        }

        /** Runs a task when the event loop has looked once more what is ready: a task of a task comes behind that. */
        private void afterAnotherLook(Channel client, Runnable task) {
            client.eventLoop().execute(() -> client.eventLoop().schedule(task, 1, TimeUnit.MILLISECONDS));
        }

        /**
         * Passes on what waits. If the client has given it up its connection is closed by now, be it that this was read
         * just before: so does a node that had passed it on to this one, and leads itself now. It would be stored
         * behind what the client has sent there since.
         */
        private void opened(Channel client, Channel to) {
            opening = null;
            if (!client.isActive()) {
                to.close();
                return;
            }
            upstream = to;
            early.forEach(each -> to.write(each.frame));
            early.clear();
            earlyBytes = 0;
            to.flush();
            regulate(client);
        }

        private void leaderLost(Channel client) {
            if (opening != null) {
                opening.close(); // what waits for it waits for the next one
            }
            if (upstream != null) {
                drop(upstream);
                client.close();
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            regulate(context.channel());
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
            context.fireChannelInactive();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            badInput.close(context.channel(), "native", String.valueOf(cause.getMessage()));
        }
    }
}
