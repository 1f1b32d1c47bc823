/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.grid;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts and logs that this node decides alone what all nodes should: each time, and once. Safe from any thread. */
final class Alone {
    private static final Logger log = LoggerFactory.getLogger(Alone.class);

    private final Counter decisions;
    private final AtomicBoolean said = new AtomicBoolean();

    Alone(MeterRegistry registry) {
        decisions = Counter.builder("polymq.grid.alone")
                .description("Logins that this node counted for itself, since the grid did not answer")
                .register(registry);
    }

    void decided(Throwable why) {
        decisions.increment();
        if (said.compareAndSet(false, true)) {
            log.warn("the grid does not answer: limits hold for each node alone until it does: {}", why.toString());
        }
    }

    void answered() {
        if (said.compareAndSet(true, false)) {
            log.info("the grid answers again: limits hold for all nodes together");
        }
    }
}
