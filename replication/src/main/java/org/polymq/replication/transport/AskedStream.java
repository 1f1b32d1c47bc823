/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import java.nio.ByteBuffer;

/** What a gateway on another node wants, to be answered once. Confined to the event loop of its connection. */
public final class AskedStream {
    private final ChannelHandlerContext context;
    private final String group;
    private final byte[] wants;
    private boolean answered;

    AskedStream(ChannelHandlerContext context, String group, byte[] wants) {
        this.context = context;
        this.group = group;
        this.wants = wants;
    }

    /** The group that it is about. */
    public String group() {
        return group;
    }

    /** The rest of what it said; the asker and who answers agree on what it means. */
    public ByteBuffer wants() {
        return ByteBuffer.wrap(wants);
    }

    /** The connection. */
    public Channel channel() {
        return context.channel();
    }

    /**
     * Says yes. What the asker sends from then on goes to the handlers that {@code install} adds at the end of the
     * channel's pipeline.
     */
    public void take(Runnable install) {
        answer();
        context.writeAndFlush(StreamFrames.taken(context.alloc()));
        install.run();
        if (!context.isRemoved()) {
            context.pipeline().remove(context.handler()); // hands on what came behind
        }
    }

    /**
     * Says something else, and ends the connection.
     *
     * @param words up to {@value StreamFrames#MOST_BYTES} bytes
     */
    public void reply(byte[] words) {
        answer();
        ByteBuf frame = StreamFrames.reply(context.alloc(), words);
        context.writeAndFlush(frame).addListener(ChannelFutureListener.CLOSE);
    }

    private void answer() {
        if (answered) {
            throw new IllegalStateException("this stream was answered already");
        }
        answered = true;
    }
}
