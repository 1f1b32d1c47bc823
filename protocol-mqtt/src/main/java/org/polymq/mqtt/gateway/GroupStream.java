/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.polymq.mqtt.Farewell;
import org.polymq.mqtt.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's stream to the leader of one group: cuts what comes into packets. Confined to the client's event loop.
 */
final class GroupStream extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(GroupStream.class);

    /** A PUBLISH that is longer and not there yet passes in pieces. */
    private static final int LARGE = 64 << 10;

    private static final int PUBLISH = 3;
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(128 << 10, 256 << 10);

    private final int slot;
    private final Receiver receiver;
    private @Nullable WriteBatch batch;
    private @Nullable Channel channel;
    private @Nullable ByteBuf unread;
    private boolean decoding;
    /** Bytes of a large message that are still to pass. */
    private int left;

    private boolean paused;
    /** What comes next was not taken. */
    private boolean refused;

    private boolean closed;
    /** While a large message of the client goes in pieces: what else the group is sent waits for its end. */
    private boolean sendingLarge;

    private final Queue<ByteBuf> afterLarge = new ArrayDeque<>(0);

    /** Who takes what the groups send. */
    interface Receiver {
        /** Whether packets of this stream may be handed over now. */
        boolean takes(GroupStream from);

        /**
         * A whole packet.
         *
         * @param frame valid during the call; its indices may move
         * @return false if it cannot be taken now: it is offered again after {@link #resume}
         */
        boolean packet(GroupStream from, ByteBuf frame);

        /**
         * A large message begins; {@link #part} follows until its end, if it is taken.
         *
         * @param head at least up to the packet identifier
         * @return false if it cannot be taken now
         */
        boolean begins(GroupStream from, ByteBuf head);

        void part(GroupStream from, ByteBuf part, boolean last);

        /** The stream is there, and nothing was sent yet. */
        void opened(GroupStream stream);

        /** The stream has ended, and not by {@link #close} or {@link #finish}. */
        void lost(GroupStream stream);

        /** It takes bytes again after it took none. */
        void writable();
    }

    GroupStream(int slot, Receiver receiver) {
        this.slot = slot;
        this.receiver = receiver;
    }

    int slot() {
        return slot;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        channel = context.channel();
        batch = new WriteBatch(context, () -> {});
        context.channel().config().setOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK);
        if (closed) {
            context.close();
        } else {
            receiver.opened(this);
        }
    }

    // ---- to the group

    /** Sends whole packets. The buffer's indices do not move. */
    void send(ByteBuf packets) {
        if (closed || batch == null) {
            return;
        }
        if (sendingLarge) {
            afterLarge.add(packets.retainedSlice());
        } else {
            batch.add(packets);
        }
    }

    /** Sends the beginning of a large message; its parts follow by {@link #sendPart}. */
    void beginLarge(ByteBuf head) {
        send(head);
        sendingLarge = true;
    }

    void sendPart(ByteBuf part, boolean last) {
        if (!closed && batch != null) {
            batch.add(part);
        }
        if (last) {
            sendingLarge = false;
            for (ByteBuf next = afterLarge.poll(); next != null; next = afterLarge.poll()) {
                send(next);
                next.release();
            }
        }
    }

    boolean isWritable() {
        return batch == null || batch.isWritable();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (context.channel().isWritable() && !closed) {
            receiver.writable();
        }
    }

    // ---- from the group

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof ByteBuf bytes) || closed) {
            ReferenceCountUtil.release(message);
            return;
        }
        ByteBuf before = unread;
        unread = before == null ? bytes : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(context.alloc(), before, bytes);
        decode();
    }

    /** Hands over nothing more until {@link #resume}. */
    void pause() {
        paused = true;
    }

    void resume() {
        paused = false;
        decode();
    }

    /** Whether it is waited with what comes until {@link #resume}. */
    boolean isPaused() {
        return paused;
    }

    /** Hands over what is there, as far as it is taken. */
    void decode() {
        if (decoding) {
            return; // further up the stack
        }
        decoding = true;
        boolean taken = true;
        while (taken && !closed && !paused && unread != null && unread.isReadable() && receiver.takes(this)) {
            taken = next(unread);
        }
        decoding = false;
        if (unread != null && (closed || !unread.isReadable())) {
            unread.release();
            unread = null;
        }
        setReading();
    }

    private void setReading() {
        Channel there = channel;
        if (there != null && !closed) {
            boolean reading = !paused && receiver.takes(this) && !refused;
            if (there.config().isAutoRead() != reading) {
                there.config().setAutoRead(reading);
            }
        }
    }

    private boolean next(ByteBuf in) {
        refused = false;
        if (left > 0) {
            int size = Math.min(left, in.readableBytes());
            left -= size;
            receiver.part(this, in.readSlice(size), left == 0);
            return true;
        }
        int size = Frames.size(in);
        if (size < 0) {
            return false;
        }
        if (size > in.readableBytes()) {
            return size > LARGE && Frames.type(in) == PUBLISH && Frames.hasHead(in) && begin(in, size);
        }
        int start = in.readerIndex();
        refused = !receiver.packet(this, in.slice(start, size));
        if (!refused) {
            in.readerIndex(start + size);
        }
        return !refused;
    }

    private boolean begin(ByteBuf in, int size) {
        refused = !receiver.begins(this, in.slice());
        if (!refused) {
            left = size;
        }
        return !refused;
    }

    // ---- the end

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        boolean expected = closed;
        end();
        if (!expected) {
            receiver.lost(this);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        log.warn("the stream to group {} failed: {}", slot, String.valueOf(cause));
        context.close();
    }

    /** Ends the stream as a lost connection does. */
    void close() {
        end();
        if (channel != null) {
            channel.close();
        }
    }

    /** Ends the stream when the group has closed it, as it does after DISCONNECT. */
    void finish() {
        if (batch != null) {
            batch.close();
        }
        end();
        if (channel != null) {
            Farewell.awaitClose(channel);
        }
    }

    private void end() {
        closed = true;
        if (unread != null && !decoding) {
            unread.release();
            unread = null;
        }
        for (ByteBuf never = afterLarge.poll(); never != null; never = afterLarge.poll()) {
            never.release();
        }
    }
}
