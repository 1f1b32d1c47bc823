/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;
import org.polymq.mqtt.wire.EncodedPublish;
import org.polymq.mqtt.wire.MqttVersion;
import org.polymq.mqtt.wire.Packet;
import org.polymq.mqtt.wire.PacketEncoder;

/**
 * Collects what one connection sends and writes it in large pieces: one flush for each run of its event loop. Confined
 * to that loop.
 */
final class Outbox {
    private static final int CHUNK = 32 * 1024;
    /** From here on copying a payload costs more than another buffer in the write. */
    private static final int LARGE = 8 * 1024;

    private final ChannelHandlerContext context;
    private final MqttVersion version;
    private final int maxPacketSize;
    private final Runnable beforeFlush;
    private @Nullable ByteBuf buffer;
    private boolean scheduled;
    private boolean closed;

    /**
     * An empty outbox.
     *
     * @param maxPacketSize bytes of the largest packet the client takes
     * @param beforeFlush run before each flush, on the event loop
     */
    Outbox(ChannelHandlerContext context, MqttVersion version, int maxPacketSize, Runnable beforeFlush) {
        this.context = context;
        this.version = version;
        this.maxPacketSize = maxPacketSize;
        this.beforeFlush = beforeFlush;
    }

    MqttVersion version() {
        return version;
    }

    boolean fits(EncodedPublish publish) {
        return publish.size() <= maxPacketSize;
    }

    /** Whether the connection keeps up with what it is sent. */
    boolean isWritable() {
        return context.channel().isWritable();
    }

    /** Sends a packet; false if it is larger than the client allows. */
    boolean send(Packet packet) {
        if (closed) {
            return true;
        }
        boolean sent = PacketEncoder.encode(packet, version, maxPacketSize, room(64));
        flushSoon();
        return sent;
    }

    /** Sends a PUBLISH that {@linkplain #fits fits}. */
    void send(EncodedPublish publish, int packetId, boolean dup) {
        if (closed) {
            return;
        }
        if (publish.size() - publish.headSize() < LARGE) {
            publish.writeTo(packetId, dup, room(publish.size()));
        } else {
            publish.writeHead(packetId, dup, room(publish.headSize()));
            writeBuffer();
            context.write(Unpooled.wrappedBuffer(publish.payload()));
        }
        flushSoon();
    }

    /** Runs {@link #flush} when the event loop has done what it is at. */
    void flushSoon() {
        if (!scheduled) {
            scheduled = true;
            context.channel().eventLoop().execute(this::flush);
        }
    }

    void flush() {
        scheduled = false;
        if (closed) {
            return;
        }
        beforeFlush.run();
        writeBuffer();
        context.flush();
    }

    /** Sends what is there and takes nothing more. */
    void close() {
        if (!closed) {
            writeBuffer();
            context.flush();
            closed = true;
        }
    }

    /** Ends the connection: what it is owed cannot be sent now, but when it comes again. */
    void giveUp() {
        context.channel().close();
    }

    private ByteBuf room(int size) {
        ByteBuf current = buffer;
        if (current != null && current.writableBytes() < size && current.readableBytes() + size > CHUNK) {
            writeBuffer();
            context.flush(); // so that a burst within one run does not pile up
            current = null;
        }
        if (current == null) {
            current = context.alloc().ioBuffer(Math.max(size, 512));
            buffer = current;
        }
        return current;
    }

    private void writeBuffer() {
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
}
