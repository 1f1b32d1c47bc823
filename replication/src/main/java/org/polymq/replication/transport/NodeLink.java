/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication.transport;

import com.alipay.sofa.jraft.error.InvokeTimeoutException;
import com.alipay.sofa.jraft.error.RemotingException;
import com.alipay.sofa.jraft.rpc.InvokeCallback;
import com.alipay.sofa.jraft.util.Endpoint;
import com.google.protobuf.Message;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.netty.handler.ssl.SslHandler;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The connection to one other node; a lost one is opened again by the next request. Safe from any thread. */
final class NodeLink {
    private static final Logger LOG = LoggerFactory.getLogger(NodeLink.class);
    private static final int CONNECT_MILLIS = 1000;
    private static final long SWEEP_MILLIS = 50;

    private final NodeTransport transport;
    private final Endpoint endpoint;
    private final Runnable connected;
    private final AtomicInteger numbers = new AtomicInteger();
    private @Nullable ChannelFuture current; // guarded by this
    private boolean closed; // guarded by this

    /** @param connected called each time that it is connected */
    NodeLink(NodeTransport transport, Endpoint endpoint, Runnable connected) {
        this.transport = transport;
        this.endpoint = endpoint;
        this.connected = connected;
    }

    private record Waiting(InvokeCallback callback, long deadline) {
        void complete(@Nullable Object result, @Nullable Throwable error) {
            Executor executor = callback.executor();
            try {
                if (executor == null) {
                    callback.complete(result, error);
                } else {
                    executor.execute(() -> callback.complete(result, error));
                }
            } catch (RejectedExecutionException e) {
                LOG.debug("An answer came after the end", e);
            }
        }
    }

    synchronized boolean isConnected() {
        return current != null
                && current.isSuccess()
                && current.channel().isActive()
                && current.channel().isWritable();
    }

    /** Opens the connection if there is none; answers whether there is one already. */
    boolean connect() {
        open();
        return isConnected();
    }

    synchronized void close() {
        closed = true;
        if (current != null) {
            current.channel().close();
        }
    }

    private synchronized @Nullable ChannelFuture open() {
        if (closed) {
            return null;
        }
        ChannelFuture now = current;
        boolean usable = now != null && (!now.isDone() || now.channel().isActive());
        if (now == null || !usable) {
            Bootstrap bootstrap = new Bootstrap();
            transport.keepAlive().forEach(bootstrap::option);
            now = bootstrap
                    .group(transport.workers())
                    .channel(transport.clientChannel())
                    .option(ChannelOption.TCP_NODELAY, true)
                    .option(ChannelOption.SO_KEEPALIVE, true)
                    .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                    .handler(new ChannelInitializer<SocketChannel>() {
                        @Override
                        protected void initChannel(SocketChannel channel) {
                            prepare(channel);
                        }
                    })
                    .connect(endpoint.getIp(), endpoint.getPort());
            now.addListener((ChannelFuture done) -> greet(done)); // the first listener: nothing is written before it
            current = now;
        }
        return now;
    }

    private void greet(ChannelFuture done) {
        if (done.isSuccess()) {
            ByteBuf hello = done.channel().alloc().buffer();
            Hello.write(hello, transport.cluster());
            done.channel().write(hello);
        }
    }

    private void prepare(SocketChannel channel) {
        transport.tls().ifPresent(tls -> {
            SslHandler handler = tls.client().newHandler(channel.alloc(), endpoint.getIp(), endpoint.getPort());
            channel.pipeline().addLast(handler);
        });
        channel.pipeline()
                .addLast(new FlushConsolidationHandler(256, true))
                .addLast(new NodeFrameCodec(transport.largestFrame()))
                .addLast(new Responses());
    }

    /** Sends a request; the callback is run once, with the response or with what went wrong. */
    void send(Message request, InvokeCallback callback, long timeoutMillis) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        Waiting waiting = new Waiting(callback, deadline);
        ChannelFuture connection = open();
        if (connection == null) {
            waiting.complete(null, new RemotingException("the connection to " + endpoint + " is closed"));
        } else if (connection.isSuccess()) {
            write(connection.channel(), request, waiting);
        } else {
            connection.addListener(done -> {
                if (done.isSuccess()) {
                    write(connection.channel(), request, waiting);
                } else {
                    waiting.complete(null, new RemotingException("no connection to " + endpoint, done.cause()));
                }
            });
        }
    }

    private void write(Channel channel, Message request, Waiting waiting) {
        Responses responses = channel.pipeline().get(Responses.class);
        if (responses == null) {
            waiting.complete(null, new RemotingException("the connection to " + endpoint + " is lost"));
            return;
        }
        int number = numbers.incrementAndGet();
        responses.expect(number, waiting);
        channel.writeAndFlush(new NodeFrame(true, number, request)).addListener(done -> {
            if (!done.isSuccess()) {
                responses.fail(number, done.cause());
            }
        });
    }

    /** What one connection waits for. */
    private final class Responses extends SimpleChannelInboundHandler<NodeFrame> {
        private final Map<Integer, Waiting> waiting = new ConcurrentHashMap<>();
        private volatile boolean lost;
        private @Nullable ScheduledFuture<?> sweeping;

        void expect(int number, Waiting one) {
            waiting.put(number, one);
            if (lost) {
                fail(number, null);
            }
        }

        void fail(int number, @Nullable Throwable cause) {
            Waiting one = waiting.remove(number);
            if (one != null) {
                one.complete(null, new RemotingException("the connection to " + endpoint + " is lost", cause));
            }
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            sweeping = context.executor()
                    .scheduleWithFixedDelay(this::sweep, SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
            // Not on the event loop: the engine takes locks that its own calls to here are made under.
            Thread thread = new Thread(connected, "polymq-replication-connected");
            thread.setDaemon(true);
            thread.start();
        }

        private void sweep() {
            long now = System.nanoTime();
            for (Iterator<Waiting> each = waiting.values().iterator(); each.hasNext(); ) {
                Waiting one = each.next();
                if (now - one.deadline() >= 0) {
                    each.remove();
                    one.complete(null, new InvokeTimeoutException("no answer from " + endpoint + " in time"));
                }
            }
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, NodeFrame frame) {
            Waiting one = frame.request() ? null : waiting.remove(frame.number());
            if (one != null) { // else it came too late
                one.complete(frame.message(), null);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            lost = true;
            if (sweeping != null) {
                sweeping.cancel(false);
            }
            waiting.keySet().forEach(number -> fail(number, null));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            LOG.warn("The connection to {} is closed: {}", endpoint, cause.getMessage());
            context.close();
        }
    }
}
