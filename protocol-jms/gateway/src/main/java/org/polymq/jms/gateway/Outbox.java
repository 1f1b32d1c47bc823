/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Lane;
import org.polymq.broker.message.BodyReader;
import org.polymq.jms.wire.Envelope;
import org.polymq.jms.wire.Frame;
import org.polymq.jms.wire.Frame.Deliver;
import org.polymq.jms.wire.FrameCodec;

/**
 * Frames on their way to a client: gathered in one buffer, and flushed once for all that the connection's event loop
 * does in one go. Confined to that event loop.
 */
public final class Outbox {
    /** A buffer is handed to the network when it has so many bytes. */
    private static final int PIECE = 128 << 10;

    private static final int SMALLEST = 256;

    private final Channel channel;
    private final Lane lane;
    private @Nullable ByteBuf gathered;
    private boolean flushDue;

    public Outbox(Channel channel, Lane lane) {
        this.channel = channel;
        this.lane = lane;
    }

    /** About so many bytes are added next: saves growing. */
    public void expect(long bytes) {
        if (gathered == null) {
            gathered = channel.alloc().ioBuffer((int) Math.max(SMALLEST, Math.min(bytes, PIECE)));
        }
    }

    /** Adds a frame. */
    public void add(int correlation, Frame frame) {
        expect(SMALLEST);
        ByteBuf into = gathered;
        if (into == null) {
            return;
        }
        int start = into.writerIndex();
        try {
            FrameCodec.encode(new Envelope(correlation, frame), into);
        } catch (RuntimeException e) {
            into.writerIndex(start);
            throw e;
        }
        if (into.readableBytes() >= PIECE) {
            handOn();
        }
    }

    /** Adds a delivery whose body is read while it is written. */
    void add(Deliver delivery, BodyReader body) {
        handOn();
        LargeDelivery.write(channel, delivery, body);
    }

    /** Sends what was added, once the event loop has done what is waiting for it now. */
    public void flush() {
        if (!flushDue) {
            flushDue = true;
            lane.execute(this::flushNow);
        }
    }

    private void flushNow() {
        flushDue = false;
        handOn();
        channel.flush();
    }

    private void handOn() {
        ByteBuf bytes = gathered;
        if (bytes != null) {
            gathered = null;
            channel.write(bytes, channel.voidPromise());
        }
    }

    /** Sends what was added and one more frame, and closes the network connection. */
    public void close(int correlation, Frame last) {
        add(correlation, last);
        ByteBuf bytes = gathered;
        gathered = null;
        channel.writeAndFlush(bytes == null ? channel.alloc().ioBuffer(0) : bytes)
                .addListener(ChannelFutureListener.CLOSE);
    }

    /** The network connection is gone. */
    public void discard() {
        if (gathered != null) {
            gathered.release();
            gathered = null;
        }
    }
}
