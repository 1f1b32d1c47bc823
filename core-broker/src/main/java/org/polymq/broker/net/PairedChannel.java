/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One end of a byte stream inside this process: what is written to it is read from its other end, without a socket.
 * Bytes are copied once, so that neither side ever sees the other's buffers. Works on event loops of any kind, also
 * with both ends on one. Confined to its event loop as any channel is.
 */
public final class PairedChannel extends AbstractChannel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false);
    /** What one end may have written that the other has not read. */
    private static final long WINDOW = 256 << 10;
    /** Most bytes handed over as one. */
    private static final int PIECE = 64 << 10;

    private final ChannelConfig config = new DefaultChannelConfig(this);
    /** Written by the other end's loop, read by this one's. */
    private final Queue<ByteBuf> arrived = new ConcurrentLinkedQueue<>();

    private final AtomicLong unread = new AtomicLong();
    private final SocketAddress address;
    private @Nullable PairedChannel other;
    private volatile boolean open = true;
    private volatile boolean registered;
    /** The other end is closed, and all that it wrote lies here. */
    private volatile boolean ended;

    private volatile boolean blocked;
    private boolean wantsMore;

    /** Where an end is: nowhere. */
    private static final class Inside extends SocketAddress {
        private static final long serialVersionUID = 1L;

        @Override
        public String toString() {
            return "(this process)";
        }
    }

    private PairedChannel(SocketAddress address) {
        super(null);
        this.address = address;
    }

    /** Two ends. Both have to be registered at an event loop; handlers are added before. */
    public record Pair(PairedChannel near, PairedChannel far) {}

    /** Makes a new one. */
    public static Pair make() {
        SocketAddress address = new Inside();
        PairedChannel near = new PairedChannel(address);
        PairedChannel far = new PairedChannel(address);
        near.other = far;
        far.other = near;
        return new Pair(near, far);
    }

    private PairedChannel other() {
        PairedChannel now = other;
        if (now == null) {
            throw new IllegalStateException("an end without the other");
        }
        return now;
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new PairedUnsafe();
    }

    private final class PairedUnsafe extends AbstractUnsafe {
        @Override
        public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
            promise.setFailure(new UnsupportedOperationException("both ends are connected from the beginning"));
        }

        void writeAgain() {
            flush0();
        }
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return true;
    }

    @Override
    protected void doRegister(ChannelPromise promise) {
        registered = true;
        promise.setSuccess();
    }

    @Override
    protected void doBeginRead() {
        wantsMore = true;
        if (!arrived.isEmpty() || ended) {
            eventLoop().execute(this::read0);
        }
    }

    // ---- on the loop of this end

    private void read0() {
        if (!wantsMore || !open) {
            return;
        }
        ByteBuf piece = arrived.poll();
        if (piece == null) {
            // Seen in this order nothing can have come in between.
            if (ended && arrived.isEmpty()) {
                unsafe().close(voidPromise());
            }
            return;
        }
        wantsMore = false;
        long left = unread.addAndGet(-piece.readableBytes());
        pipeline().fireChannelRead(piece);
        pipeline().fireChannelReadComplete(); // which asks for more, as a rule
        if (left < WINDOW / 2) {
            other().unblock();
        }
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer out) throws Exception {
        PairedChannel to = other();
        while (true) {
            if (out.isEmpty()) {
                return;
            }
            if (!to.open) {
                throw new ClosedChannelException();
            }
            if (to.unread.get() >= WINDOW) {
                blocked = true;
                if (to.unread.get() >= WINDOW) { // else it was read just now, and nobody may say so
                    return;
                }
                blocked = false;
            }
            ByteBuf piece = piece(out);
            int size = piece.readableBytes();
            if (size > 0) {
                to.arrive(piece);
            } else {
                piece.release();
            }
            remove(out, size);
        }
    }

    /** A copy of what is to be written next. */
    private ByteBuf piece(ChannelOutboundBuffer out) throws Exception {
        ByteBuf piece = alloc().buffer((int) Math.min(PIECE, Math.max(1, out.totalPendingWriteBytes())));
        out.forEachFlushedMessage(message -> {
            ByteBuf next = (ByteBuf) message;
            piece.writeBytes(next, next.readerIndex(), Math.min(next.readableBytes(), piece.writableBytes()));
            return piece.isWritable();
        });
        return piece;
    }

    /** These bytes have arrived. Not before: who hears that something is written may close this end at once. */
    private static void remove(ChannelOutboundBuffer out, int bytes) {
        int left = bytes;
        while (out.current() instanceof ByteBuf next && next.readableBytes() <= left) {
            left -= next.readableBytes();
            out.progress(next.readableBytes());
            out.remove();
        }
        if (left > 0 && out.current() instanceof ByteBuf next) {
            next.skipBytes(left);
            out.progress(left);
        }
    }

    @Override
    protected Object filterOutboundMessage(Object message) {
        if (message instanceof ByteBuf) {
            return message;
        }
        throw new UnsupportedOperationException(
                "a stream takes bytes, not " + message.getClass().getName());
    }

    @Override
    protected void doClose() {
        open = false;
        releaseArrived();
        other().end();
    }

    private void releaseArrived() {
        for (ByteBuf each = arrived.poll(); each != null; each = arrived.poll()) {
            each.release();
        }
    }

    // ---- on the loop of the other end

    private void arrive(ByteBuf piece) {
        unread.addAndGet(piece.readableBytes());
        arrived.add(piece);
        if (!open) {
            releaseArrived(); // it was closed at the same time
            return;
        }
        onLoop(this::read0);
    }

    private void end() {
        ended = true;
        onLoop(this::read0);
        unblock(); // what it could not write fails now
    }

    private void unblock() {
        if (blocked) {
            blocked = false;
            onLoop(() -> ((PairedUnsafe) unsafe()).writeAgain());
        }
    }

    private void onLoop(Runnable task) {
        if (registered) { // else it looks when it is
            try {
                eventLoop().execute(task);
            } catch (RejectedExecutionException stopped) {
                releaseArrived();
            }
        }
    }

    // ---- what a channel has to say of itself

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public boolean isActive() {
        return open && registered;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    protected SocketAddress localAddress0() {
        return address;
    }

    @Override
    protected SocketAddress remoteAddress0() {
        return address;
    }

    @Override
    protected void doBind(SocketAddress localAddress) {
        throw new UnsupportedOperationException("an end inside a process has no address");
    }

    @Override
    protected void doDisconnect() {
        doClose();
    }
}
