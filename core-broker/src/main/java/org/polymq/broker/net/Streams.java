/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.net;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.netty.channel.Channel;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.polymq.broker.cluster.GatewayClient;
import org.polymq.broker.net.NetMetrics.Refusal;

/**
 * The connections that gateways open for their clients: what a {@link Listener} is for connections of the clients' own.
 * Speaks nothing until it is told what. Made by {@link Listeners}. Safe from any thread.
 */
public final class Streams {
    private final Admission admission;
    private final Refusals refusals;
    private final Counter accepted;
    private final Connections connections;
    private volatile List<Protocol> spoken = List.of();

    /** Whether a stream was taken. */
    public enum Admitted {
        TAKEN,
        /** No such protocol is spoken here right now. */
        NOT_SPOKEN,
        /** A limit is reached. */
        FULL
    }

    Streams(String name, Admission admission, NetMetrics metrics) {
        this.admission = admission;
        this.refusals = new Refusals(name, admission.limits(), metrics);
        this.accepted = metrics.accepted(name);
        this.connections = new Connections(name);
        Gauge.builder("polymq.connections", connections, Connections::size)
                .description("Open connections")
                .tag("listener", name)
                .register(metrics.registry());
    }

    /**
     * Takes a place for a stream, and has the channel say whose it is. If it was taken, {@link #install} follows. On
     * its event loop.
     *
     * @param protocol the name of a protocol
     */
    public Admitted admit(Channel channel, String protocol, GatewayClient client) {
        if (connections.isPaused() || find(protocol).isEmpty()) {
            return Admitted.NOT_SPOKEN;
        }
        client.say(channel);
        ClientAddress.say(channel, client.address());
        Optional<Refusal> refusal = admission.enter();
        if (refusal.isPresent()) {
            refusals.count(channel, refusal.get());
            return Admitted.FULL;
        }
        channel.closeFuture().addListener(closed -> admission.leave());
        InetAddress address = client.address().getAddress();
        refusal = admission.enter(address);
        if (refusal.isPresent()) {
            refusals.count(channel, refusal.get());
            return Admitted.FULL;
        }
        channel.closeFuture().addListener(closed -> admission.leave(address));
        connections.add(channel);
        accepted.increment();
        return Admitted.TAKEN;
    }

    private Optional<Protocol> find(String name) {
        return spoken.stream().filter(each -> each.name().equals(name)).findFirst();
    }

    /** Adds the handlers of the protocol, at the end; closes the channel if it is not spoken any more. */
    public void install(Channel channel, String protocol) {
        Optional<Protocol> found = find(protocol);
        if (found.isEmpty()) {
            channel.close(); // they changed meanwhile
            return;
        }
        Connections.install(channel, found.get(), admission, refusal -> refusals.refuse(channel, refusal));
    }

    /** How many are open. */
    public int connections() {
        return connections.size();
    }

    /** Whether a protocol of that name is spoken. */
    public boolean speaks(String protocol) {
        return !connections.isPaused() && find(protocol).isPresent();
    }

    /** As {@link Listener#pause}; takes no new ones meanwhile. Not from an event loop. */
    public void pause() {
        connections.pause();
    }

    /** Reads again after {@link #pause}. */
    public void resume() {
        connections.resume();
    }

    /**
     * As {@link Listener#serve}: from now on new streams speak these, and those that speak another one are stopped. Not
     * from an event loop.
     */
    public void serve(List<Protocol> protocols, Duration grace) {
        spoken = List.copyOf(protocols);
        connections.serve(protocols, grace);
    }

    /** Takes no more, and asks each stream's protocol to {@linkplain Protocol#stop stop}. Not from an event loop. */
    void stop() {
        spoken = List.of();
        connections.stop();
    }

    /** Closes what is left after {@code grace}. Not from an event loop. */
    void awaitClosed(Duration grace) {
        connections.awaitClosed(grace);
    }
}
