/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts what the adapter does and what it does not do. Safe from any thread. */
final class MqttMetrics {
    /** Why a client did not get a message. */
    enum Drop {
        /** QoS 0 to a connection that does not read fast enough. */
        SLOW_CONSUMER,
        /** QoS 1 or 2 to a clean session whose backlog is full. */
        BACKLOG_FULL,
        /** Larger than the client's maximum packet size. */
        PACKET_TOO_LARGE,
        /** Expired while it waited. */
        EXPIRED,
        /** Sent at QoS 2 from a shared subscription to a session that ended before it answered. */
        SESSION_ENDED,
        /** Removed by retention, or damaged, while it waited. */
        UNREADABLE
    }

    private final MeterRegistry registry;
    private final Counter received;
    private final Counter sent;
    private final Map<Drop, Counter> dropped = new EnumMap<>(Drop.class);
    private final AtomicInteger connected;

    MqttMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.received = Counter.builder("polymq.mqtt.messages.received")
                .description("PUBLISH packets from clients")
                .register(registry);
        this.sent = Counter.builder("polymq.mqtt.messages.sent")
                .description("PUBLISH packets to clients")
                .register(registry);
        for (Drop reason : Drop.values()) {
            dropped.put(
                    reason,
                    Counter.builder("polymq.mqtt.messages.dropped")
                            .description("Messages that a client did not get")
                            .tag("reason", reason.name().toLowerCase(Locale.ROOT))
                            .register(registry));
        }
        this.connected = registry.gauge("polymq.mqtt.connected", new AtomicInteger());
    }

    void connected() {
        connected.incrementAndGet();
    }

    void disconnected() {
        connected.decrementAndGet();
    }

    int connectedNow() {
        return connected.get();
    }

    long receivedSoFar() {
        return (long) received.count();
    }

    long sentSoFar() {
        return (long) sent.count();
    }

    long droppedSoFar() {
        return (long) dropped.values().stream().mapToDouble(Counter::count).sum();
    }

    void received() {
        received.increment();
    }

    void sent() {
        sent.increment();
    }

    void dropped(Drop reason) {
        Counter counter = dropped.get(reason);
        if (counter != null) {
            counter.increment();
        }
    }

    /** A request that the adapter answered with an error. */
    void refused(String reason) {
        Counter.builder("polymq.mqtt.refused")
                .description("Requests answered with an error")
                .tag("reason", reason)
                .register(registry)
                .increment();
    }
}
