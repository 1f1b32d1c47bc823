/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.net;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;

/** Counts connections and bad input. Safe from any thread. */
final class NetMetrics {

    /** Why a connection was closed before its handshake was complete. */
    enum Refusal {
        TOO_MANY,
        TOO_MANY_IN_CLUSTER,
        TOO_MANY_FROM_ADDRESS,
        TOO_FAST,
        SILENT,
        NO_HANDSHAKE,
        LOGIN_TOO_LARGE,
        LOGINS_TOO_LARGE,
        PLAINTEXT
    }

    private final MeterRegistry registry;

    NetMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    Counter accepted(String listener) {
        return Counter.builder("polymq.connections.accepted")
                .description("Connections accepted")
                .tag("listener", listener)
                .register(registry);
    }

    void refused(String listener, Refusal refusal) {
        Counter.builder("polymq.connections.refused")
                .description("Connections closed before their handshake was complete")
                .tag("listener", listener)
                .tag("reason", refusal.name().toLowerCase(Locale.ROOT))
                .register(registry)
                .increment();
    }

    void badInput(String protocol) {
        Counter.builder("polymq.bad.input")
                .description("Connections closed for bytes that their protocol does not allow")
                .tag("protocol", protocol)
                .register(registry)
                .increment();
    }

    MeterRegistry registry() {
        return registry;
    }
}
