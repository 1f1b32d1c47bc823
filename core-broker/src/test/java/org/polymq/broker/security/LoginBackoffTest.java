/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class LoginBackoffTest {
    private Instant now = Instant.parse("2026-11-29T12:00:00Z");
    private final LoginBackoff backoff = new LoginBackoff(() -> now);

    @Test
    void waitsFromTheFifthFailureOnTwiceAsLongEachTime() {
        fail(4);
        assertThat(backoff.pause("ann", "10.0.0.1")).isZero();

        fail(1);
        assertThat(backoff.pause("ann", "10.0.0.1")).isEqualTo(1_000);
        assertThat(backoff.pause("ann", "10.0.0.2")).isZero();

        fail(1);
        assertThat(backoff.pause("ann", "10.0.0.1")).isEqualTo(2_000);
        fail(50);
        assertThat(backoff.pause("ann", "10.0.0.1")).isEqualTo(60_000);
    }

    @Test
    void learnsWhatOthersHaveCounted() {
        fail(1);

        backoff.learn("ann", "10.0.0.1", 6);
        assertThat(backoff.pause("ann", "10.0.0.1")).isEqualTo(2_000);
        backoff.learn("ann", "10.0.0.1", 5);
        assertThat(backoff.pause("ann", "10.0.0.1")).isEqualTo(2_000);

        backoff.learn(LoginBackoff.ANYBODY, "10.0.0.9", 100);
        assertThat(backoff.pause("bob", "10.0.0.9")).isEqualTo(1_000);
    }

    @Test
    void forgetsAfterALoginOrAWhile() {
        fail(5);
        backoff.succeeded("ann", "10.0.0.1");
        assertThat(backoff.pause("ann", "10.0.0.1")).isZero();

        fail(5);
        now = now.plus(LoginBackoff.FORGOTTEN_AFTER).plusSeconds(1);
        fail(1);
        assertThat(backoff.pause("ann", "10.0.0.1")).isZero();
    }

    private void fail(int times) {
        for (int i = 0; i < times; i++) {
            backoff.failed("ann", "10.0.0.1");
        }
    }
}
