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
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
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
    private final Class<? extends SocketChannel> clientChannel;
    private final IoHandlerFactory io;
    private final EventLoopGroup acceptor;
    private final EventLoopGroup workers;

    private Transport(
            String kind,
            Class<? extends ServerChannel> serverChannel,
            Class<? extends SocketChannel> clientChannel,
            IoHandlerFactory io,
            int workerThreads) {
        this.kind = kind;
        this.serverChannel = serverChannel;
        this.clientChannel = clientChannel;
        this.io = io;
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
                ? new Transport(
                        "epoll",
                        EpollServerSocketChannel.class,
                        EpollSocketChannel.class,
                        EpollIoHandler.newFactory(),
                        workers)
                : new Transport(
                        "nio",
                        NioServerSocketChannel.class,
                        NioSocketChannel.class,
                        NioIoHandler.newFactory(),
                        workers);
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
        return keepAlive(KEEP_ALIVE_AFTER, KEEP_ALIVE_EVERY);
    }

    /**
     * The options of a connection that is asked for a sign of life, and lost after {@value #KEEP_ALIVE_TRIES} without
     * an answer; none where Java cannot set them.
     *
     * @param after seconds of silence
     * @param every seconds between two tries
     */
    public Map<ChannelOption<Integer>, Integer> keepAlive(int after, int every) {
        if (kind.equals("epoll")) {
            return Map.of(
                    EpollChannelOption.TCP_KEEPIDLE,
                    after,
                    EpollChannelOption.TCP_KEEPINTVL,
                    every,
                    EpollChannelOption.TCP_KEEPCNT,
                    KEEP_ALIVE_TRIES);
        }
        if (!isKeepAliveSupported()) {
            return Map.of();
        }
        return Map.of(
                NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE), after,
                NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL), every,
                NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT), KEEP_ALIVE_TRIES);
    }

    private static boolean isKeepAliveSupported() {
        try (java.nio.channels.SocketChannel probe = java.nio.channels.SocketChannel.open()) {
            return probe.supportedOptions().contains(ExtendedSocketOptions.TCP_KEEPIDLE);
        } catch (IOException e) {
            return false; // then the operating system's own times hold
        }
    }

    EventLoopGroup acceptor() {
        return acceptor;
    }

    /** Of connections that others open. */
    public Class<? extends ServerChannel> serverChannel() {
        return serverChannel;
    }

    /** Of connections that this process opens. */
    public Class<? extends SocketChannel> clientChannel() {
        return clientChannel;
    }

    /** One more event loop of the same kind, which its caller ends: its connections can move to the workers. */
    public EventLoopGroup loop(String threadName) {
        return new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory(threadName, true), io);
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
