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
    private final ChannelHandlerContext context;
    private final Peer peer;
    private final WriteBatch batch;
    private final @Nullable ServerAliases aliases;

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
        this.batch = new WriteBatch(context, beforeFlush);
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
        return batch.isWritable();
    }

    /** Sends a packet; false if it is larger than the client allows. */
    boolean send(Packet packet) {
        if (batch.isClosed()) {
            return true;
        }
        boolean sent = PacketEncoder.encode(told(packet), peer.version(), peer.maxPacketSize(), batch.room(64));
        batch.flushSoon();
        return sent;
    }

    /** Sends a packet to the gateway that holds the client's connection; the client's limits are not meant. */
    void tell(Packet packet) {
        if (!batch.isClosed()) {
            PacketEncoder.encode(packet, peer.version(), Integer.MAX_VALUE, batch.room(64));
            batch.flushSoon();
        }
    }

    // MQTT 5, 3.1.2-29: CONNACK and DISCONNECT may tell all the same.
    private Packet told(Packet packet) {
        return peer.problemInformation() ? packet : packet.withoutReasonString();
    }

    /** Sends a PUBLISH that {@linkplain #fits fits}. */
    void send(EncodedPublish publish, int packetId, boolean dup) {
        if (batch.isClosed()) {
            return;
        }
        Iterator<ByteBuffer> slices = publish.slices();
        if (slices != null) {
            publish.writeHead(packetId, dup, batch.room(publish.headSize()));
            batch.writeCollected();
            LargePayload.write(context, slices, publish.size() - publish.headSize());
        } else if (aliases != null && publish.gainsByAlias() && publish.sizeWithAlias() <= peer.maxPacketSize()) {
            sendWithAlias(publish, packetId, dup, aliases.next(publish.topic()));
        } else if (publish.size() - publish.headSize() < WriteBatch.LARGE) {
            publish.writeTo(packetId, dup, batch.room(publish.size()));
        } else {
            publish.writeHead(packetId, dup, batch.room(publish.headSize()));
            batch.writeCollected();
            context.write(Unpooled.wrappedBuffer(publish.payload()));
        }
        batch.flushSoon();
    }

    private void sendWithAlias(EncodedPublish publish, int packetId, boolean dup, Alias alias) {
        boolean large = publish.size() - publish.headSize() >= WriteBatch.LARGE;
        int most = publish.sizeWithAlias() - (large ? publish.payload().remaining() : 0);
        ByteBuf out = batch.room(most);
        publish.writeHead(packetId, dup, alias.number(), alias.known(), out);
        if (large) {
            batch.writeCollected();
            context.write(Unpooled.wrappedBuffer(publish.payload()));
        } else {
            out.writeBytes(publish.payload());
        }
    }

    /** Runs {@link #flush} when the event loop has done what it is at. */
    void flushSoon() {
        batch.flushSoon();
    }

    void flush() {
        batch.flush();
    }

    /** Sends what is there and takes nothing more. */
    void close() {
        batch.close();
    }

    /** Ends the connection: what it is owed cannot be sent now, but when it comes again. */
    void giveUp() {
        context.channel().close();
    }
}
