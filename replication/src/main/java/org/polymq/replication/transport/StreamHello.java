/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Reads what a stream of a gateway begins with; stays in the pipeline until that is answered. */
final class StreamHello extends ByteToMessageDecoder {
    private static final long SECONDS = 10;

    private final String cluster;
    private final StreamPort.Listener listener;
    private final BiConsumer<ChannelHandlerContext, Throwable> failed;
    private @Nullable ScheduledFuture<?> deadline;
    private boolean asked;

    /** @param failed counts and closes */
    StreamHello(String cluster, StreamPort.Listener listener, BiConsumer<ChannelHandlerContext, Throwable> failed) {
        this.cluster = cluster;
        this.listener = listener;
        this.failed = failed;
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
        StreamFrames.Hello hello = asked ? null : StreamFrames.readHello(in);
        if (hello == null) {
            return;
        }
        if (!hello.cluster().equals(cluster)) {
            throw new CorruptedFrameException("a gateway of another cluster");
        }
        asked = true;
        listener.asked(new AskedStream(context, hello.group(), hello.wants()));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        failed.accept(context, cause);
    }
}
