/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
    private final AtomicLong nanos = new AtomicLong();

    @Test
    void admitsItsRateAndNoMore() {
        TokenBucket bucket = new TokenBucket(10, nanos::get);

        assertThat(taken(bucket)).isEqualTo(10);

        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(500));
        assertThat(taken(bucket)).isEqualTo(5);

        nanos.addAndGet(TimeUnit.HOURS.toNanos(1));
        assertThat(taken(bucket)).isEqualTo(10);
    }

    private static int taken(TokenBucket bucket) {
        int taken = 0;
        while (bucket.take()) {
            taken++;
        }
        return taken;
    }
}
