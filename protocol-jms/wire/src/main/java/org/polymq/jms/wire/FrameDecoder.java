/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/** Cuts the bytes after the preamble into {@link Envelope}s. Belongs to one channel. */
public final class FrameDecoder extends ByteToMessageDecoder {
    private int limit;
    private boolean broken;

    /**
     * A decoder that takes frames of up to {@code limit} bytes.
     *
     * @param limit bytes after the length
     */
    public FrameDecoder(int limit) {
        this.limit = limit;
    }

    /** Sets what is accepted from the next frame on; on the channel's event loop. */
    public void limit(int bytes) {
        limit = bytes;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (broken) {
            in.skipBytes(in.readableBytes());
            return;
        }
        if (in.readableBytes() < 4) {
            return;
        }
        int length = in.getInt(in.readerIndex());
        if (length < Protocol.HEADER_LENGTH || length > limit) {
            broken = true;
            in.skipBytes(in.readableBytes());
            throw new ProtocolException("a frame of " + length + " bytes; the limit is " + limit);
        }
        if (in.readableBytes() < 4 + length) {
            return;
        }
        in.skipBytes(4);
        ByteBuf frame = in.readSlice(length);
        try {
            out.add(FrameCodec.decode(frame));
        } catch (ProtocolException e) {
            broken = true;
            throw e;
        }
    }
}
