/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.polymq.broker.Lane;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one thread of a bridge that talks with the log; its links wait for what it brings. Safe from any thread. */
final class BridgeLane implements Lane, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BridgeLane.class);

    private final ScheduledThreadPoolExecutor executor;
    private volatile long threadId;

    BridgeLane(String bridge) {
        executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "polymq-bridge-" + bridge);
            thread.setDaemon(true);
            threadId = thread.getId();
            return thread;
        });
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    public boolean inLane() {
        return Thread.currentThread().getId() == threadId;
    }

    @Override
    public void execute(Runnable task) {
        try {
            executor.execute(() -> guarded(task));
        } catch (RejectedExecutionException e) {
            // The bridge is closed, and with it every link that could have taken the answer.
            LOG.debug("a task came after its bridge was closed", e);
        }
    }

    /** Runs a task once, later; never if the lane is closed before. */
    void after(Duration time, Runnable task) {
        executor.schedule(() -> guarded(task), time.toMillis(), TimeUnit.MILLISECONDS);
    }

    void every(Duration period, Runnable task) {
        executor.scheduleWithFixedDelay(
                () -> guarded(task), period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOG.error("work of a bridge failed", e);
        }
    }

    @Override
    public void close() {
        executor.shutdown();
    }
}
