/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.timeout.IdleStateEvent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jctools.queues.MpscUnboundedArrayQueue;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.message.MessageIds;
import org.polymq.broker.message.NativeEncoder;
import org.polymq.broker.net.BadInput;
import org.polymq.broker.net.Handshake;
import org.polymq.broker.net.RequestRate;
import org.polymq.broker.security.Access;
import org.polymq.broker.security.Security;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.FrameWriter;
import org.polymq.remoting.wire.MalformedFrameException;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.ResponseCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection: hands requests to their handlers and collects answers, which leave in one flush per batch of
 * requests or of replies. It is the lane of the requests it makes.
 *
 * <p>Confined to its event loop, except {@link #execute} and {@link #inLane}.
 */
final class NativeConnection extends ChannelInboundHandlerAdapter implements Lane {
    private static final Logger log = LoggerFactory.getLogger(NativeConnection.class);
    private static final int FIRST_BUFFER = 4 * 1024;
    private static final int FULL_BUFFER = 64 * 1024;

    /** What all connections share. */
    record Shared(
            HandlerTable handlers,
            AccessRules rules,
            Security security,
            String clusterName,
            Optional<InetAddress> advertise,
            MessageIds ids,
            BadInput badInput,
            RequestRate rate,
            Closed closed) {
        /** Told once when a connection is gone, on its event loop. */
        interface Closed {
            void closed(NativeConnection connection);
        }
    }

    private final Shared shared;
    private final Channel channel;
    private final int below;
    private final ArrayDeque<Runnable> own = new ArrayDeque<>();
    private final MpscUnboundedArrayQueue<Runnable> others = new MpscUnboundedArrayQueue<>(64);
    private final AtomicBoolean drainScheduled = new AtomicBoolean();
    private final Set<ParkedPull> parked = new LinkedHashSet<>();
    private final ClientCalls calls = new ClientCalls(this);
    private final NativeLogin login;
    private final RequestRate.Gate rate;
    private @Nullable Access access;

    private @Nullable NativeEncoder encoder;
    private @Nullable ByteBuf out;
    private byte[] bornHost = new byte[8];
    private byte[] storeHost = new byte[8];
    private String storeHostHex = "0000000000000000";
    private boolean inBatch;
    private boolean ownScheduled;
    private int unanswered;
    private boolean gone;

    /** {@code below}: by how much the listener's port is less than the one that is advertised. */
    NativeConnection(Channel channel, Shared shared, int below) {
        this.channel = channel;
        this.below = below;
        this.shared = shared;
        this.rate = shared.rate().open();
        this.login = new NativeLogin(shared.security(), this, new Access.Watcher() {
            @Override
            public void permissionsChanged() {
                // What waits for messages asks again, and is checked then.
                Set.copyOf(parked).forEach(ParkedPull::timedOut);
            }

            @Override
            public void revoked() {
                var unused = channel.close();
            }
        });
    }

    // ---- requests in

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        bornHost = host(channel.remoteAddress());
        storeHost = host(advertised(channel.localAddress()));
        storeHostHex = HexFormat.of().withUpperCase().formatHex(storeHost);
    }

    private SocketAddress advertised(SocketAddress local) {
        return local instanceof InetSocketAddress inet
                ? new InetSocketAddress(shared.advertise().orElse(inet.getAddress()), inet.getPort() + below)
                : local;
    }

    private static byte[] host(SocketAddress address) {
        return address instanceof InetSocketAddress inet ? NativeEncoder.host(inet) : new byte[8];
    }

    @Override
    public void channelRead(ChannelHandlerContext ignored, Object message) {
        RemotingCommand request = (RemotingCommand) message;
        if (request.isResponse()) {
            calls.answered(request);
            return;
        }
        inBatch = true;
        if (!request.isOneway()) {
            unanswered++;
        }
        if (!rate.admits()) {
            answer(request, request.answer(ResponseCode.SYSTEM_BUSY, rate.refusal()));
            return;
        }
        RequestHandler handler = shared.handlers().find(request.code());
        if (handler == null) {
            answer(
                    request,
                    request.answer(
                            ResponseCode.REQUEST_CODE_NOT_SUPPORTED,
                            " request type " + request.code() + " not supported"));
            return;
        }
        guard(request, () -> {
            Access sender = login.of(request);
            Handshake.complete(channel);
            shared.rules().check(request, sender);
            access = sender;
            handler.handle(request, this);
        });
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ignored) {
        endBatch();
    }

    // ---- answers out

    /** Answers a request, unless it wants none. */
    void answer(RemotingCommand request, RemotingCommand answer) {
        if (!request.isOneway()) {
            send(answer);
        }
    }

    /** Answers a request with what the core refused it for. */
    void refuse(RemotingCommand request, BrokerException cause) {
        answer(request, request.answer(ErrorCodes.of(cause.reason()), String.valueOf(cause.getMessage())));
    }

    /**
     * A reply for one step of serving a request: what it throws, and what the core refuses, is the request's answer.
     */
    <T> Reply<T> guarded(RemotingCommand request, Consumer<T> step) {
        return Reply.of(value -> guard(request, () -> step.accept(value)), refused -> refuse(request, refused));
    }

    private void guard(RemotingCommand request, Runnable step) {
        try {
            step.run();
        } catch (BadRequestException e) {
            answer(request, request.answer(e.code(), e.getMessage()));
        } catch (BrokerException e) {
            refuse(request, e);
        } catch (RuntimeException e) {
            log.warn("cannot serve {}", request, e);
            answer(request, request.answer(ResponseCode.SYSTEM_ERROR, "the broker failed: " + e));
        }
    }

    /** Sends a frame with the batch that is running, or at once if there is none. */
    void send(RemotingCommand command) {
        if (command.isResponse()) {
            unanswered--;
        }
        if (gone || !channel.isActive()) {
            return;
        }
        ByteBuf buffer = out;
        if (buffer == null) {
            buffer = channel.alloc().buffer(FIRST_BUFFER);
            out = buffer;
        }
        FrameWriter.write(buffer, command);
        if (buffer.readableBytes() >= FULL_BUFFER) {
            writeOut();
        }
        flushUnlessInBatch();
    }

    /** Sends an answer that is already bytes; takes the buffer over. */
    void send(ByteBuf frames) {
        unanswered--;
        if (gone || !channel.isActive()) {
            frames.release();
            return;
        }
        writeOut();
        write(frames);
        flushUnlessInBatch();
    }

    private void flushUnlessInBatch() {
        if (!inBatch) {
            flush();
        }
    }

    private void writeOut() {
        ByteBuf full = out;
        if (full != null) {
            out = null;
            write(full);
        }
    }

    private void write(ByteBuf buffer) {
        ChannelPromise promise = channel.voidPromise();
        var unused = channel.write(buffer, promise);
    }

    private void flush() {
        writeOut();
        channel.flush();
    }

    /** Runs what the batch's requests left to do on this lane, then sends all answers. */
    private void endBatch() {
        inBatch = true;
        runOwn();
        inBatch = false;
        flush();
    }

    private void runOwn() {
        Runnable task = own.poll();
        while (task != null) {
            run(task);
            task = own.poll();
        }
    }

    private static void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            log.warn("a reply failed", e);
        }
    }

    // ---- the lane

    @Override
    public boolean inLane() {
        return channel.eventLoop().inEventLoop();
    }

    @Override
    public void execute(Runnable task) {
        if (inLane()) {
            own.add(task);
            if (!inBatch && !ownScheduled) {
                ownScheduled = true;
                schedule(this::drainOwn);
            }
        } else {
            others.offer(task);
            if (drainScheduled.compareAndSet(false, true)) {
                schedule(this::drainOthers);
            }
        }
    }

    private void drainOwn() {
        ownScheduled = false;
        endBatch();
    }

    private void drainOthers() {
        drainScheduled.set(false);
        inBatch = true;
        Runnable task = others.poll();
        while (task != null) {
            run(task);
            task = others.poll();
        }
        endBatch();
    }

    private void schedule(Runnable drain) {
        try {
            channel.eventLoop().execute(drain);
        } catch (RejectedExecutionException e) {
            log.debug("the event loop of {} has stopped: its replies are dropped", channel, e);
        }
    }

    // ---- what handlers ask

    /** Makes records of this connection's sends. */
    NativeEncoder encoder() {
        NativeEncoder mine = encoder;
        if (mine == null) {
            mine = new NativeEncoder(shared.clusterName(), shared.ids());
            encoder = mine;
        }
        return mine;
    }

    /** The client's address as it stands in a message. */
    byte[] bornHost() {
        return bornHost;
    }

    /** The address under which the broker is to be asked for a message, as it stands in one. */
    byte[] storeHost() {
        return storeHost;
    }

    /** The id by which a client asks for the message at a log position: host, port and position in hexadecimal. */
    String offsetMessageId(long position) {
        return storeHostHex + HexFormat.of().withUpperCase().toHexDigits(position);
    }

    /** What the sender of the request that is being handled may do; to be asked for before the handler returns. */
    Access access() {
        Access sender = access;
        if (sender == null) {
            throw new IllegalStateException("no request is being handled");
        }
        return sender;
    }

    /** What the broker asks this client. */
    ClientCalls calls() {
        return calls;
    }

    Channel channel() {
        return channel;
    }

    /** The pulls of this connection that wait for a message. */
    Set<ParkedPull> parked() {
        return parked;
    }

    /** Has the parked pulls of a group on a topic look again: its position was changed. */
    void wakeParked(String group, int topicId) {
        for (ParkedPull pull : Set.copyOf(parked)) {
            if (pull.isOf(group, topicId)) {
                pull.appended();
            }
        }
    }

    // ---- the end

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext changed) {
        // A client that does not read its answers may not send more requests.
        channel.config().setAutoRead(channel.isWritable());
        changed.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext inactive) {
        ByteBuf unsent = out;
        if (unsent != null) {
            out = null;
            unsent.release();
        }
        forget();
        inactive.fireChannelInactive();
    }

    private void forget() {
        Set.copyOf(parked).forEach(ParkedPull::cancel);
        calls.connectionClosed();
        login.closed();
        shared.closed().closed(this);
    }

    /**
     * Lets go of the connection, which is served by another from now on: pulls that wait are told to ask again. Does
     * nothing else while a request is being served.
     *
     * @return whether it did
     */
    boolean letGo() {
        Set.copyOf(parked).forEach(ParkedPull::timedOut);
        endBatch();
        if (unanswered != 0) {
            return false;
        }
        gone = true;
        forget();
        return true;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext triggered, Object event) {
        if (event instanceof IdleStateEvent) {
            log.debug("{} was silent for too long, closed", channel);
            var unused = triggered.close();
        } else {
            triggered.fireUserEventTriggered(event);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext failed, Throwable cause) {
        if (cause instanceof MalformedFrameException) {
            shared.badInput().close(channel, NativeProtocol.NAME, String.valueOf(cause.getMessage()));
            return;
        }
        if (cause instanceof IOException) {
            log.debug("connection {} lost", channel, cause);
        } else {
            log.warn("connection {} closed", channel, cause);
        }
        var unused = failed.close();
    }

    /** The client's address, {@code host:port}. */
    String remoteAddress() {
        return text(channel.remoteAddress());
    }

    /** The address by which the client came, {@code host:port}. */
    String localAddress() {
        return text(channel.localAddress());
    }

    static String text(SocketAddress address) {
        return address instanceof InetSocketAddress inet
                ? inet.getAddress().getHostAddress() + ":" + inet.getPort()
                : String.valueOf(address);
    }

    @Override
    public String toString() {
        return "native connection of " + channel.remoteAddress();
    }
}
