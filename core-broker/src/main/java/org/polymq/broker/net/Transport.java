/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.net;

import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import jdk.net.ExtendedSocketOptions;

/** The event loops that all listeners of a process share: epoll where its native library is present, NIO elsewhere. */
public final class Transport implements AutoCloseable {
    private static final int KEEP_ALIVE_AFTER = 60; // s
    private static final int KEEP_ALIVE_EVERY = 15; // s
    private static final int KEEP_ALIVE_TRIES = 4;

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

    /**
     * When the operating system asks a silent peer for a sign of life, and how often: one that is gone without a word
     * is noticed within two minutes, whatever its protocol.
     */
    Map<ChannelOption<Integer>, Integer> keepAlive() {
        if (kind.equals("epoll")) {
            return Map.of(
                    EpollChannelOption.TCP_KEEPIDLE,
                    KEEP_ALIVE_AFTER,
                    EpollChannelOption.TCP_KEEPINTVL,
                    KEEP_ALIVE_EVERY,
                    EpollChannelOption.TCP_KEEPCNT,
                    KEEP_ALIVE_TRIES);
        }
        if (!isKeepAliveSupported()) {
            return Map.of();
        }
        return Map.of(
                NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE), KEEP_ALIVE_AFTER,
                NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL), KEEP_ALIVE_EVERY,
                NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT), KEEP_ALIVE_TRIES);
    }

    private static boolean isKeepAliveSupported() {
        try (SocketChannel probe = SocketChannel.open()) {
            return probe.supportedOptions().contains(ExtendedSocketOptions.TCP_KEEPIDLE);
        } catch (IOException e) {
            return false; // then the operating system's own times hold
        }
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
