/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.timeout.IdleStateHandler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.polymq.broker.net.Protocol;
import org.polymq.remoting.wire.FrameDecoder;
import org.polymq.remoting.wire.FrameLimits;

/** RocketMQ's remoting protocol on a listener: a connection begins with a frame's length, below 16 MiB. */
final class NativeProtocol implements Protocol {
    static final String NAME = "native";
    /** A message of 4 MB, its header, and what came behind it in the same read. */
    private static final int LARGEST_SEND = 5 << 20;

    private final NativeConnection.Shared shared;
    private final FrameLimits limits;
    private final Duration idleTimeout;
    private final int below;

    /** {@code below}: by how much the listener's port is less than the one that is advertised. */
    NativeProtocol(NativeConnection.Shared shared, FrameLimits limits, Duration idleTimeout, int below) {
        this.below = below;
        this.shared = shared;
        this.limits = limits;
        this.idleTimeout = idleTimeout;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int prefixLength() {
        return 4;
    }

    @Override
    public boolean accepts(ByteBuf firstBytes) {
        int length = firstBytes.getInt(firstBytes.readerIndex());
        return length >= 4 && length <= limits.frameBytes();
    }

    /** The first request that its sender proves, or the first one while nobody has to prove anything. */
    @Override
    public boolean handshakes() {
        return true;
    }

    /** A client may begin with a message. */
    @Override
    public int loginBytes(int usual) {
        return Math.max(usual, LARGEST_SEND);
    }

    @Override
    public void install(ChannelPipeline pipeline) {
        pipeline.addLast(
                new IdleStateHandler(0, 0, idleTimeout.toMillis(), TimeUnit.MILLISECONDS),
                new FrameDecoder(limits),
                new NativeConnection(pipeline.channel(), shared, below));
    }

    @Override
    public boolean release(Channel channel, Consumer<ChannelPipeline> heir) {
        ChannelPipeline pipeline = channel.pipeline();
        NativeConnection connection = pipeline.get(NativeConnection.class);
        if (connection == null || !connection.letGo()) {
            return false;
        }
        pipeline.remove(connection);
        pipeline.remove(IdleStateHandler.class);
        heir.accept(pipeline);
        pipeline.remove(FrameDecoder.class); // hands on what it has of the next frame
        return true;
    }
}
