/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.net;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Admits so many events a second, and as many at once after a pause. Not thread-safe. */
final class TokenBucket {
    private final int perSecond;
    private final LongSupplier nanos;
    private double tokens;
    private long filledAt;

    /**
     * @param perSecond at least 1
     * @param nanos a clock that never steps back
     */
    TokenBucket(int perSecond, LongSupplier nanos) {
        this.perSecond = perSecond;
        this.nanos = nanos;
        this.tokens = perSecond;
        this.filledAt = nanos.getAsLong();
    }

    /** Whether one more is admitted now. */
    boolean take() {
        long now = nanos.getAsLong();
        tokens = Math.min(perSecond, tokens + (double) (now - filledAt) * perSecond / TimeUnit.SECONDS.toNanos(1));
        filledAt = now;
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }
}
