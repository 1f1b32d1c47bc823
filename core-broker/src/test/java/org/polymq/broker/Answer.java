/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A reply that a test can wait for. */
public final class Answer<T> implements Reply<T> {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final CompletableFuture<T> future = new CompletableFuture<>();

    @Override
    public void ok(T value) {
        future.complete(value);
    }

    @Override
    public void failed(BrokerException cause) {
        future.completeExceptionally(cause);
    }

    /** The value; throws the {@link BrokerException} if the request failed. */
    public T get() {
        try {
            return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof BrokerException refused) {
                throw refused;
            }
            throw new AssertionError(e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("no reply within " + PATIENCE, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
