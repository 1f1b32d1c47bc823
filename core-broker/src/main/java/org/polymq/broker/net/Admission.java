/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.net;

import java.net.InetAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.polymq.broker.net.NetMetrics.Refusal;

/** Counts the connections of all listeners against the limits. Safe from any thread. */
final class Admission {
    private final Limits limits;
    private final AtomicInteger total = new AtomicInteger();
    private final Map<InetAddress, Integer> byAddress = new ConcurrentHashMap<>();

    Admission(Limits limits) {
        this.limits = limits;
    }

    /** Takes a place for a connection, or says why there is none. Each place taken is given back by {@link #leave()}. */
    Optional<Refusal> enter() {
        if (total.incrementAndGet() > limits.connections()) {
            total.decrementAndGet();
            return Optional.of(Refusal.TOO_MANY);
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

    void leave() {
        total.decrementAndGet();
    }

    void leave(InetAddress address) {
        byAddress.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
    }

    int total() {
        return total.get();
    }

    Limits limits() {
        return limits;
    }
}
