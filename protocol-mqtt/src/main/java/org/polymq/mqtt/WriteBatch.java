/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/**
 * Collects what one connection is sent and writes it in large pieces: one flush for each run of its event loop.
 * Confined to that loop.
 */
public final class WriteBatch {
    /** From here on copying bytes costs more than another buffer in the write. */
    public static final int LARGE = 8 * 1024;

    private static final int CHUNK = 32 * 1024;

    private final ChannelHandlerContext context;
    private final Runnable beforeFlush;
    private @Nullable ByteBuf buffer;
    private boolean scheduled;
    private boolean closed;

    /**
     * An empty batch.
     *
     * @param beforeFlush run before each flush, on the event loop
     */
    public WriteBatch(ChannelHandlerContext context, Runnable beforeFlush) {
        this.context = context;
        this.beforeFlush = beforeFlush;
    }

    /** Whether the connection keeps up with what it is sent. */
    public boolean isWritable() {
        return context.channel().isWritable();
    }

    public boolean isClosed() {
        return closed;
    }

    /** Where to put the next bytes, of which there are {@code size} at most. */
    public ByteBuf room(int size) {
        ByteBuf current = buffer;
        if (current != null && current.writableBytes() < size && current.readableBytes() + size > CHUNK) {
            writeCollected();
            context.flush(); // so that a burst within one run does not pile up
            current = null;
        }
        if (current == null) {
            current = context.alloc().ioBuffer(Math.max(size, 512));
            buffer = current;
        }
        return current;
    }

    /** Copies a few bytes, and keeps many. The buffer's indices do not move. */
    public void add(ByteBuf bytes) {
        if (closed) {
            return;
        }
        int size = bytes.readableBytes();
        if (size < LARGE) {
            room(size).writeBytes(bytes, bytes.readerIndex(), size);
        } else {
            writeCollected();
            context.write(bytes.retainedSlice());
        }
        flushSoon();
    }

    /** Writes what was collected; what is written past this batch follows. */
    public void writeCollected() {
        ByteBuf full = buffer;
        if (full != null) {
            buffer = null;
            if (full.isReadable()) {
                context.write(full);
            } else {
                full.release();
            }
        }
    }

    /** Runs {@link #flush} when the event loop has done what it is at. */
    public void flushSoon() {
        if (!scheduled) {
            scheduled = true;
            context.channel().eventLoop().execute(this::flush);
        }
    }

    public void flush() {
        scheduled = false;
        if (closed) {
            return;
        }
        beforeFlush.run();
        writeCollected();
        context.flush();
    }

    /** Sends what is there and takes nothing more. */
    public void close() {
        if (!closed) {
            writeCollected();
            context.flush();
            closed = true;
        }
    }
}
