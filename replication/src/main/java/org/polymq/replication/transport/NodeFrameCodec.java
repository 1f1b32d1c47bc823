/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication.transport;

import com.google.protobuf.CodedOutputStream;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageCodec;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.TooLongFrameException;
import java.io.IOException;
import java.util.List;

/** Frames to bytes and back; see the package for their layout. One for each connection. */
final class NodeFrameCodec extends ByteToMessageCodec<NodeFrame> {
    private static final int LENGTH = 4;
    private static final int HEADER = 6;
    private static final int REQUEST = 1;
    private static final int RESPONSE = 2;

    private final int largest;

    /** @param largest frame that is read, bytes */
    NodeFrameCodec(int largest) {
        super(NodeFrame.class);
        this.largest = largest;
    }

    @Override
    protected void encode(ChannelHandlerContext context, NodeFrame frame, ByteBuf out) throws IOException {
        int size = frame.message().getSerializedSize();
        out.ensureWritable(LENGTH + HEADER + size);
        out.writeInt(HEADER + size);
        out.writeByte(frame.request() ? REQUEST : RESPONSE);
        out.writeInt(frame.number());
        out.writeByte(MessageTypes.number(frame.message()));
        CodedOutputStream body = CodedOutputStream.newInstance(out.nioBuffer(out.writerIndex(), size));
        frame.message().writeTo(body);
        body.flush();
        out.writerIndex(out.writerIndex() + size);
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) throws IOException {
        if (in.readableBytes() < LENGTH) {
            return;
        }
        int length = in.getInt(in.readerIndex());
        if (length < HEADER) {
            throw new CorruptedFrameException("a frame of " + length + " bytes is shorter than its header");
        }
        if (length > largest) {
            throw new TooLongFrameException("a frame of " + length + " bytes exceeds the limit of " + largest);
        }
        if (in.readableBytes() < LENGTH + length) {
            return;
        }
        in.skipBytes(LENGTH);
        int kind = in.readByte();
        if (kind != REQUEST && kind != RESPONSE) {
            throw new CorruptedFrameException("frames of kind " + kind + " are unknown");
        }
        int number = in.readInt();
        int type = in.readUnsignedByte();
        byte[] body = new byte[length - HEADER];
        in.readBytes(body);
        out.add(new NodeFrame(kind == REQUEST, number, MessageTypes.parse(type, body)));
    }
}
