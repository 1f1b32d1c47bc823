/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.nameserver;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.polymq.remoting.wire.FrameDecoder;
import org.polymq.remoting.wire.FrameLimits;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A RocketMQ name server, inside a broker's process or alone. Whoever owns a listener gives it connections by
 * {@link #install}. It has one thread of its own, for the disk and for expiry. Safe from any thread.
 */
public final class NameServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(NameServer.class);

    /** Closes a connection that sent bytes the protocol does not allow, and counts and logs it. */
    @FunctionalInterface
    public interface BadFrames {
        void close(Channel channel, String reason);
    }

    private final ScheduledExecutorService housekeeping =
            Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("polymq-nameserver", true));
    private final NameServerConfig config;
    private final RouteTable routes;
    private final NameServerRequests requests;
    private final BadFrames badFrames;
    private final RequestGuard guard;

    private NameServer(NameServerConfig config, BadFrames badFrames, RequestGuard guard) throws IOException {
        this.guard = guard;
        this.config = config;
        this.badFrames = badFrames;
        this.routes = new RouteTable(config.brokerTimeout());
        this.requests = new NameServerRequests(routes, KvStore.open(config.kvFile()), NameServer::steadyMillis);
        long period = Math.max(50, Math.min(5000, config.brokerTimeout().toMillis() / 4));
        housekeeping.scheduleWithFixedDelay(this::expire, period, period, TimeUnit.MILLISECONDS);
    }

    /**
     * Reads the key-value file and starts to watch over brokers.
     *
     * @throws IOException when the key-value file cannot be read
     */
    public static NameServer open(NameServerConfig config, BadFrames badFrames, RequestGuard guard) throws IOException {
        return new NameServer(config, badFrames, guard);
    }

    /** Adds the handlers that serve a connection at the end of its pipeline. On the connection's event loop. */
    public void install(ChannelPipeline pipeline) {
        pipeline.addLast(
                new IdleStateHandler(0, 0, config.idleTimeout().toMillis(), TimeUnit.MILLISECONDS),
                new FrameDecoder(FrameLimits.DEFAULT),
                new NameServerConnection(requests, routes, housekeeping, badFrames, guard));
    }

    private void expire() {
        for (String address : routes.expire(steadyMillis())) {
            log.warn("broker {} is silent for too long: its routes are removed", address);
        }
    }

    private static long steadyMillis() {
        return System.nanoTime() / 1_000_000;
    }

    /** Stops the watch. Connections have to be closed before. */
    @Override
    public void close() {
        housekeeping.shutdown();
    }
}
