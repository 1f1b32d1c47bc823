/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.MessageToByteEncoder;

/** Writes {@link Envelope}s. Safe from any channel. */
@Sharable
public final class FrameEncoder extends MessageToByteEncoder<Envelope> {
    public FrameEncoder() {
        super(Envelope.class);
    }

    @Override
    protected void encode(ChannelHandlerContext context, Envelope envelope, ByteBuf out) {
        FrameCodec.encode(envelope, out);
    }
}
