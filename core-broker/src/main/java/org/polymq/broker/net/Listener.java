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
import io.netty.handler.codec.DecoderException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.net.NetMetrics.Refusal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A port that accepts connections and gives each to the protocol its first bytes name. Made by {@link Listeners}. */
public final class Listener {
    private static final Logger log = LoggerFactory.getLogger(Listener.class);

    private final String name;
    private final Encryption encryption;
    private final TrustedProxies proxies;
    private final Admission admission;
    private final BadInput badInput;
    private final Counter accepted;
    private final Connections connections;
    private final Channel server;
    private final Refusals refusals;
    private volatile Spoken spoken;
    private volatile boolean closing;

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
        this.badInput = new BadInput(metrics.registry());
        this.accepted = metrics.accepted(name);
        this.connections = new Connections(name);
        this.refusals = new Refusals(name, admission.limits(), metrics);
        this.server = bind(address, transport);
        Gauge.builder("polymq.connections", connections, Connections::size)
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
        refusals.refuse(channel, refusal);
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
            Connections.install(channel, protocol, admission, refusal -> refuse(channel, refusal));
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
        connections.pause();
    }

    /** Reads again after {@link #pause}. */
    public void resume() {
        connections.resume();
    }

    /** Accepts no more connections, and the port is free; those there are go on. Not from an event loop. */
    public void stopAccepting() {
        closing = true;
        server.close().awaitUninterruptibly();
        if (!server.eventLoop().isShuttingDown()) {
            // Its selector gives the port back when it is looked at again, which is before any timer runs.
            server.eventLoop().schedule(() -> {}, 1, TimeUnit.MILLISECONDS).awaitUninterruptibly();
        }
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
        connections.serve(protocols, grace);
    }

    /** How many connections speak a protocol of that name. */
    public int connections(String protocol) {
        return connections.speaking(protocol);
    }

    /**
     * Accepts no more and asks each connection's protocol to {@linkplain Protocol#stop stop}. Not from an event loop.
     */
    void stop() {
        stopAccepting();
        connections.stop();
    }

    /** Closes what is left after {@code grace}. Not from an event loop. */
    void awaitClosed(Duration grace) {
        connections.awaitClosed(grace);
    }
}
