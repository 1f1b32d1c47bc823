/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication.transport;

import com.alipay.sofa.jraft.error.RaftError;
import com.alipay.sofa.jraft.rpc.Connection;
import com.alipay.sofa.jraft.rpc.RpcContext;
import com.alipay.sofa.jraft.rpc.RpcProcessor;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesRequestHeader;
import com.alipay.sofa.jraft.rpc.RpcRequests.ErrorResponse;
import com.alipay.sofa.jraft.rpc.RpcServer;
import com.alipay.sofa.jraft.rpc.impl.ConnectionClosedEventListener;
import com.google.protobuf.Message;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The port on which a node hears the others. Whatever is not a frame of this cluster ends its connection. */
public final class NodeServer implements RpcServer {
    private static final Logger LOG = LoggerFactory.getLogger(NodeServer.class);
    private static final int MOST_CONNECTIONS = 256;
    /** That have not said yet what they are. */
    private static final int MOST_NEW = 4096;

    private final NodeTransport transport;
    private final NodePort port;
    private final Executor executor;
    private final Map<Class<?>, RpcProcessor<?>> processors = new ConcurrentHashMap<>();
    private final List<ConnectionClosedEventListener> listeners = new CopyOnWriteArrayList<>();
    private final ChannelGroup arriving = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final ChannelGroup streams = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final LongAdder refused = new LongAdder();
    private @Nullable Channel listening;

    /**
     * A server that does not listen yet.
     *
     * @param executor runs what has no executor of its own; requests may block in it
     */
    public NodeServer(NodeTransport transport, NodePort port, Executor executor) {
        this.transport = transport;
        this.port = port;
        this.executor = executor;
    }

    /** Connections that were closed for what came over them. */
    public long refused() {
        return refused.sum();
    }

