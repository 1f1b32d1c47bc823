/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench.nullbroker;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.polymq.remoting.wire.FrameDecoder;
import org.polymq.remoting.wire.FrameLimits;
import org.polymq.remoting.wire.FrameWriter;
import org.polymq.remoting.wire.RemotingCommand;

/**
 * Name server and broker on one port that acknowledge every send and forget it. It shares our frame codec and Netty
 * with the real server, so the difference between the two is what storing costs.
 */
public final class NullBroker {
    private NullBroker() {}

    /** Serves until the process is ended; prints {@code READY namesrv=HOST:PORT}. */
    public static void main(String[] args) throws InterruptedException {
        var loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
        var channel = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(new Connections())
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
        int port = ((InetSocketAddress) channel.localAddress()).getPort();
        System.out.println("READY namesrv=127.0.0.1:" + port);
        channel.closeFuture().sync();
    }

    private static final class Connections extends ChannelInitializer<SocketChannel> {
        @Override
        protected void initChannel(SocketChannel channel) {
            Answers answers = new Answers("127.0.0.1:" + channel.localAddress().getPort());
            channel.pipeline().addLast(new FrameDecoder(FrameLimits.DEFAULT), new Requests(answers));
        }
    }

    /** Answers each request, and flushes once per batch that was read. Confined to its connection's event loop. */
    private static final class Requests extends ChannelInboundHandlerAdapter {
        private final Answers answers;

        Requests(Answers answers) {
            this.answers = answers;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            RemotingCommand request = (RemotingCommand) message;
            if (!request.isOneway() && !request.isResponse()) {
                ByteBuf out = context.alloc().buffer(256);
                FrameWriter.write(out, answers.to(request));
                context.write(out, context.voidPromise());
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            System.err.println("closing " + context.channel().remoteAddress() + ": " + cause);
            context.close();
        }
    }
}
