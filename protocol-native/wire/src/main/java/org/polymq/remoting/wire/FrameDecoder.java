/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a connection's bytes into {@link RemotingCommand}s.
 *
 * <p>Bytes that are no frame raise one {@link MalformedFrameException} through the pipeline and close the connection;
 * what follows them is dropped. A frame's length is checked before anything is kept for it.
 */
public final class FrameDecoder extends ByteToMessageDecoder {
    private final FrameLimits limits;
    private final HeaderReader headers;
    private byte[] scratch = new byte[1024];
    private boolean broken;

    public FrameDecoder(FrameLimits limits) {
        this.limits = limits;
        this.headers = new HeaderReader(limits.fields());
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (broken) {
            in.skipBytes(in.readableBytes());
            return;
        }
        try {
            RemotingCommand command = read(in);
            if (command != null) {
                context.fireChannelRead(command); // at once: its body is a view of this buffer
            }
        } catch (MalformedFrameException e) {
            broken = true;
            in.skipBytes(in.readableBytes());
            context.fireExceptionCaught(e);
            var unused = context.close();
        }
    }

    /**
     * The next frame, or null while it is incomplete. Its body is a view of {@code in}.
     *
     * @throws MalformedFrameException if there is none
     */
    public @Nullable RemotingCommand read(ByteBuf in) {
        if (in.readableBytes() < 4) {
            return null;
        }
        int length = in.getInt(in.readerIndex());
        if (length < 4 || length > limits.frameBytes()) {
            throw new MalformedFrameException(
                    "frame length " + length + " is not between 4 and " + limits.frameBytes());
        }
        if (in.readableBytes() < 8) {
            return null;
        }
        int mark = in.getInt(in.readerIndex() + 4);
        int headerLength = mark & 0xFFFFFF;
        HeaderFormat format = format(mark >>> 24);
        if (headerLength > length - 4 || headerLength > limits.headerBytes()) {
            throw new MalformedFrameException("header length " + headerLength + " exceeds the frame of " + length
                    + " bytes or the limit of " + limits.headerBytes());
        }
        if (in.readableBytes() - 4 < length) {
            return null;
        }
        in.skipBytes(8);
        if (scratch.length < headerLength) {
            scratch = new byte[Math.max(headerLength, 2 * scratch.length)];
        }
        in.readBytes(scratch, 0, headerLength);
        ByteBuf body = in.readSlice(length - 4 - headerLength);
        return format == HeaderFormat.JSON
                ? headers.json(scratch, headerLength, body)
                : headers.binary(scratch, headerLength, body);
    }

    private static HeaderFormat format(int type) {
        if (type == 0) {
            return HeaderFormat.JSON;
        }
        if (type == 1) {
            return HeaderFormat.BINARY;
        }
        throw new MalformedFrameException("header format " + type + " is neither 0 (JSON) nor 1 (binary)");
    }
}
