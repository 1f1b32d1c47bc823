/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.net;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The event loops that all listeners of a process share: epoll where its native library is present, NIO elsewhere. */
public final class Transport implements AutoCloseable {
    private final String kind;
    private final Class<? extends ServerChannel> serverChannel;
    private final EventLoopGroup acceptor;
    private final EventLoopGroup workers;

    private Transport(
            String kind, Class<? extends ServerChannel> serverChannel, IoHandlerFactory io, int workerThreads) {
        this.kind = kind;
        this.serverChannel = serverChannel;
        this.acceptor = new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("polymq-accept"), io);
        this.workers = new MultiThreadIoEventLoopGroup(workerThreads, new DefaultThreadFactory("polymq-io"), io);
    }

    /** One acceptor and a worker for each processor. */
    public static Transport open() {
        return open(Runtime.getRuntime().availableProcessors());
    }

    /** One acceptor and {@code workers} event loops; at least 1. */
    public static Transport open(int workers) {
        return Epoll.isAvailable()
                ? new Transport("epoll", EpollServerSocketChannel.class, EpollIoHandler.newFactory(), workers)
                : new Transport("nio", NioServerSocketChannel.class, NioIoHandler.newFactory(), workers);
    }

    /** {@code epoll} or {@code nio}. */
    public String kind() {
        return kind;
    }

    /** The event loops that connections are spread over. Also the place for short timers. */
    public EventLoopGroup workers() {
        return workers;
    }

    EventLoopGroup acceptor() {
        return acceptor;
    }

    Class<? extends ServerChannel> serverChannel() {
        return serverChannel;
    }

    /** Ends the event loops; waits at most 5 s. Listeners have to be closed before. Not from an event loop. */
    @Override
    public void close() {
        acceptor.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        workers.shutdownGracefully(0, 2, TimeUnit.SECONDS);
        long limit = Duration.ofSeconds(5).toMillis();
        acceptor.terminationFuture().awaitUninterruptibly(limit);
        workers.terminationFuture().awaitUninterruptibly(limit);
    }
}
