/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two ends on one event loop, and on two. */
class PairedChannelTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final Transport transport = Transport.open(2);
    private final EventLoop first = transport.workers().next();
    private final EventLoop second = transport.workers().next();

    @AfterEach
    void close() {
        transport.close();
    }

    /** Counts what it reads. */
    private static final class Sink extends ChannelInboundHandlerAdapter {
        private final CRC32 crc = new CRC32();
        private final AtomicLong bytes = new AtomicLong();

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf read = (ByteBuf) message;
            crc.update(read.nioBuffer());
            bytes.addAndGet(read.readableBytes());
            read.release();
        }
    }

    private PairedChannel.Pair pair(boolean oneLoop, Sink sink) {
        PairedChannel.Pair pair = PairedChannel.make();
        pair.far().pipeline().addLast(sink);
        first.register(pair.near()).syncUninterruptibly();
        (oneLoop ? first : second).register(pair.far()).syncUninterruptibly();
        return pair;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void bringsAllBytesInOrderAndThenTheEnd(boolean oneLoop) {
        Sink sink = new Sink();
        PairedChannel.Pair pair = pair(oneLoop, sink);
        CRC32 expected = new CRC32();
        Random random = new Random(3);
        long sent = 0;
        for (int i = 0; i < 2_000; i++) {
            byte[] bytes = new byte[random.nextInt(5_000)];
            random.nextBytes(bytes);
            expected.update(bytes);
            sent += bytes.length;
            pair.near().writeAndFlush(Unpooled.wrappedBuffer(bytes));
        }
        pair.near().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);

        await().atMost(LONG).until(() -> !pair.far().isOpen());
        assertThat(sink.bytes).hasValue(sent);
        assertThat(sink.crc.getValue()).isEqualTo(expected.getValue());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aReaderThatPausesHoldsTheWriterUp(boolean oneLoop) {
        Sink sink = new Sink();
        PairedChannel.Pair pair = pair(oneLoop, sink);
        pair.far().config().setAutoRead(false);
        for (int i = 0; i < 100; i++) {
            pair.near().writeAndFlush(Unpooled.wrappedBuffer(new byte[10_000]));
        }
        await().atMost(LONG).until(() -> !pair.near().isWritable());

        pair.far().config().setAutoRead(true);
        await().atMost(LONG)
                .until(() -> sink.bytes.get() == 1_000_000 && pair.near().isWritable());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatTheReaderWillNotReadFailsWhenItCloses(boolean oneLoop) {
        PairedChannel.Pair pair = pair(oneLoop, new Sink());
        pair.far().config().setAutoRead(false);
        var last = pair.near().writeAndFlush(Unpooled.wrappedBuffer(new byte[1_000_000]));
        await().atMost(LONG).until(() -> !pair.near().isWritable());

        pair.far().close();

        assertThat(last.awaitUninterruptibly(LONG.toMillis())).isTrue();
        assertThat(last.isSuccess()).isFalse();
        await().atMost(LONG).until(() -> !pair.near().isOpen());
    }
}
