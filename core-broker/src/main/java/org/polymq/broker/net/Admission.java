/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.net;

import java.net.InetAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.net.NetMetrics.Refusal;

/** Counts the connections of all listeners against the limits. Safe from any thread. */
final class Admission {
    private final Limits limits;
    private final LongSupplier elsewhere;
    private final AtomicInteger total = new AtomicInteger();
    private final Map<InetAddress, Integer> byAddress = new ConcurrentHashMap<>();
    private final LoginBytes.Budget loginMemory;
    private final @Nullable TokenBucket rate; // guarded by itself

    /** @param elsewhere connections of the other servers of the cluster */
    Admission(Limits limits, LongSupplier elsewhere) {
        this.limits = limits;
        this.elsewhere = elsewhere;
        this.loginMemory = new LoginBytes.Budget(limits.login().memory());
        this.rate = limits.connectionRate() == 0 ? null : new TokenBucket(limits.connectionRate(), System::nanoTime);
    }

    /**
     * Takes a place for a connection, or says why there is none. Each place taken is given back by {@link #leave()}.
     */
    Optional<Refusal> enter() {
        if (isTooFast()) {
            return Optional.of(Refusal.TOO_FAST);
        }
        int here = total.incrementAndGet();
        if (here > limits.connections()) {
            total.decrementAndGet();
            return Optional.of(Refusal.TOO_MANY);
        }
        if (limits.clusterConnections() > 0 && here + elsewhere.getAsLong() > limits.clusterConnections()) {
            total.decrementAndGet();
            return Optional.of(Refusal.TOO_MANY_IN_CLUSTER);
        }
        return Optional.empty();
    }

    /** The same among the connections from one address; given back by {@link #leave(InetAddress)}. */
    Optional<Refusal> enter(InetAddress address) {
        if (byAddress.merge(address, 1, Integer::sum) > limits.connectionsPerAddress()) {
            leave(address);
            return Optional.of(Refusal.TOO_MANY_FROM_ADDRESS);
        }
        return Optional.empty();
    }

    private boolean isTooFast() {
        TokenBucket bucket = rate;
        if (bucket == null) {
            return false;
        }
        synchronized (bucket) {
            return !bucket.take();
        }
    }

    void leave() {
        total.decrementAndGet();
    }

    void leave(InetAddress address) {
        byAddress.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
    }

    int total() {
        return total.get();
    }

    /** What connections that have not logged in yet may hold together. */
    LoginBytes.Budget loginMemory() {
        return loginMemory;
    }

    Limits limits() {
        return limits;
    }
}
