/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.net;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.DecoderException;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.net.NetMetrics.Refusal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A port that accepts connections and gives each to the protocol its first bytes name. Made by {@link Listeners}. */
public final class Listener {
    private static final Logger log = LoggerFactory.getLogger(Listener.class);
    private static final long LOG_PAUSE_NANOS = Duration.ofSeconds(1).toNanos();
    private static final AttributeKey<Protocol> PROTOCOL = AttributeKey.valueOf(Listener.class, "protocol");

    private final String name;
    private final Encryption encryption;
    private final TrustedProxies proxies;
    private final Admission admission;
    private final NetMetrics metrics;
    private final BadInput badInput;
    private final Counter accepted;
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    private final Channel server;
    private final AtomicLong nextLog = new AtomicLong(System.nanoTime());
    private volatile Spoken spoken;
    private volatile boolean closing;
    private volatile boolean paused;

    /** What new connections may speak. */
    private record Spoken(List<Protocol> protocols, Encryption encryption) {
        private Spoken {
            protocols = List.copyOf(protocols);
        }
    }

    Listener(
            String name,
            InetSocketAddress address,
            List<Protocol> protocols,
            Encryption encryption,
            TrustedProxies proxies,
            Transport transport,
            Admission admission,
            NetMetrics metrics)
            throws BindException {
        this.name = name;
        this.spoken = new Spoken(protocols, encryption);
        this.encryption = encryption;
        this.proxies = proxies;
        this.admission = admission;
        this.metrics = metrics;
        this.badInput = new BadInput(metrics.registry());
        this.accepted = metrics.accepted(name);
        this.server = bind(address, transport);
        Gauge.builder("polymq.connections", connections, ChannelGroup::size)
                .description("Open connections")
                .tag("listener", name)
                .register(metrics.registry());
    }

