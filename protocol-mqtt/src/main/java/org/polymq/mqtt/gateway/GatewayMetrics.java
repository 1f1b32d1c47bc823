/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.gateway;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Counts what the gateway does and what it refuses. Safe from any thread. */
final class GatewayMetrics {
    private final MeterRegistry registry;
    private final AtomicInteger connected = new AtomicInteger();
    private final AtomicInteger streams = new AtomicInteger();
    private final Counter lost;

    GatewayMetrics(MeterRegistry registry, Supplier<Number> waiting) {
        this.registry = registry;
        Gauge.builder("polymq.mqtt.gateway.connected", connected, AtomicInteger::get)
                .description("Clients that the gateway has let in")
                .register(registry);
        Gauge.builder("polymq.mqtt.gateway.streams", streams, AtomicInteger::get)
                .description("Streams of clients to the leaders of groups")
                .register(registry);
        Gauge.builder("polymq.mqtt.gateway.waiting", waiting)
                .description("Clients that wait to be let in, because many others are just now")
                .register(registry);
        this.lost = Counter.builder("polymq.mqtt.gateway.streams.lost")
                .description("Streams that ended before their clients did, and could not be opened")
                .register(registry);
    }

    void connected(int change) {
        connected.addAndGet(change);
    }

    void streams(int change) {
        streams.addAndGet(change);
    }

    void streamLost() {
        lost.increment();
    }

    /** A request that the gateway answered with an error of its own; counted with those of the groups' leaders. */
    void refused(String reason) {
        Counter.builder("polymq.mqtt.refused")
                .description("Requests answered with an error")
                .tag("reason", reason)
                .register(registry)
                .increment();
    }
}
