/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.net;

import io.micrometer.core.instrument.MeterRegistry;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;

/**
 * Listeners of a process that are closed together: they share event loops, limits and counters. Safe from any thread.
 */
public final class Listeners {
    private final Transport transport;
    private final Encryption encryption;
    private final Admission admission;
    private final NetMetrics metrics;
    private final Limits limits;
    private final List<Listener> open = new CopyOnWriteArrayList<>();
    private final List<Streams> streams = new CopyOnWriteArrayList<>();

    /** Listeners without TLS. */
    public Listeners(Transport transport, Limits limits, MeterRegistry registry) {
        this(transport, limits, registry, Encryption.NONE);
    }

    /** @param encryption of the listeners that {@link #bind} opens */
    public Listeners(Transport transport, Limits limits, MeterRegistry registry, Encryption encryption) {
        this(transport, limits, registry, encryption, () -> 0);
    }

    /**
     * Listeners of a node of a cluster.
     *
     * @param encryption of the listeners that {@link #bind} opens
     * @param elsewhere connections of the other nodes; asked at each new connection if their sum is limited
     */
    public Listeners(
            Transport transport, Limits limits, MeterRegistry registry, Encryption encryption, LongSupplier elsewhere) {
        this.transport = transport;
        this.encryption = encryption;
        this.limits = limits;
        this.admission = new Admission(limits, elsewhere);
        this.metrics = new NetMetrics(registry);
    }

    private Listeners(Listeners shared, MeterRegistry registry) {
        this.transport = shared.transport;
        this.encryption = shared.encryption;
        this.limits = shared.limits;
        this.admission = shared.admission;
        this.metrics = new NetMetrics(registry);
    }

    /** Listeners of their own, counted elsewhere, with the same event loops and certificate, under the same limits. */
    public Listeners sharing(MeterRegistry registry) {
        return new Listeners(this, registry);
    }

    /**
     * Opens a port. Connections may come before this returns.
     *
     * @param name names the listener in metrics, logs and ready lines
     * @param address host and port; port 0 picks a free one
     * @param protocols asked in this order; the first that accepts the first bytes has the connection
     * @throws BindException when the address cannot be had; says which listener and why
     */
    public Listener bind(String name, InetSocketAddress address, List<Protocol> protocols) throws BindException {
        return open(name, address, protocols, encryption, TrustedProxies.NONE);
    }

    /** The same, for clients that may come through a proxy. */
    public Listener bind(String name, InetSocketAddress address, Protocol protocol, TrustedProxies proxies)
            throws BindException {
        return open(name, address, List.of(protocol), encryption, proxies);
    }

    /** Opens a port as {@link #bind} does, for TLS only. */
    public Listener bindTls(String name, InetSocketAddress address, Protocol protocol, TrustedProxies proxies)
            throws BindException {
        return open(name, address, List.of(protocol), encryption.required(), proxies);
    }

    private Listener open(
            String name,
            InetSocketAddress address,
            List<Protocol> protocols,
            Encryption encrypted,
            TrustedProxies proxies)
            throws BindException {
        Listener listener = new Listener(name, address, protocols, encrypted, proxies, transport, admission, metrics);
        open.add(listener);
        return listener;
    }

    /** Opens a port for one protocol. */
    public Listener bind(String name, InetSocketAddress address, Protocol protocol) throws BindException {
        return bind(name, address, List.of(protocol));
    }

    /**
     * Takes streams of gateways. They have the same limits as connections of clients, but are counted by themselves:
     * the client's own connection is counted at its gateway, which may be this process.
     *
     * @param name as a listener's
     * @param most streams at a time; at least 1
     */
    public Streams streams(String name, int most) {
        Streams made = new Streams(
                name,
                new Admission(new Limits(most, limits.connectionsPerAddress(), 0, limits.login()), () -> 0),
                metrics);
        streams.add(made);
        return made;
    }

    /** The open listeners, in the order they were bound. */
    public List<Listener> open() {
        return List.copyOf(open);
    }

    /** How many connections are open on all listeners. */
    public int connections() {
        return admission.total();
    }

    /**
     * Accepts no more, asks each connection's protocol to {@linkplain Protocol#stop stop}, and closes what is left
     * after {@code grace}. Not from an event loop.
     */
    public void close(Duration grace) {
        long end = System.nanoTime() + grace.toNanos();
        open.forEach(Listener::stop);
        streams.forEach(Streams::stop);
        for (Listener listener : open) {
            listener.awaitClosed(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
        }
        for (Streams each : streams) {
            each.awaitClosed(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
        }
        open.clear();
        streams.clear();
    }
}
