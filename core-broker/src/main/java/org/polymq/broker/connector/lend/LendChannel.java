/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector.lend;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One end of a stream of {@link LendFrame}s: each has its length (4) before it. */
abstract class LendChannel extends ByteToMessageDecoder {
    private static final Logger LOG = LoggerFactory.getLogger(LendChannel.class);

    /** Of one frame: a message of any size that a broker takes fits. */
    private static final int MOST_BYTES = 512 << 20;

    /** What the other end said. On the channel's event loop. */
    abstract void heard(Channel from, LendFrame frame);

    /** The stream is over. On its event loop. */
    abstract void over();

    @Override
    protected final void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (in.readableBytes() < Integer.BYTES) {
            return;
        }
        int length = in.getInt(in.readerIndex());
        if (length < 1 || length > MOST_BYTES) {
            throw new DecoderException("a frame about a lent task of " + length + " bytes");
        }
        if (in.readableBytes() - Integer.BYTES < length) {
            return;
        }
        byte[] bytes = new byte[length];
        in.skipBytes(Integer.BYTES).readBytes(bytes);
        heard(context.channel(), LendFrame.read(bytes));
    }

    @Override
    public final void channelInactive(ChannelHandlerContext context) throws Exception {
        super.channelInactive(context);
        over();
    }

    @Override
    public final void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        LOG.warn("a stream that lends tasks of connectors ends: {}", cause.toString());
        context.close();
    }

    /** Says something; nothing happens if the stream is over. Any thread. */
    static void say(Channel to, LendFrame frame) {
        byte[] bytes = frame.toBytes();
        ByteBuf out = to.alloc().buffer(Integer.BYTES + bytes.length);
        to.writeAndFlush(out.writeInt(bytes.length).writeBytes(bytes))
                .addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }
}