    private Channel bind(InetSocketAddress address, Transport transport) throws BindException {
        ServerBootstrap bootstrap = new ServerBootstrap();
        transport.keepAlive().forEach(bootstrap::childOption);
        ChannelFuture bound = bootstrap
                .group(transport.acceptor(), transport.workers())
                .channel(transport.serverChannel())
                .option(ChannelOption.SO_BACKLOG, 1024)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true) // when and how often: Transport
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        admit(channel);
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            BindException failure = new BindException("cannot listen on " + address.getHostString() + ":"
                    + address.getPort() + " for " + name + ": "
                    + bound.cause().getMessage());
            failure.initCause(bound.cause());
            throw failure;
        }
        return bound.channel();
    }

    private void admit(Channel channel) {
        if (!(channel.remoteAddress() instanceof InetSocketAddress remote) || closing) {
            channel.close(); // gone before it was looked at, or too late
            return;
        }
        Optional<Refusal> refusal = admission.enter();
        if (refusal.isPresent()) {
            refuse(channel, refusal.get());
            return;
        }
        channel.closeFuture().addListener(closed -> admission.leave());
        boolean proxied = proxies.trusts(remote);
        if (!proxied && !admitFrom(channel, remote.getAddress())) {
            return;
        }
        accepted.increment();
        connections.add(channel);
        if (paused) {
            channel.config().setAutoRead(false);
        }
        Handshake.expect(channel, admission.limits().login().firstBytes(), () -> refuse(channel, Refusal.SILENT));
        channel.pipeline().addLast(proxied ? "proxy" : "detect", proxied ? new ProxyHeader(new Proxied()) : detector());
    }

    private Detector detector() {
        Spoken now = spoken;
        return new Detector(now.protocols(), now.encryption(), new Detected());
    }

    private boolean admitFrom(Channel channel, InetAddress address) {
        Optional<Refusal> refusal = admission.enter(address);
        if (refusal.isPresent()) {
            refuse(channel, refusal.get());
            return false;
        }
        channel.closeFuture().addListener(closed -> admission.leave(address));
        return true;
    }

    /** What a connection of a trusted proxy says at first. */
    private final class Proxied implements ProxyHeader.Outcome {
        @Override
        public void client(ChannelHandlerContext context, @Nullable InetSocketAddress client) {
            Channel channel = context.channel();
            if (client != null) {
                ClientAddress.say(channel, client);
                if (!admitFrom(channel, client.getAddress())) {
                    return;
                }
            }
            context.pipeline().addAfter(context.name(), "detect", detector());
        }

        @Override
        public void bad(ChannelHandlerContext context, String reason) {
            badInput.report(context.channel(), name, reason); // Netty's decoder has closed it, or is about to
            context.close();
        }
    }

    private void refuse(Channel channel, Refusal refusal) {
        metrics.refused(name, refusal);
        if (mayLog()) {
            log.info("{}: closed the connection from {}: {}", name, ClientAddress.of(channel), describe(refusal));
        }
        channel.close();
    }

    /** Each refusal is counted; of a flood of them one a second is logged. */
    private boolean mayLog() {
        long now = System.nanoTime();
        long next = nextLog.get();
        return now - next >= 0 && nextLog.compareAndSet(next, now + LOG_PAUSE_NANOS);
    }

    private String describe(Refusal refusal) {
        Limits limits = admission.limits();
        return switch (refusal) {
            case TOO_MANY -> "the limit of " + limits.connections() + " connections is reached";
            case TOO_MANY_IN_CLUSTER ->
                "the limit of " + limits.clusterConnections() + " connections of the cluster is reached";
            case TOO_MANY_FROM_ADDRESS ->
                "the limit of " + limits.connectionsPerAddress() + " connections from one address is reached";
            case TOO_FAST -> "more than " + limits.connectionRate() + " new connections in a second";
            case SILENT ->
                "no protocol to be seen within " + limits.login().firstBytes().toMillis() + " ms";
            case PLAINTEXT -> "it is not encrypted, and this listener takes TLS only";
            case NO_HANDSHAKE ->
                "no handshake within " + limits.login().handshake().toMillis() + " ms";
            case LOGIN_TOO_LARGE -> "it sent too many bytes before it had logged in";
            case LOGINS_TOO_LARGE ->
                "connections that have not logged in yet hold " + limits.login().memory() + " bytes already";
        };
    }

    private final class Detected implements Detector.Outcome {
        @Override
        public void found(ChannelHandlerContext context, Protocol protocol) {
            Channel channel = context.channel();
            Handshake.complete(channel);
            if (!spoken.protocols().contains(protocol)) {
                channel.close(); // it was asked for before they changed
                return;
            }
            if (protocol.handshakes()) {
                Limits.Login login = admission.limits().login();
                Handshake.expect(channel, login.handshake(), () -> refuse(channel, Refusal.NO_HANDSHAKE));
                context.pipeline()
                        .addAfter(
                                context.name(),
                                "login-bytes",
                                new LoginBytes(
                                        protocol.loginBytes(login.bytes()),
                                        admission.loginMemory(),
                                        alone -> refuse(
                                                channel, alone ? Refusal.LOGIN_TOO_LARGE : Refusal.LOGINS_TOO_LARGE)));
            }
            channel.attr(PROTOCOL).set(protocol);
            protocol.install(context.pipeline());
        }

        @Override
        public void failed(ChannelHandlerContext context, Throwable cause) {
            if (cause instanceof DecoderException) {
                badInput.close(context.channel(), name, "no TLS handshake: " + cause.getMessage());
            } else {
                log.debug(
                        "{}: a connection from {} broke",
                        name,
                        context.channel().remoteAddress(),
                        cause);
                context.close();
            }
        }

        @Override
        public void plaintext(ChannelHandlerContext context) {
            refuse(context.channel(), Refusal.PLAINTEXT);
        }

        @Override
        public void unknown(ChannelHandlerContext context, ByteBuf firstBytes) {
            badInput.close(context.channel(), name, "not a protocol of this port", firstBytes);
        }
    }

    public String name() {
        return name;
    }

    /** The address in use: its port is the free one that was picked where 0 was asked for. */
    public InetSocketAddress address() {
        return (InetSocketAddress) server.localAddress();
    }

    public int port() {
        return address().getPort();
    }

    /** How many connections are open. */
    public int connections() {
        return connections.size();
    }

    /**
     * Reads nothing more from any connection until {@link #resume} or {@link #serve}; what was read goes on to be
     * served. Returns when no connection is being read. Not from an event loop.
     */
    public void pause() {
        paused = true;
        List<Future<?>> done = new ArrayList<>();
        for (Channel channel : connections) {
            done.add(channel.eventLoop().submit(() -> channel.config().setAutoRead(false)));
        }
        done.forEach(Future::awaitUninterruptibly);
    }

    /** Reads again after {@link #pause}. */
    public void resume() {
        paused = false;
        for (Channel channel : connections) {
            channel.eventLoop().execute(() -> channel.config().setAutoRead(true));
        }
    }

    /** Accepts no more connections; those there are go on. Not from an event loop. */
    public void stopAccepting() {
        closing = true;
        server.close().awaitUninterruptibly();
    }

    /**
     * From now on new connections speak these protocols. Those that speak another one are asked to
     * {@linkplain Protocol#stop stop}, and closed after {@code grace}; but after {@link #pause} a protocol that
     * {@linkplain Protocol#goesOnWith goes on with} theirs takes over what it can. Without that, what is still on its
     * way on a connection may be something that its client has given up, and must not be served late. Not from an event
     * loop.
     *
     * @param passOn whether connections go on to another server: it has the certificate then, and not this listener
     */
    public void serve(List<Protocol> protocols, boolean passOn, Duration grace) {
        spoken = new Spoken(protocols, passOn ? encryption.passingOn() : encryption);
        boolean orderly = paused;
        paused = false;
        Map<Channel, Future<Boolean>> others = new LinkedHashMap<>();
        for (Channel channel : connections) {
            Protocol protocol = channel.attr(PROTOCOL).get();
            if (protocol == null || !protocols.contains(protocol)) {
                others.put(channel, channel.eventLoop().submit(() -> orderly && goesOn(channel)));
            }
        }
        long end = System.nanoTime() + grace.toNanos();
        others.values().forEach(Future::awaitUninterruptibly);
        others.values().removeIf(goesOn -> goesOn.isSuccess() && goesOn.getNow());
        others.keySet().forEach(channel -> channel.eventLoop().execute(() -> stop(channel)));
        for (Channel channel : others.keySet()) {
            channel.closeFuture().awaitUninterruptibly(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
        }
        others.keySet().forEach(Channel::close);
    }

    /** Whether a connection goes on under what is spoken now. On its event loop. */
    private boolean goesOn(Channel channel) {
        Protocol before = channel.attr(PROTOCOL).get();
        Optional<Protocol> heir = before == null
                ? Optional.empty()
                : spoken.protocols().stream()
                        .filter(each -> each.goesOnWith(before))
                        .findFirst();
        // What came by TLS was meant for this server alone: it cannot be passed on as it is.
        boolean encrypted = channel.pipeline().get("tls") != null;
        if (before == null
                || heir.isEmpty()
                || encrypted
                || !channel.isActive()
                || !before.release(channel, heir.get()::install)) {
            return false;
        }
        channel.attr(PROTOCOL).set(heir.get());
        Handshake.complete(channel);
        channel.config().setAutoRead(true);
        return true;
    }

    /** How many connections speak a protocol of that name. */
    public int connections(String protocol) {
        return (int) connections.stream()
                .map(channel -> channel.attr(PROTOCOL).get())
                .filter(spoken -> spoken != null && spoken.name().equals(protocol))
                .count();
    }

    /**
     * Accepts no more and asks each connection's protocol to {@linkplain Protocol#stop stop}. Not from an event loop.
     */
    void stop() {
        stopAccepting();
        for (Channel channel : connections) {
            channel.eventLoop().execute(() -> stop(channel));
        }
    }

    /** Closes what is left after {@code grace}. Not from an event loop. */
    void awaitClosed(Duration grace) {
        if (!connections.newCloseFuture().awaitUninterruptibly(grace.toMillis())) {
            log.info(
                    "{}: closing {} connections that did not end within {} ms",
                    name,
                    connections.size(),
                    grace.toMillis());
        }
        connections.close().awaitUninterruptibly();
    }

    private static void stop(Channel channel) {
        Protocol protocol = channel.attr(PROTOCOL).get();
        if (protocol == null) {
            channel.close();
        } else {
            protocol.stop(channel);
        }
    }
}
