/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.net;

import io.netty.channel.Channel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Open connections and what each speaks: paused, told to stop, or handed on together. Safe from any thread. */
final class Connections {
    private static final Logger log = LoggerFactory.getLogger(Connections.class);
    private static final AttributeKey<Protocol> PROTOCOL = AttributeKey.valueOf(Connections.class, "protocol");

    private final String name;
    private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    private volatile boolean paused;

    /** @param name for the log */
    Connections(String name) {
        this.name = name;
    }

    /** Counts a connection until it is closed. */
    void add(Channel channel) {
        open.add(channel);
        if (paused) {
            channel.config().setAutoRead(false);
        }
    }

    /**
     * Has a protocol serve a connection from now on. On its event loop.
     *
     * @param refused hears why it was closed before it had proved itself
     */
    static void install(Channel channel, Protocol protocol, Admission admission, Consumer<NetMetrics.Refusal> refused) {
        if (protocol.handshakes()) {
            Limits.Login login = admission.limits().login();
            Handshake.expect(channel, login.handshake(), () -> refused.accept(NetMetrics.Refusal.NO_HANDSHAKE));
            channel.pipeline()
                    .addLast(
                            "login-bytes",
                            new LoginBytes(
                                    protocol.loginBytes(login.bytes()),
                                    admission.loginMemory(),
                                    alone -> refused.accept(
                                            alone
                                                    ? NetMetrics.Refusal.LOGIN_TOO_LARGE
                                                    : NetMetrics.Refusal.LOGINS_TOO_LARGE)));
        }
        channel.attr(PROTOCOL).set(protocol);
        protocol.install(channel.pipeline());
    }

    int size() {
        return open.size();
    }

    boolean isPaused() {
        return paused;
    }

    /** How many speak a protocol of that name. */
    int speaking(String protocol) {
        return (int) open.stream()
                .map(channel -> channel.attr(PROTOCOL).get())
                .filter(spoken -> spoken != null && spoken.name().equals(protocol))
                .count();
    }

    /** Reads nothing more until {@link #resume} or {@link #serve}; returns when nothing is being read. */
    void pause() {
        paused = true;
        List<Future<?>> done = new ArrayList<>();
        for (Channel channel : open) {
            done.add(channel.eventLoop().submit(() -> channel.config().setAutoRead(false)));
        }
        done.forEach(Future::awaitUninterruptibly);
    }

    void resume() {
        paused = false;
        for (Channel channel : open) {
            channel.eventLoop().execute(() -> channel.config().setAutoRead(true));
        }
    }

    /** Ends what does not speak these protocols, and cannot go on with one of them; see {@link Listener#serve}. */
    void serve(List<Protocol> protocols, Duration grace) {
        boolean orderly = paused;
        paused = false;
        Map<Channel, Future<Boolean>> others = new LinkedHashMap<>();
        for (Channel channel : open) {
            Protocol protocol = channel.attr(PROTOCOL).get();
            if (protocol == null || !protocols.contains(protocol)) {
                others.put(channel, channel.eventLoop().submit(() -> orderly && goesOn(channel, protocols)));
            } else if (orderly) {
                channel.eventLoop().execute(() -> channel.config().setAutoRead(true));
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
    private static boolean goesOn(Channel channel, List<Protocol> protocols) {
        @Nullable Protocol before = channel.attr(PROTOCOL).get();
        Optional<Protocol> heir = before == null
                ? Optional.empty()
                : protocols.stream().filter(each -> each.goesOnWith(before)).findFirst();
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

    /** Asks each connection's protocol to {@linkplain Protocol#stop stop}. */
    void stop() {
        for (Channel channel : open) {
            channel.eventLoop().execute(() -> stop(channel));
        }
    }

    private static void stop(Channel channel) {
        Protocol protocol = channel.attr(PROTOCOL).get();
        if (protocol == null) {
            channel.close();
        } else {
            protocol.stop(channel);
        }
    }

    /** Closes what is left after {@code grace}. Not from an event loop. */
    void awaitClosed(Duration grace) {
        if (!open.newCloseFuture().awaitUninterruptibly(grace.toMillis())) {
            log.info("{}: closing {} connections that did not end within {} ms", name, open.size(), grace.toMillis());
        }
        open.close().awaitUninterruptibly();
    }
}
