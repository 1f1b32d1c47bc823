/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import org.polymq.jms.wire.Envelope;
import org.polymq.jms.wire.Frame.Failed;
import org.polymq.jms.wire.Protocol;
import org.polymq.jms.wire.WireError;

/** Reads the magic and the version before the first frame, and leaves the pipeline. Belongs to one channel. */
public final class Preamble extends ByteToMessageDecoder {

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (in.readableBytes() < Protocol.PREAMBLE_LENGTH) {
            return;
        }
        in.skipBytes(Protocol.PREAMBLE_LENGTH - 1);
        int version = in.readByte();
        if (version == Protocol.VERSION) {
            context.pipeline().remove(this); // hands what follows to the frame decoder
            return;
        }
        in.skipBytes(in.readableBytes());
        // The first request of a client has the correlation 1.
        Failed refusal = new Failed(
                WireError.UNSUPPORTED_VERSION,
                "this broker speaks version " + Protocol.VERSION + " of the JMS protocol, not " + version);
        context.channel().writeAndFlush(new Envelope(1, refusal)).addListener(ChannelFutureListener.CLOSE);
    }
}
