/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect;

import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.connector.ConnectorContext;
import org.polymq.broker.connector.ConnectorStatus.State;
import org.polymq.broker.connector.ConnectorStatus.Task;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One task: its thread, and how it is doing. {@link #status} is safe from any thread, the rest from one at a time. */
final class TaskThread {
    private static final Logger LOG = LoggerFactory.getLogger(TaskThread.class);
    /** After an interrupt. */
    private static final long LAST_CHANCE_MILLIS = 500;

    private final ConnectorContext context;
    private final int number;
    private final Supplier<Work> works;
    private final long stopMillis;
    private volatile @Nullable Run current;
    private volatile boolean paused;

    /** One try at the task. */
    private final class Run implements Runnable {
        private final Work work;
        private final Thread thread;
        private volatile State state = State.RUNNING;
        private volatile String error = "";
        private volatile boolean stopping;

        private Run(Work work) {
            this.work = work;
            this.thread = context.thread("task-" + number, this);
        }

        @Override
        public void run() {
            try {
                work.run();
                state = stopping ? State.STOPPED : State.FAILED;
                if (!stopping) {
                    error = "the task ended by itself";
                }
            } catch (Throwable e) { // a plugin may throw anything
                if (stopping) {
                    LOG.debug("connector {}: task {} ended", context.name(), number, e);
                    state = State.STOPPED;
                    return;
                }
                context.counters().error();
                error = Texts.describe(e);
                state = State.FAILED;
                LOG.warn("connector {}: task {} failed: {}", context.name(), number, error);
                LOG.debug("connector {}: task {} failed", context.name(), number, e);
            }
        }
    }

    /** @param works makes the work anew for each try */
    TaskThread(ConnectorContext context, int number, Supplier<Work> works, long stopMillis, boolean paused) {
        this.context = context;
        this.number = number;
        this.works = works;
        this.stopMillis = stopMillis;
        this.paused = paused;
    }

    void start() {
        Run run = new Run(works.get());
        if (paused) {
            run.work.pause();
        }
        current = run;
        run.thread.start();
    }

    void signalStop() {
        Run run = current;
        if (run != null) {
            run.stopping = true;
            run.work.signalStop();
        }
    }

    /** Waits for its end, and gives it up if it takes too long. */
    void awaitStop() {
        Run run = current;
        if (run == null) {
            return;
        }
        try {
            TimeUnit.MILLISECONDS.timedJoin(run.thread, stopMillis);
            if (run.thread.isAlive()) {
                run.work.abandon();
                run.thread.interrupt();
                TimeUnit.MILLISECONDS.timedJoin(run.thread, LAST_CHANCE_MILLIS);
            }
        } catch (InterruptedException e) {
            run.work.abandon();
            run.thread.interrupt();
            Thread.currentThread().interrupt();
        }
        if (run.thread.isAlive()) {
            context.counters().error();
            LOG.error(
                    "connector {}: task {} did not stop within {} ms: its thread {} is left behind",
                    context.name(),
                    number,
                    stopMillis,
                    run.thread.getName());
        }
        current = null;
    }

    void restart() {
        signalStop();
        awaitStop();
        start();
    }

    void pause() {
        paused = true;
        Run run = current;
        if (run != null) {
            run.work.pause();
        }
    }

    void resume() {
        paused = false;
        Run run = current;
        if (run != null) {
            run.work.resume();
        }
    }

    Task status() {
        Run run = current;
        if (run == null) {
            return new Task(number, State.STOPPED, "");
        }
        State state = run.state == State.RUNNING && paused ? State.PAUSED : run.state;
        return new Task(number, state, run.error);
    }
}
