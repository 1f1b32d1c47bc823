/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.net;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.jspecify.annotations.Nullable;

/** How often one connection of a protocol may ask for something: {@code limits.request-rate}. Safe from any thread. */
public final class RequestRate {
    private final int perSecond;
    private final Counter refused;

    /**
     * @param perSecond requests of one connection; 0 for any number
     * @param protocol a label of {@code polymq_requests_refused_total}
     */
    public RequestRate(int perSecond, String protocol, MeterRegistry registry) {
        this.perSecond = perSecond;
        this.refused = Counter.builder("polymq.requests.refused")
                .description("Requests refused because a connection made more than limits.request-rate")
                .tag("protocol", protocol)
                .register(registry);
    }

    /** The requests of a new connection. */
    public Gate open() {
        return new Gate(perSecond == 0 ? null : new TokenBucket(perSecond, System::nanoTime));
    }

    /** The requests of one connection. Confined to its event loop. */
    public final class Gate {
        private final @Nullable TokenBucket bucket;

        private Gate(@Nullable TokenBucket bucket) {
            this.bucket = bucket;
        }

        /** Whether one more request may be served now; counts it if not. */
        public boolean admits() {
            if (bucket == null || bucket.take()) {
                return true;
            }
            refused.increment();
            return false;
        }

        /** What to tell a client whose request was not admitted. */
        public String refusal() {
            return "more than " + perSecond + " requests a second on one connection (limits.request-rate)";
        }
    }
}
