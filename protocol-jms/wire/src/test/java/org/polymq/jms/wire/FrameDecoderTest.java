/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;
import org.polymq.jms.wire.Frame.Ok;
import org.polymq.jms.wire.Frame.Ping;

class FrameDecoderTest {

    @Test
    void cutsFramesOutOfBytesHoweverTheyArrive() {
        EmbeddedChannel channel = new EmbeddedChannel(new FrameDecoder(100));
        ByteBuf bytes = Unpooled.buffer();
        FrameCodec.encode(new Envelope(1, new Ping()), bytes);
        FrameCodec.encode(new Envelope(2, new Ok()), bytes);

        while (bytes.isReadable()) {
            channel.writeInbound(bytes.readBytes(1));
        }

        assertThat(channel.<Envelope>readInbound()).isEqualTo(new Envelope(1, new Ping()));
        assertThat(channel.<Envelope>readInbound()).isEqualTo(new Envelope(2, new Ok()));
        assertThat(channel.finish()).isFalse();
    }

    @Test
    void refusesAFrameOverItsLimitBeforeItsBytesArrive() {
        EmbeddedChannel channel = new EmbeddedChannel(new FrameDecoder(100));

        assertThatThrownBy(() -> channel.writeInbound(Unpooled.buffer().writeInt(101)))
                .isInstanceOf(ProtocolException.class)
                .hasMessage("a frame of 101 bytes; the limit is 100");
    }

    @Test
    void readsNothingAfterABrokenFrame() {
        EmbeddedChannel channel = new EmbeddedChannel(new FrameDecoder(100));
        ByteBuf bytes = Unpooled.buffer().writeInt(5).writeByte(99).writeInt(1);
        FrameCodec.encode(new Envelope(1, new Ping()), bytes);

        assertThatThrownBy(() -> channel.writeInbound(bytes)).isInstanceOf(ProtocolException.class);

        assertThat(channel.<Envelope>readInbound()).isNull();
    }
}
