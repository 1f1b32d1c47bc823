/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Lane;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wishes for a pump of one subscription: whoever makes the first starts it, whoever runs it answers those it saw, so
 * that at most one runs at a time. Safe from any thread.
 */
final class PumpWishes {
    private static final Logger LOG = LoggerFactory.getLogger(PumpWishes.class);

    private final SubscriptionKey key;
    private final Runnable pump;
    private final AtomicInteger count = new AtomicInteger();
    private volatile @Nullable Lane lane;

    PumpWishes(SubscriptionKey key, Runnable pump) {
        this.key = key;
        this.pump = pump;
    }

    /** Pumps run there from now on; null while there is nobody to hand something to. */
    void runOn(@Nullable Lane where) {
        lane = where;
    }

    void add() {
        if (lane != null && count.getAndIncrement() == 0) {
            submit();
        }
    }

    /** How many a pump that begins now will have answered. */
    int seen() {
        return count.get();
    }

    /** A pump has ended. Starts another if it has to be, or if there are wishes that it did not see. */
    void answered(int seen, boolean again) {
        if (again || count.addAndGet(-seen) > 0) {
            submit();
        }
    }

    private void submit() {
        Lane where = lane;
        if (where != null) {
            where.execute(() -> guarded(pump));
            return;
        }
        count.set(0);
        if (lane != null) {
            add(); // a consumer came just now, and its wish may have been forgotten
        }
    }

    /** A failure is reported and ends this pump only: the next wish starts another. */
    void guarded(Runnable piece) {
        try {
            piece.run();
        } catch (RuntimeException e) {
            count.set(0);
            LOG.error("subscription {} cannot be read on", key, e);
        }
    }
}
