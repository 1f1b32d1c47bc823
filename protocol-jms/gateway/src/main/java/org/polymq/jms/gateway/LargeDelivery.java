/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.stream.ChunkedInput;
import io.netty.handler.stream.ChunkedWriteHandler;
import java.nio.ByteBuffer;
import org.polymq.broker.message.BodyReader;
import org.polymq.jms.wire.Envelope;
import org.polymq.jms.wire.Frame.BodyPart;
import org.polymq.jms.wire.Frame.Deliver;
import org.polymq.jms.wire.FrameEncoder;

/** A delivery whose body is read as the connection takes it. What is written later waits behind it. */
final class LargeDelivery implements ChunkedInput<Envelope> {
    private static final String WRITER = "large-deliveries";

    private final Deliver deliver;
    private final BodyReader body;
    private long read;
    private boolean ended;

    private LargeDelivery(Deliver deliver, BodyReader body) {
        this.deliver = deliver;
        this.body = body;
    }

    /** Writes it; the connection ends if it cannot be read to its end. */
    static void write(Channel channel, Deliver deliver, BodyReader body) {
        if (channel.pipeline().get(WRITER) == null) {
            String encoder = channel.pipeline().context(FrameEncoder.class).name();
            channel.pipeline().addAfter(encoder, WRITER, new ChunkedWriteHandler());
        }
        channel.write(new LargeDelivery(deliver, body)).addListener(written -> {
            if (!written.isSuccess()) {
                channel.close();
            }
        });
    }

    @Override
    public boolean isEndOfInput() {
        return ended;
    }

    @Override
    public void close() {
        // The reader holds nothing.
    }

    @Override
    @Deprecated
    @SuppressWarnings("InlineMeSuggester") // Netty's interface still asks for it.
    public Envelope readChunk(ChannelHandlerContext context) {
        return readChunk(context.alloc());
    }

    @Override
    public Envelope readChunk(ByteBufAllocator allocator) {
        if (!body.hasNext()) {
            ended = true;
            return new Envelope(0, deliver);
        }
        ByteBuffer slice = body.next();
        byte[] bytes = new byte[slice.remaining()];
        slice.get(bytes);
        read += bytes.length;
        return new Envelope(0, new BodyPart(deliver.consumerId(), deliver.tag(), bytes));
    }

    @Override
    public long length() {
        return -1; // counted in frames, not in bytes
    }

    @Override
    public long progress() {
        return read;
    }
}