    @Override
    public boolean init(@Nullable Void none) {
        ServerBootstrap bootstrap = new ServerBootstrap();
        transport.keepAlive().forEach(bootstrap::childOption);
        bootstrap
                .group(transport.acceptor(), transport.workers())
                .channel(transport.serverChannel())
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        accept(channel);
                    }
                });
        ChannelFuture bound = bootstrap.bind(port.address()).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            LOG.error("The replication port {} cannot be had", port.address(), bound.cause());
            return false;
        }
        listening = bound.channel();
        return true;
    }

    private void accept(SocketChannel channel) {
        if (isOver(arriving, MOST_NEW, channel)) {
            return;
        }
        channel.pipeline().addLast(new FirstBytes(new Seen()));
    }

    /** Whether there are too many; counts it among them if not. */
    private boolean isOver(ChannelGroup group, int most, Channel channel) {
        if (group.size() >= most) {
            refused.increment();
            channel.close();
            return true;
        }
        group.add(channel);
        return false;
    }

    private final class Seen implements FirstBytes.Outcome {
        @Override
        public void node(ChannelHandlerContext context) {
            Channel channel = context.channel();
            arriving.remove(channel);
            if (isOver(connections, MOST_CONNECTIONS, channel)) {
                return;
            }
            addTls(channel);
            channel.pipeline()
                    .addLast(new FlushConsolidationHandler(256, true))
                    .addLast(new Hello(transport.cluster()))
                    .addLast(new NodeFrameCodec(transport.largestFrame()))
                    .addLast(new Requests())
                    .remove(context.handler());
        }

        @Override
        public void stream(ChannelHandlerContext context) {
            StreamPort to = port.streams()
                    .orElseThrow(() -> new CorruptedFrameException("this node takes no streams of gateways"));
            Channel channel = context.channel();
            arriving.remove(channel);
            if (isOver(streams, to.most(), channel)) {
                return;
            }
            // Its handlers, TLS among them, are added where they run: none of them has seen this loop.
            channel.deregister()
                    .addListener(done -> to.workers().register(channel).addListener(moved -> {
                        if (!moved.isSuccess()) {
                            channel.close();
                            return;
                        }
                        addTls(channel);
                        channel.pipeline()
                                .addLast(new StreamHello(to.cluster(), to.listener(), NodeServer.this::failed))
                                .remove(context.handler());
                    }));
        }

        @Override
        public void failed(ChannelHandlerContext context, Throwable cause) {
            NodeServer.this.failed(context, cause);
        }
    }

    private void addTls(Channel channel) {
        transport.tls().ifPresent(tls -> channel.pipeline().addLast(tls.server().newHandler(channel.alloc())));
    }

    /** Ends a connection for what came over it. */
    private void failed(ChannelHandlerContext context, Throwable cause) {
        Object remote = context.channel().remoteAddress();
        if (cause instanceof IOException) {
            LOG.debug("The connection from {} broke", remote, cause);
            context.close();
            return;
        }
        refused.increment();
        Throwable reason = cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause;
        LOG.warn("The connection from {} to the replication port is closed: {}", remote, reason.getMessage());
        context.close();
    }

    /** How many streams of gateways are open. */
    public int streams() {
        return streams.size();
    }

    @Override
    public void shutdown() {
        if (listening != null) {
            listening.close().awaitUninterruptibly();
            if (!listening.eventLoop().isShuttingDown()) {
                // Its selector gives the port back when it is looked at again, which is before any timer runs.
                listening
                        .eventLoop()
                        .schedule(() -> {}, 1, TimeUnit.MILLISECONDS)
                        .awaitUninterruptibly();
            }
        }
        arriving.close().awaitUninterruptibly();
        streams.close().awaitUninterruptibly();
        connections.close().awaitUninterruptibly();
    }

    @Override
    public void registerConnectionClosedEventListener(ConnectionClosedEventListener listener) {
        listeners.add(listener);
    }

    @Override
    public void registerProcessor(RpcProcessor<?> processor) {
        try {
            processors.put(Class.forName(processor.interest()), processor);
        } catch (ClassNotFoundException e) {
            throw new IllegalArgumentException("no such message: " + processor.interest(), e);
        }
    }

    @Override
    public int boundPort() {
        Channel bound = listening;
        return bound == null ? 0 : ((InetSocketAddress) bound.localAddress()).getPort();
    }

    private static Executor executor(RpcProcessor<?> processor, Message request, Executor otherwise) {
        RpcProcessor.ExecutorSelector selector = processor.executorSelector();
        Executor chosen = null;
        if (selector != null && request instanceof AppendEntriesRequest append) {
            AppendEntriesRequestHeader header = AppendEntriesRequestHeader.newBuilder()
                    .setGroupId(append.getGroupId())
                    .setPeerId(append.getPeerId())
                    .setServerId(append.getServerId())
                    .build();
            chosen = selector.select(processor.interest(), header);
        }
        chosen = chosen == null ? processor.executor() : chosen;
        return chosen == null ? otherwise : chosen;
    }

    /** One connection from another node. */
    private final class Requests extends SimpleChannelInboundHandler<NodeFrame> implements Connection {
        private final Map<String, Object> attributes = new ConcurrentHashMap<>();
        private @Nullable Channel channel;
        private String remote = "";

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            channel = context.channel();
            remote = String.valueOf(context.channel().remoteAddress());
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, NodeFrame frame) {
            RpcProcessor<?> processor =
                    frame.request() ? processors.get(frame.message().getClass()) : null;
            if (processor == null) {
                throw new DecoderException("an unexpected "
                        + frame.message().getDescriptorForType().getName());
            }
            handle(processor, frame, new Answer(this, context.channel(), frame.number(), remote));
        }

        @SuppressWarnings("unchecked") // a processor is found by the class of its requests
        private void handle(RpcProcessor<?> processor, NodeFrame frame, Answer answer) {
            try {
                executor(processor, frame.message(), executor)
                        .execute(() -> ((RpcProcessor<Message>) processor).handleRequest(answer, frame.message()));
            } catch (RejectedExecutionException e) {
                answer.sendResponse(ErrorResponse.newBuilder()
                        .setErrorCode(RaftError.EBUSY.getNumber())
                        .setErrorMsg("the node is busy")
                        .build());
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            // Not here: the engine waits for a thread of its own to end.
            try {
                executor.execute(() -> listeners.forEach(each -> each.onClosed(remote, this)));
            } catch (RejectedExecutionException e) {
                LOG.debug("The node is stopping", e);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            failed(context, cause);
        }

        @Override
        public @Nullable Object getAttribute(String key) {
            return attributes.get(key);
        }

        @Override
        public void setAttribute(String key, Object value) {
            attributes.put(key, value);
        }

        @Override
        public @Nullable Object setAttributeIfAbsent(String key, Object value) {
            return attributes.putIfAbsent(key, value);
        }

        @Override
        public void close() {
            if (channel != null) {
                channel.close();
            }
        }
    }

    /** Where the response to one request goes. */
    private record Answer(Connection connection, Channel channel, int number, String remote) implements RpcContext {
        @Override
        public void sendResponse(Object response) {
            channel.writeAndFlush(new NodeFrame(false, number, (Message) response), channel.voidPromise());
        }

        @Override
        public Connection getConnection() {
            return connection;
        }

        @Override
        public String getRemoteAddress() {
            return remote;
        }
    }
}
