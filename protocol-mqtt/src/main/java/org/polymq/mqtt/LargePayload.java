/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.stream.ChunkedInput;
import io.netty.handler.stream.ChunkedWriteHandler;
import java.nio.ByteBuffer;
import java.util.Iterator;

/** A payload that is read as the connection takes it. What is written later waits behind it. */
final class LargePayload implements ChunkedInput<ByteBuf> {
    private static final String WRITER = "large-payloads";

    private final Iterator<ByteBuffer> slices;
    private final int length;
    private long read;

    private LargePayload(Iterator<ByteBuffer> slices, int length) {
        this.slices = slices;
        this.length = length;
    }

    /** Writes it; the connection ends if it cannot be read to its end. */
    static void write(ChannelHandlerContext context, Iterator<ByteBuffer> slices, int length) {
        Channel channel = context.channel();
        if (channel.pipeline().get(WRITER) == null) {
            channel.pipeline().addBefore(context.name(), WRITER, new ChunkedWriteHandler());
        }
        context.write(new LargePayload(slices, length)).addListener(written -> {
            if (!written.isSuccess()) {
                channel.close();
            }
        });
    }

    @Override
    public boolean isEndOfInput() {
        return !slices.hasNext();
    }

    @Override
    public void close() {
        // The slices hold nothing.
    }

    @Override
    @Deprecated
    @SuppressWarnings("InlineMeSuggester") // the interface wants it
    public ByteBuf readChunk(ChannelHandlerContext context) {
        return readChunk(context.alloc());
    }

    @Override
    public ByteBuf readChunk(ByteBufAllocator allocator) {
        ByteBuffer slice = slices.next();
        read += slice.remaining();
        return Unpooled.wrappedBuffer(slice);
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public long progress() {
        return read;
    }
}
