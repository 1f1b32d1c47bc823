/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.FrameDecoder;
import org.polymq.remoting.wire.FrameLimits;
import org.polymq.remoting.wire.FrameWriter;
import org.polymq.remoting.wire.RemotingCommand;

/** A client that speaks frames, for what official clients never send. */
final class Frames implements AutoCloseable {
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
    private final Channel channel;
    private int opaque;

    /** An answer with its body copied. */
    record Answer(RemotingCommand head, ByteBuffer bytes) {
        String body() {
            return UTF_8.decode(bytes.duplicate()).toString();
        }

        int code() {
            return head.code();
        }

        String remark() {
            return String.valueOf(head.remark());
        }
    }

    Frames(int port) {
        channel = new Bootstrap()
                .group(loops)
                .channel(NioSocketChannel.class)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel fresh) {
                        fresh.pipeline()
                                .addLast(new FrameDecoder(FrameLimits.DEFAULT))
                                .addLast(new SimpleChannelInboundHandler<RemotingCommand>() {
                                    @Override
                                    protected void channelRead0(ChannelHandlerContext context, RemotingCommand answer) {
                                        answers.add(new Answer(answer, ByteBuffer.wrap(answer.body())));
                                    }
                                });
                    }
                })
                .connect("127.0.0.1", port)
                .syncUninterruptibly()
                .channel();
    }

    /** Sends a request and takes its answer; what the broker sends on its own meanwhile is passed over. */
    Answer ask(int code, ExtFields fields, byte[] body) throws InterruptedException {
        RemotingCommand request = RemotingCommand.request(code, ++opaque, fields, body);
        send(request);
        Answer answer = next();
        while (!answer.head().isResponse()) {
            answer = next();
        }
        if (answer.head().opaque() != request.opaque()) {
            throw new AssertionError("answer to another request: " + answer);
        }
        return answer;
    }

    Answer ask(int code, ExtFields fields) throws InterruptedException {
        return ask(code, fields, new byte[0]);
    }

    void send(RemotingCommand command) {
        ByteBuf out = Unpooled.buffer();
        FrameWriter.write(out, command);
        channel.writeAndFlush(out);
    }

    void sendBytes(byte[] bytes) {
        channel.writeAndFlush(Unpooled.wrappedBuffer(bytes));
    }

    Answer next() throws InterruptedException {
        Answer answer = answers.poll(20, TimeUnit.SECONDS);
        if (answer == null) {
            throw new AssertionError("no answer within 20 s");
        }
        return answer;
    }

    boolean isOpen() {
        return channel.isActive();
    }

    int unread() {
        return answers.size();
    }

    @Override
    public void close() {
        channel.close().awaitUninterruptibly();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
