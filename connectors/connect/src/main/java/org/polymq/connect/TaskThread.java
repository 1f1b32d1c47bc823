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

/** A task that runs in this process: its thread, and how it is doing. */
final class TaskThread implements ConnectorTask {
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

    /** @param works makes the work anew for each try; the task has failed if it cannot */
    TaskThread(ConnectorContext context, int number, Supplier<Work> works, long stopMillis, boolean paused) {
        this.context = context;
        this.number = number;
        this.works = works;
        this.stopMillis = stopMillis;
        this.paused = paused;
    }

    @Override
    public void start() {
        Run run = new Run(work());
        if (paused) {
            run.work.pause();
        }
        current = run;
        run.thread.start();
    }

    private Work work() {
        try {
            return works.get();
        } catch (RuntimeException e) {
            return new FailedWork(e);
        }
    }

    /** Of a task that cannot be made. */
    private record FailedWork(RuntimeException reason) implements Work {
        @Override
        public void run() {
            throw reason;
        }

        @Override
        public void signalStop() {}

        @Override
        public void abandon() {}

        @Override
        public void pause() {}

        @Override
        public void resume() {}
    }

    @Override
    public void signalStop() {
        Run run = current;
        if (run != null) {
            run.stopping = true;
            run.work.signalStop();
        }
    }

    @Override
    public void awaitStop() {
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

    @Override
    public void pause() {
        paused = true;
        Run run = current;
        if (run != null) {
            run.work.pause();
        }
    }

    @Override
    public void resume() {
        paused = false;
        Run run = current;
        if (run != null) {
            run.work.resume();
        }
    }

    @Override
    public Task status() {
        Run run = current;
        if (run == null) {
            return new Task(number, State.STOPPED, "");
        }
        State state = run.state == State.RUNNING && paused ? State.PAUSED : run.state;
        return new Task(number, state, run.error);
    }
}
