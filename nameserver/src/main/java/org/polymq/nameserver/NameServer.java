/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.nameserver;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.polymq.remoting.wire.FrameDecoder;
import org.polymq.remoting.wire.FrameLimits;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A RocketMQ name server: it accepts from the moment it is opened until it is closed. Works inside a broker's process
 * or alone. It has two threads of its own: one for the network, one for the disk and for expiry.
 */
public final class NameServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(NameServer.class);

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("polymq-nameserver", true), NioIoHandler.newFactory());
    private final ScheduledExecutorService housekeeping = Executors.newSingleThreadScheduledExecutor(
            new DefaultThreadFactory("polymq-nameserver-housekeeping", true));
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final RouteTable routes;
    private final Channel listener;

    private NameServer(NameServerConfig config) throws IOException {
        this.routes = new RouteTable(config.brokerTimeout());
        NameServerRequests requests =
                new NameServerRequests(routes, KvStore.open(config.kvFile()), NameServer::steadyMillis);
        this.listener = listen(config, requests);
        long period = Math.max(50, Math.min(5000, config.brokerTimeout().toMillis() / 4));
        var unused = housekeeping.scheduleWithFixedDelay(this::expire, period, period, TimeUnit.MILLISECONDS);
    }

    /**
     * Opens the listener.
     *
     * @throws IOException when the address is in use or the key-value file cannot be read
     */
    public static NameServer open(NameServerConfig config) throws IOException {
        return new NameServer(config);
    }

    private Channel listen(NameServerConfig config, NameServerRequests requests) throws IOException {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        connections.add(channel);
                        channel.pipeline()
                                .addLast(new IdleStateHandler(
                                        0, 0, config.idleTimeout().toMillis(), TimeUnit.MILLISECONDS))
                                .addLast(new FrameDecoder(FrameLimits.DEFAULT))
                                .addLast(new NameServerConnection(requests, routes, housekeeping));
                    }
                });
        var bound = bootstrap.bind(config.bind(), config.port()).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            stopThreads();
            throw new IOException(
                    "the name server cannot listen on " + config.bind() + ":" + config.port() + ": "
                            + bound.cause().getMessage(),
                    bound.cause());
        }
        return bound.channel();
    }

    /** The port in use. */
    public int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    private void expire() {
        for (String address : routes.expire(steadyMillis())) {
            log.warn("broker {} is silent for too long: its routes are removed", address);
        }
    }

    private static long steadyMillis() {
        return System.nanoTime() / 1_000_000;
    }

    /** Stops listening and closes all connections. */
    @Override
    public void close() {
        listener.close().awaitUninterruptibly();
        connections.close().awaitUninterruptibly();
        stopThreads();
    }

    private void stopThreads() {
        housekeeping.shutdown();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
