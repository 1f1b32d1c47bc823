/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect;

import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.connector.ConnectorCounters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a task does about a record that fails: tries again what may be tried again, then leaves it out and reports it,
 * or fails. Used by the task's thread.
 */
final class ErrorHandling {
    private static final Logger LOG = LoggerFactory.getLogger(ErrorHandling.class);
    private static final long FIRST_DELAY = 300;

    private final String task;
    private final ConnectorCounters counters;
    private final long retryTimeout;
    private final long longestDelay;
    private final boolean tolerant;
    private final boolean logs;
    private final Pause pause;
    private final BooleanSupplier stopping;

    /** Waits; ends early when the task stops. */
    @FunctionalInterface
    interface Pause {
        void millis(long millis) throws InterruptedException;
    }

    /** Where in the way of a record something failed. */
    enum Stage {
        KEY_VALUE_HEADER_CONVERSION,
        TRANSFORMATION,
        TASK_PUT
    }

    ErrorHandling(String task, CommonConfig config, ConnectorCounters counters, Pause pause, BooleanSupplier stopping) {
        this.task = task;
        this.counters = counters;
        this.retryTimeout = config.getLong(CommonConfig.RETRY_TIMEOUT);
        this.longestDelay = config.getLong(CommonConfig.RETRY_DELAY);
        this.tolerant = CommonConfig.ALL.equals(config.text(CommonConfig.TOLERANCE));
        this.logs = config.getBoolean(CommonConfig.LOG_ERRORS);
        this.pause = pause;
        this.stopping = stopping;
    }

    boolean tolerates() {
        return tolerant;
    }

    /** Told of a record that is left out. */
    @FunctionalInterface
    interface LeftOut {
        void report(Stage stage, Throwable error) throws InterruptedException;
    }

    /**
     * What an operation on one record gives; null if it gives nothing, or failed and the record is left out.
     *
     * @throws ConnectException if it failed and failures are not tolerated
     */
    <T> @Nullable T on(Stage stage, Object what, Callable<@Nullable T> operation, LeftOut leftOut)
            throws InterruptedException {
        long deadline = retryTimeout < 0 ? Long.MAX_VALUE : System.nanoTime() / 1_000_000 + retryTimeout;
        for (int tries = 0; ; tries++) {
            try {
                return operation.call();
            } catch (RetriableException e) {
                counters.error();
                if (System.nanoTime() / 1_000_000 >= deadline || stopping.getAsBoolean()) {
                    failed(stage, what, e, leftOut);
                    return null;
                }
                counters.retry();
                pause.millis(delay(tries));
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                counters.error();
                failed(stage, what, e, leftOut);
                return null;
            }
        }
    }

    /** How long to wait after so many tries. */
    long delay(int tries) {
        return Math.min(FIRST_DELAY << Math.min(tries, 16), longestDelay);
    }

    private void failed(Stage stage, Object what, Exception error, LeftOut leftOut) throws InterruptedException {
        if (logs || tolerant) {
            LOG.warn("task {}: {} of {} failed: {}", task, stage, what, error.toString());
        }
        if (!tolerant) {
            throw new ConnectException(
                    stage + " of " + what + " failed, and errors.tolerance is none: " + error.getMessage(), error);
        }
        leftOut.report(stage, error);
    }
}
