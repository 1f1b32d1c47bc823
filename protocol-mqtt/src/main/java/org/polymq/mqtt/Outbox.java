/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import java.nio.ByteBuffer;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;
import org.polymq.mqtt.ServerAliases.Alias;
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
    private final Peer peer;
    private final Runnable beforeFlush;
    private final @Nullable ServerAliases aliases;
    private @Nullable ByteBuf buffer;
    private boolean scheduled;
    private boolean closed;

    /**
     * What the client said about itself.
     *
     * @param maxPacketSize bytes of the largest packet it takes
     * @param aliases how many topic aliases it allows and the broker uses
     * @param problemInformation whether it wants reason strings
     */
    record Peer(MqttVersion version, int maxPacketSize, int aliases, boolean problemInformation) {
        /** Nothing but its version is known. */
        static Peer of(MqttVersion version) {
            return new Peer(version, Integer.MAX_VALUE, 0, true);
        }
    }

    /**
     * An empty outbox.
     *
     * @param beforeFlush run before each flush, on the event loop
     */
    Outbox(ChannelHandlerContext context, Peer peer, Runnable beforeFlush) {
        this.context = context;
        this.peer = peer;
        this.beforeFlush = beforeFlush;
        this.aliases = peer.aliases() > 0 ? new ServerAliases(peer.aliases()) : null;
    }

    MqttVersion version() {
        return peer.version();
    }

    boolean fits(EncodedPublish publish) {
        return publish.size() <= peer.maxPacketSize();
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
        boolean sent = PacketEncoder.encode(told(packet), peer.version(), peer.maxPacketSize(), room(64));
        flushSoon();
        return sent;
    }

    // MQTT 5, 3.1.2-29: CONNACK and DISCONNECT may tell all the same.
    private Packet told(Packet packet) {
        return peer.problemInformation() ? packet : packet.withoutReasonString();
    }

    /** Sends a PUBLISH that {@linkplain #fits fits}. */
    void send(EncodedPublish publish, int packetId, boolean dup) {
        if (closed) {
            return;
        }
        Iterator<ByteBuffer> slices = publish.slices();
        if (slices != null) {
            publish.writeHead(packetId, dup, room(publish.headSize()));
            writeBuffer();
            LargePayload.write(context, slices, publish.size() - publish.headSize());
        } else if (aliases != null && publish.gainsByAlias() && publish.sizeWithAlias() <= peer.maxPacketSize()) {
            sendWithAlias(publish, packetId, dup, aliases.next(publish.topic()));
        } else if (publish.size() - publish.headSize() < LARGE) {
            publish.writeTo(packetId, dup, room(publish.size()));
        } else {
            publish.writeHead(packetId, dup, room(publish.headSize()));
            writeBuffer();
            context.write(Unpooled.wrappedBuffer(publish.payload()));
        }
        flushSoon();
    }

    private void sendWithAlias(EncodedPublish publish, int packetId, boolean dup, Alias alias) {
        boolean large = publish.size() - publish.headSize() >= LARGE;
        int most = publish.sizeWithAlias() - (large ? publish.payload().remaining() : 0);
        ByteBuf out = room(most);
        publish.writeHead(packetId, dup, alias.number(), alias.known(), out);
        if (large) {
            writeBuffer();
            context.write(Unpooled.wrappedBuffer(publish.payload()));
        } else {
            out.writeBytes(publish.payload());
        }
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
