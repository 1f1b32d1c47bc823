/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication.transport;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Lets a connection in if it begins with the magic number and the name of this cluster; then it is gone. */
final class Hello extends ByteToMessageDecoder {
    private static final int MAGIC = 0x504d5152; // PMQR
    private static final int VERSION = 1;
    private static final int FIXED = 6;
    private static final long SECONDS = 10;

    private final String cluster;
    private @Nullable ScheduledFuture<?> deadline;

    Hello(String cluster) {
        this.cluster = cluster;
    }

    /** Writes what {@code decode} reads. */
    static void write(ByteBuf out, String cluster) {
        byte[] name = cluster.getBytes(UTF_8);
        out.writeInt(MAGIC).writeByte(VERSION).writeByte(name.length).writeBytes(name);
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
        int from = in.readerIndex();
        if (in.readableBytes() >= 4 && in.getInt(from) != MAGIC) {
            throw new CorruptedFrameException("not a node of a cluster");
        }
        if (in.readableBytes() < FIXED || in.readableBytes() < FIXED + in.getUnsignedByte(from + 5)) {
            return;
        }
        int version = in.getByte(from + 4);
        String name = in.toString(from + FIXED, in.getUnsignedByte(from + 5), UTF_8);
        if (version != VERSION) {
            throw new CorruptedFrameException("a node that speaks version " + version + ", this one " + VERSION);
        }
        if (!name.equals(cluster)) {
            throw new CorruptedFrameException("a node of another cluster");
        }
        in.skipBytes(FIXED + in.getUnsignedByte(from + 5));
        context.pipeline().remove(this);
    }
}
