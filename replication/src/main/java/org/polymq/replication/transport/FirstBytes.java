/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sees whether a connection is one of a node or a stream of a gateway. What it has read goes to the handlers behind it
 * when it is taken out of the pipeline.
 */
final class FirstBytes extends ByteToMessageDecoder {
    private static final long SECONDS = 10;

    private final Outcome outcome;
    private @Nullable ScheduledFuture<?> deadline;
    private boolean known;

    /** Hears it, once. */
    interface Outcome {
        void node(ChannelHandlerContext context);

        void stream(ChannelHandlerContext context);

        void failed(ChannelHandlerContext context, Throwable cause);
    }

    FirstBytes(Outcome outcome) {
        this.outcome = outcome;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        deadline = context.executor().schedule(() -> context.close(), SECONDS, TimeUnit.SECONDS);
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext context) {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (known || in.readableBytes() < StreamFrames.PREFACE) {
            return;
        }
        known = true;
        if (in.getInt(in.readerIndex()) != StreamFrames.MAGIC) {
            outcome.node(context);
            return;
        }
        int version = in.skipBytes(4).readByte();
        if (version != StreamFrames.VERSION) {
            throw new CorruptedFrameException(
                    "a stream of version " + version + ", this node speaks " + StreamFrames.VERSION);
        }
        outcome.stream(context);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        outcome.failed(context, cause);
    }
}
