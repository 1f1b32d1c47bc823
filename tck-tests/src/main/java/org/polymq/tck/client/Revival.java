/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.client;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Paho's clients connect again by themselves, but may stop to (1.2.5, both of them): a connection that breaks in the
 * moment in which it is made starts the timer of the next attempt, which the news of the success cancels. A client that
 * is still not connected a while after a loss is told to try, as an application can.
 */
final class Revival {
    private static final long AFTER_SECONDS = 10;

    private Revival() {}

    /**
     * A client has lost its connection.
     *
     * @param tries has it connect; false if it is closed
     */
    static void lost(BooleanSupplier connected, BooleanSupplier tries) {
        CompletableFuture.delayedExecutor(AFTER_SECONDS, TimeUnit.SECONDS).execute(() -> {
            if (!connected.getAsBoolean() && tries.getAsBoolean()) {
                lost(connected, tries);
            }
        });
    }
}
