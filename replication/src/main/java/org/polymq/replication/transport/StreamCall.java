/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication.transport;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Asks another node for a stream, or for something that it answers in a few bytes, over a connection of its own. */
public final class StreamCall {
    private final NodeTransport transport;
    private final String cluster;
    private final Duration patience;

    /**
     * Asks nodes of a cluster.
     *
     * @param patience until a node that says nothing is taken for gone
     */
    public StreamCall(NodeTransport transport, String cluster, Duration patience) {
        this.transport = transport;
        this.cluster = cluster;
        this.patience = patience;
    }

    /** What a node answered. */
    public sealed interface Answer {
        /** The stream, open. */
        record Taken(Channel channel) implements Answer {}

        /** Something else; the connection is over. */
        record Words(ByteBuffer bytes) implements Answer {}
    }

    /**
     * Asks.
     *
     * @param loop where the stream is read; of the kind of the transport's client channels
     * @param group at the node
     * @param wants up to {@value StreamFrames#MOST_BYTES} bytes
     * @param handler is added at the end of the stream's pipeline if it is taken, before anything is read from it
     * @return on the loop; fails with an IOException if the node is out of reach or does not answer
     */
    public CompletionStage<Answer> ask(
            String host, int port, EventLoop loop, String group, byte[] wants, ChannelHandler handler) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        Bootstrap bootstrap = new Bootstrap();
        transport.keepAlive().forEach(bootstrap::option);
        ChannelFuture connecting = bootstrap
                .group(loop)
                .channel(transport.clientChannel())
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) patience.toMillis())
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline().addLast(new Preface());
                        transport
                                .tls()
                                .ifPresent(tls -> channel.pipeline()
                                        .addLast(tls.client().newHandler(channel.alloc(), host, port)));
                        channel.pipeline().addLast(new Answering(group, wants, answer, handler));
                    }
                })
                .connect(host, port);
        connecting.addListener(done -> {
            if (!done.isSuccess()) {
                answer.completeExceptionally(new IOException("no connection to " + host + ":" + port, done.cause()));
            }
        });
        return answer;
    }

    /** Says before TLS that this is a stream. */
    private static final class Preface extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext context) {
            context.write(StreamFrames.preface(context.alloc()), context.voidPromise());
            context.fireChannelActive();
            context.pipeline().remove(this);
        }
    }

    /** Waits for the answer. */
    private final class Answering extends ByteToMessageDecoder {
        private final String group;
        private final byte[] wants;
        private final CompletableFuture<Answer> answer;
        private final ChannelHandler handler;
        private @Nullable ScheduledFuture<?> deadline;

        private Answering(String group, byte[] wants, CompletableFuture<Answer> answer, ChannelHandler handler) {
            this.group = group;
            this.wants = wants;
            this.answer = answer;
            this.handler = handler;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            deadline = context.executor()
                    .schedule(
                            () -> fail(context, new IOException("no answer within " + patience)),
                            patience.toMillis(),
                            TimeUnit.MILLISECONDS);
            context.writeAndFlush(
                    StreamFrames.hello(context.alloc(), cluster, group, wants),
                    context.voidPromise()); // with TLS when that is there
            context.fireChannelActive();
        }

        @Override
        protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
            StreamFrames.Answer said = StreamFrames.readAnswer(in);
            if (said == null) {
                return;
            }
            if (deadline != null) {
                deadline.cancel(false);
            }
            if (said.isTaken()) {
                context.pipeline().addLast(handler);
                answer.complete(new Answer.Taken(context.channel()));
                context.pipeline().remove(this); // hands on what came behind
            } else {
                answer.complete(new Answer.Words(ByteBuffer.wrap(said.words())));
                in.skipBytes(in.readableBytes());
                context.close();
            }
        }

        private void fail(ChannelHandlerContext context, Throwable cause) {
            answer.completeExceptionally(
                    cause instanceof IOException ? cause : new IOException(String.valueOf(cause.getMessage()), cause));
            context.close();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) throws Exception {
            super.channelInactive(context);
            answer.completeExceptionally(new IOException(context.channel() + " was closed before there was an answer"));
            if (deadline != null) {
                deadline.cancel(false);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            fail(context, cause);
        }
    }
}
