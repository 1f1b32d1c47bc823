/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.Future;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.wire.Envelope;
import org.polymq.jms.wire.Frame;
import org.polymq.jms.wire.Frame.BodyPart;
import org.polymq.jms.wire.Frame.Commit;
import org.polymq.jms.wire.Frame.Connect;
import org.polymq.jms.wire.Frame.Connected;
import org.polymq.jms.wire.Frame.ConsumerClosed;
import org.polymq.jms.wire.Frame.Deliver;
import org.polymq.jms.wire.Frame.Failed;
import org.polymq.jms.wire.Frame.MoreMessages;
import org.polymq.jms.wire.Frame.Ok;
import org.polymq.jms.wire.Frame.Ping;
import org.polymq.jms.wire.Frame.Send;
import org.polymq.jms.wire.Frame.XaEnd;
import org.polymq.jms.wire.FrameCodec;
import org.polymq.jms.wire.FrameDecoder;
import org.polymq.jms.wire.Protocol;
import org.polymq.jms.wire.WireMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One network connection to a broker, until it breaks: requests and their replies. Safe from any thread. */
final class Link {
    private static final Logger LOG = LoggerFactory.getLogger(Link.class);
    private static final int MAX_INCOMING_FRAME = 256 << 20;
    private static final String PRODUCT = "PolyMQ JMS client";
    /** How often it is looked whether bytes go out. */
    private static final long LOOK_MILLIS = 1_000;

    /** What a link tells its connection; on the event loop, which must not be held up. */
    interface Listener {
        void delivered(Deliver delivery);

        void consumerClosed(ConsumerClosed closed);

        /** A request that wanted no reply was refused. */
        void refused(JMSException reason);

        /**
         * The link is gone, with requests in the order in which they were made; told once, and not after
         * {@link Link#close}.
         */
        void lost(Link gone, JMSException reason, List<Line.Unanswered> unanswered);
    }

    /** What is done with a reply, on the event loop; one of the two is called once. */
    interface ReplyHandler {
        void replied(Frame reply);

        void failed(JMSException reason);

        /** Whether nobody wants to know any more. */
        default boolean isAbandoned() {
            return false;
        }
    }

    /** A reply that a thread waits for. */
    abstract static class Waiter implements ReplyHandler {
        private final CompletableFuture<Frame> future = new CompletableFuture<>();

        /** Runs on the event loop when the reply, or the news that there will be none, is here. */
        void arrived() {}

        /** Runs on the event loop when the reply is here, or on the thread that repeated the request. */
        void succeeded() {}

        @Override
        public final boolean isAbandoned() {
            return future.isDone();
        }

        @Override
        public final void replied(Frame reply) {
            arrived();
            succeeded();
            future.complete(reply);
        }

        @Override
        public final void failed(JMSException reason) {
            arrived();
            future.completeExceptionally(reason);
        }

        /**
         * Waits for the reply.
         *
         * @param timeout in ms; 0 is for ever
         */
        final Frame await(int timeout) throws JMSException {
            try {
                return timeout == 0 ? future.get() : future.get(timeout, TimeUnit.MILLISECONDS);
            } catch (ExecutionException e) {
                if (e.getCause() instanceof JMSException reason) {
                    reason.setStackTrace(new Throwable().getStackTrace()); // The caller's, not the event loop's.
                    throw reason;
                }
                throw Errors.chained("the request failed", e);
            } catch (TimeoutException e) {
                future.completeExceptionally(e); // It must not be repeated later.
                throw Errors.unanswered(timeout, e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw Errors.chained("interrupted; whether it was done is unknown", e);
            }
        }
    }

    /** One that does nothing else. */
    static final class PlainWaiter extends Waiter {}

    /** Bodies above this size are sent in parts. */
    private static final int LARGE_BODY = 4 << 20;

    private final Channel channel;
    private final ClientOptions options;
    private final Listener listener;
    private final Map<Integer, Line.Unanswered> pending = new ConcurrentHashMap<>();
    private final AtomicInteger correlations = new AtomicInteger();
    private final Object writable = new Object();
    private volatile int maxFrameSize = Protocol.HANDSHAKE_FRAME_LIMIT;
    private volatile boolean closing;
    private volatile @Nullable JMSException lost;

    private Link(Channel channel, ClientOptions options, Listener listener) {
        this.channel = channel;
        this.options = options;
        this.listener = listener;
    }

