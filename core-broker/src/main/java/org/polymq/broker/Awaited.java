/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/** Waits for the broker's answer, on a thread where waiting is allowed: of a connector, never an event loop. */
public final class Awaited {
    private Awaited() {}

    /** @throws BrokerException if the broker refused */
    public static <T> T get(Consumer<Reply<T>> request) throws InterruptedException {
        CompletableFuture<T> answer = new CompletableFuture<>();
        request.accept(Reply.of(answer::complete, answer::completeExceptionally));
        try {
            return answer.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof BrokerException refused) {
                throw new BrokerException(refused.reason(), String.valueOf(refused.getMessage()), refused);
            }
            throw new BrokerException(Reason.INTERNAL, String.valueOf(e.getMessage()), e);
        }
    }
}
