/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.publish;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;

/** The memory of large bodies on their way in, all connections together. Safe from any thread. */
public final class Uploads {
    private final long limit;
    private final AtomicLong taken = new AtomicLong();
    private final LongAdder refused = new LongAdder();

    Uploads(long limit) {
        this.limit = limit;
    }

    void take(int bytes) {
        if (taken.addAndGet(bytes) > limit) {
            taken.addAndGet(-bytes);
            refused.increment();
            throw new BrokerException(
                    Reason.LIMIT_EXCEEDED,
                    "large messages on their way in take all of limits.large-message-memory, " + limit + " bytes");
        }
    }

    void give(int bytes) {
        taken.addAndGet(-bytes);
    }

    /** Bytes in use now. */
    public long taken() {
        return taken.get();
    }

    /** Large messages refused for want of memory. */
    public long refused() {
        return refused.sum();
    }
}