    /**
     * Connects to the first address that answers, and shakes hands.
     *
     * @throws JMSException if none accepts, or one refuses the user or the client id
     */
    static Link open(ClientOptions options, EventLoopGroup group, Connect hello, Listener listener)
            throws JMSException {
        JMSException last = null;
        for (InetSocketAddress address : options.addresses()) {
            try {
                Link link = connect(options, group, address, listener);
                link.shakeHands(hello);
                return link;
            } catch (JMSSecurityException | InvalidClientIDException e) {
                throw e;
            } catch (JMSException e) {
                last = e;
            }
        }
        throw last != null ? last : new JMSException("no broker address");
    }

    private static Link connect(
            ClientOptions options, EventLoopGroup group, InetSocketAddress address, Listener listener)
            throws JMSException {
        SslContext tls = options.tls() == null ? null : options.tls().context();
        CompletableFuture<Link> made = new CompletableFuture<>();
        Bootstrap bootstrap = new Bootstrap()
                .group(group)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, options.connectTimeout())
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        Link link = new Link(channel, options, listener);
                        if (tls != null) {
                            SslHandler handler =
                                    tls.newHandler(channel.alloc(), address.getHostString(), address.getPort());
                            handler.setHandshakeTimeoutMillis(options.connectTimeout());
                            channel.pipeline().addLast(handler);
                        }
                        if (options.heartbeat() > 0) {
                            channel.pipeline()
                                    .addLast(new IdleStateHandler(
                                            options.heartbeat() * 2L, options.heartbeat(), 0, TimeUnit.MILLISECONDS));
                        }
                        channel.pipeline().addLast(new FrameDecoder(MAX_INCOMING_FRAME), link.new Handler());
                        made.complete(link);
                    }
                });
        ChannelFuture connecting = bootstrap.connect(address);
        connecting.awaitUninterruptibly();
        if (!connecting.isSuccess()) {
            throw Errors.chained(
                    "cannot connect to " + address.getHostString() + ":" + address.getPort() + ": "
                            + connecting.cause().getMessage(),
                    connecting.cause());
        }
        Link link = made.join();
        link.awaitTls(address);
        return link;
    }

    /** Only an encrypted connection is shown a password. */
    private void awaitTls(InetSocketAddress address) throws JMSException {
        SslHandler handler = channel.pipeline().get(SslHandler.class);
        if (handler == null) {
            return;
        }
        Future<Channel> handshake = handler.handshakeFuture().awaitUninterruptibly();
        if (!handshake.isSuccess()) {
            close();
            Throwable cause = handshake.cause();
            throw Errors.chained(
                    "no TLS with " + address.getHostString() + ":" + address.getPort() + ": " + cause.getMessage()
                            + "; see the options ca, trustStore and verifyHost",
                    cause);
        }
    }

    private void shakeHands(Connect hello) throws JMSException {
        ByteBuf preamble = channel.alloc().buffer(Protocol.PREAMBLE_LENGTH);
        channel.write(preamble.writeInt(Protocol.MAGIC).writeByte(Protocol.VERSION));
        try {
            Frame reply = ask(hello, options.connectTimeout());
            if (!(reply instanceof Connected connected)) {
                throw new JMSException("the broker answered the handshake with " + reply);
            }
            maxFrameSize = connected.maxFrameSize();
        } catch (JMSException e) {
            close();
            throw e;
        }
    }

    static Connect hello(
            ClientOptions options,
            @Nullable String clientId,
            @Nullable String user,
            @Nullable String password,
            String instance) {
        return new Connect(clientId, user, password, options.heartbeat(), PRODUCT, instance);
    }

    /**
     * Sends a request and waits for its reply.
     *
     * @throws JMSException if the broker refuses, does not answer in time, or is gone
     */
    void request(Frame frame) throws JMSException {
        ask(frame, options.requestTimeout());
    }

    /** Sends a request; the reply goes to the handler. */
    void request(Frame frame, ReplyHandler handler) throws JMSException {
        int correlation = nextCorrelation();
        pending.put(correlation, new Line.Unanswered(frame, handler));
        try {
            write(new Envelope(correlation, frame));
        } catch (JMSException e) {
            pending.remove(correlation);
            throw e;
        }
        JMSException gone = lost;
        if (gone != null && pending.remove(correlation) != null) {
            throw new BrokenException(gone);
        }
    }

    /** Sends a frame that wants no reply; waits while the network does not take more, except on the event loop. */
    void tell(Frame frame) throws JMSException {
        write(new Envelope(0, frame));
    }

    /** Sends a request and waits for its answer, which is none of {@link Frame.Failed}. */
    Frame ask(Frame frame) throws JMSException {
        return ask(frame, options.requestTimeout());
    }

    private Frame ask(Frame frame, int timeout) throws JMSException {
        Waiter waiter = new PlainWaiter();
        request(frame, waiter);
        return waiter.await(timeout);
    }

    private int nextCorrelation() {
        int next = correlations.incrementAndGet();
        return next != 0 ? next : correlations.incrementAndGet();
    }

    /** Sends the large bodies ahead, in parts. */
    private Envelope withoutLargeBodies(Envelope envelope) throws JMSException {
        if (envelope.frame() instanceof Send send && isLarge(send.message())) {
            WireMessage message = withoutLargeBody(send.sessionId(), 0, send.message());
            return new Envelope(envelope.correlation(), new Send(send.sessionId(), message, send.again()));
        }
        if (envelope.frame() instanceof Commit commit
                && commit.messages().stream().anyMatch(Link::isLarge)) {
            List<WireMessage> messages = withoutLargeBodies(commit.sessionId(), commit.messages());
            return new Envelope(envelope.correlation(), new Commit(commit.sessionId(), messages, commit.ranges()));
        }
        if (envelope.frame() instanceof XaEnd end && end.messages().stream().anyMatch(Link::isLarge)) {
            List<WireMessage> messages = withoutLargeBodies(end.sessionId(), end.messages());
            return new Envelope(
                    envelope.correlation(), new XaEnd(end.sessionId(), end.id(), end.how(), messages, end.ranges()));
        }
        if (envelope.frame() instanceof MoreMessages more
                && more.messages().stream().anyMatch(Link::isLarge)) {
            List<WireMessage> messages = withoutLargeBodies(more.sessionId(), more.messages());
            return new Envelope(envelope.correlation(), new MoreMessages(more.sessionId(), messages));
        }
        return envelope;
    }

    private List<WireMessage> withoutLargeBodies(int session, List<WireMessage> messages) throws JMSException {
        List<WireMessage> without = new ArrayList<>(messages.size());
        for (WireMessage message : messages) {
            without.add(withoutLargeBody(session, without.size(), message));
        }
        return without;
    }

    private static boolean isLarge(WireMessage message) {
        byte[] body = message.body();
        boolean plain = switch (message.type()) {
            case BYTES, TEXT, OBJECT -> true;
            case MAP, STREAM, NONE -> false;
        };
        return plain && body != null && body.length >= LARGE_BODY;
    }

    private WireMessage withoutLargeBody(int session, int number, WireMessage message) throws JMSException {
        byte[] body = message.body();
        if (body == null || !isLarge(message)) {
            return message;
        }
        for (int at = 0; at < body.length; at += Protocol.BODY_PART) {
            int end = Math.min(body.length, at + Protocol.BODY_PART);
            writeFrame(new Envelope(0, new BodyPart(session, number, Arrays.copyOfRange(body, at, end))));
        }
        return message.withBody(null);
    }

    private void write(Envelope envelope) throws JMSException {
        writeFrame(withoutLargeBodies(envelope));
    }

    private void writeFrame(Envelope envelope) throws JMSException {
        JMSException gone = lost;
        if (gone != null) {
            throw new BrokenException(gone);
        }
        ByteBuf bytes = channel.alloc().buffer();
        FrameCodec.encode(envelope, bytes);
        int size = bytes.readableBytes() - 4;
        if (size > maxFrameSize) {
            bytes.release();
            throw new JMSException(
                    "a frame of " + size + " bytes exceeds the broker's limit of " + maxFrameSize, "MESSAGE_TOO_LARGE");
        }
        awaitWritable();
        channel.writeAndFlush(bytes, channel.voidPromise());
    }

    /** Runs a task on the event loop, behind what was written before; not any more when the loop has ended. */
    void execute(Runnable task) {
        try {
            channel.eventLoop().execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debug("the factory was closed, and with it the connection", e);
        }
    }

    private void awaitWritable() throws JMSException {
        if (channel.isWritable() || channel.eventLoop().inEventLoop()) {
            return;
        }
        long limit = options.requestTimeout();
        long left = channel.bytesBeforeWritable();
        long since = System.nanoTime();
        synchronized (writable) {
            while (!channel.isWritable() && lost == null) {
                if (channel.bytesBeforeWritable() < left) {
                    since = System.nanoTime();
                }
                left = channel.bytesBeforeWritable();
                if (limit > 0 && System.nanoTime() - since > TimeUnit.MILLISECONDS.toNanos(limit)) {
                    throw broken(new JMSException("the broker has taken nothing for " + limit + " ms"));
                }
                try {
                    writable.wait(limit > 0 ? Math.min(limit, LOOK_MILLIS) : 0);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw broken(Errors.chained("interrupted", e));
                }
            }
        }
    }

    /**
     * Ends the network connection: what was written before may be a part of something that must not go on otherwise.
     */
    private JMSException broken(JMSException reason) {
        fail(reason);
        return reason;
    }

    /** Whether the network connection is gone; before a request fails for that, it is. */
    boolean isLost() {
        return lost != null;
    }

    /** Ends the network connection as if the network had failed: everybody is told. */
    void fail(JMSException reason) {
        channel.pipeline().fireExceptionCaught(reason);
    }

    /** Closes the network connection; pending requests fail. */
    void close() {
        closing = true;
        channel.close();
    }

    private void gone(JMSException reason) {
        if (lost != null) {
            return;
        }
        lost = reason;
        synchronized (writable) {
            writable.notifyAll();
        }
        List<Line.Unanswered> unanswered = new ArrayList<>();
        pending.keySet().stream().sorted().forEach(correlation -> {
            Line.Unanswered request = pending.remove(correlation);
            if (request != null) {
                unanswered.add(request);
            }
        });
        if (closing) {
            unanswered.forEach(each -> each.handler().failed(Errors.again(reason)));
        } else {
            listener.lost(this, reason, unanswered);
        }
    }

    /** Whose body a part belongs to. */
    private record PartOf(int consumer, long tag) {}

    /** Takes what the channel says. Confined to the event loop. */
    private final class Handler extends ChannelInboundHandlerAdapter {
        private @Nullable Throwable cause;
        /** Large bodies whose delivery has not come. */
        private final Map<PartOf, ByteArrayOutputStream> parts = new HashMap<>();

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            Envelope envelope = (Envelope) message;
            Frame frame = envelope.frame();
            if (frame instanceof Deliver delivery) {
                ByteArrayOutputStream body = parts.remove(new PartOf(delivery.consumerId(), delivery.tag()));
                listener.delivered(
                        body == null
                                ? delivery
                                : new Deliver(
                                        delivery.consumerId(),
                                        delivery.tag(),
                                        delivery.count(),
                                        delivery.message().withBody(body.toByteArray())));
            } else if (frame instanceof BodyPart part) {
                parts.computeIfAbsent(
                                new PartOf(part.owner(), part.number()), each -> new ByteArrayOutputStream(1 << 20))
                        .writeBytes(part.bytes());
            } else if (frame instanceof ConsumerClosed closed) {
                listener.consumerClosed(closed);
            } else if (frame instanceof Ping) {
                if (envelope.correlation() != 0) {
                    ByteBuf pong = context.alloc().buffer();
                    FrameCodec.encode(new Envelope(envelope.correlation(), new Ok()), pong);
                    context.writeAndFlush(pong, context.voidPromise());
                }
            } else {
                reply(envelope.correlation(), frame);
            }
        }

        private void reply(int correlation, Frame frame) {
            Line.Unanswered request = pending.remove(correlation);
            if (request == null) {
                if (frame instanceof Failed failed) {
                    listener.refused(Errors.of(failed));
                }
            } else if (frame instanceof Failed failed) {
                request.handler().failed(Errors.of(failed));
            } else {
                request.handler().replied(frame);
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof IdleStateEvent idle) {
                switch (idle.state()) {
                    case READER_IDLE -> {
                        cause = new TimeoutException("no sign of life for " + options.heartbeat() * 2L + " ms");
                        context.close();
                    }
                    case WRITER_IDLE -> {
                        ByteBuf ping = context.alloc().buffer();
                        FrameCodec.encode(new Envelope(nextCorrelation(), new Ping()), ping);
                        context.writeAndFlush(ping, context.voidPromise());
                    }
                    case ALL_IDLE -> {}
                }
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            synchronized (writable) {
                writable.notifyAll();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable thrown) {
            cause = thrown;
            context.close();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            Throwable why = cause;
            gone(
                    why == null
                            ? new JMSException(
                                    closing ? "the connection is closed" : "the broker closed the connection")
                            : Errors.chained("the connection is lost: " + why.getMessage(), why));
        }
    }
}
