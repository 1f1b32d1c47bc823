/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;
import org.polymq.mqtt.WriteBatch;
import org.polymq.mqtt.wire.MqttVersion;
import org.polymq.mqtt.wire.Packet;
import org.polymq.mqtt.wire.PacketEncoder;

/**
 * What a client is sent: packets of the groups as they are, and the gateway's own. While a large message passes in
 * pieces, others wait for its end. Confined to the client's event loop.
 */
final class ClientOutput {
    private static final int MAX_WAITING = 64 * 1024;

    private final WriteBatch batch;
    private final MqttVersion version;
    private final int maxPacketSize;
    private final boolean problemInformation;
    private @Nullable ByteBuf waiting;
    private boolean passing;

    /**
     * An empty output.
     *
     * @param maxPacketSize bytes of the largest packet that the client takes
     * @param problemInformation whether it wants reason strings
     */
    ClientOutput(ChannelHandlerContext context, MqttVersion version, int maxPacketSize, boolean problemInformation) {
        this.batch = new WriteBatch(context, () -> {});
        this.version = version;
        this.maxPacketSize = maxPacketSize;
        this.problemInformation = problemInformation;
    }

    MqttVersion version() {
        return version;
    }

    /** Whether the client wants reason strings. */
    boolean wantsReasons() {
        return problemInformation;
    }

    int maxPacketSize() {
        return maxPacketSize;
    }

    boolean isWritable() {
        return batch.isWritable();
    }

    /** Whether so much waits for a large message that the client has to be read from no more. */
    boolean isFull() {
        return waiting != null && waiting.readableBytes() >= MAX_WAITING;
    }

    /** Sends a packet of the gateway's own; false if it is larger than the client allows. */
    boolean send(Packet packet) {
        if (batch.isClosed()) {
            return true;
        }
        Packet told = problemInformation ? packet : packet.withoutReasonString();
        boolean sent = PacketEncoder.encode(told, version, maxPacketSize, passing ? waiting() : batch.room(64));
        batch.flushSoon();
        return sent;
    }

    /** Sends bytes of whole packets as they are. The buffer's indices do not move. */
    void pass(ByteBuf packets) {
        if (passing) {
            waiting().writeBytes(packets, packets.readerIndex(), packets.readableBytes());
        } else {
            batch.add(packets);
        }
    }

    /** Where to put a packet of this size at most, which is sent with the next flush. */
    ByteBuf room(int size) {
        batch.flushSoon();
        return passing ? waiting() : batch.room(size);
    }

    /** From now on {@link #passPart} is called until {@code last}; everything else waits. */
    void beginLarge() {
        passing = true;
    }

    void passPart(ByteBuf part, boolean last) {
        batch.add(part);
        if (last) {
            passing = false;
            ByteBuf then = waiting;
            if (then != null) {
                waiting = null;
                batch.add(then);
                then.release();
            }
        }
    }

    boolean isPassing() {
        return passing;
    }

    private ByteBuf waiting() {
        ByteBuf there = waiting;
        if (there == null) {
            there = Unpooled.buffer(256);
            waiting = there;
        }
        return there;
    }

    void flush() {
        batch.flush();
    }

    /** Sends what is there and takes nothing more. */
    void close() {
        batch.close();
        ByteBuf never = waiting;
        waiting = null;
        if (never != null) {
            never.release();
        }
    }
}
