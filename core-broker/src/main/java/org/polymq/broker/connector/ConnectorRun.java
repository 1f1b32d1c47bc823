/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.connector.ConnectorStatus.State;
import org.polymq.broker.connector.ConnectorStatus.Task;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connector from its start to its end under one definition. What it is told runs one after the other on a thread of
 * its own; what takes longer than the patience there is interrupted and left behind. Safe from any thread.
 */
final class ConnectorRun {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectorRun.class);
    private static final int WHOLE = -1;
    /** So long without a failure, and earlier ones are forgotten. */
    private static final Duration WELL = Duration.ofMinutes(1);

    private final Connector connector;
    private final Starter starter;
    private final ConnectorCounters counters;
    private final RestartPolicy policy;
    private final Duration patience;
    private final ThreadFactory threads;
    private final ThreadPoolExecutor control;
    private final Map<Integer, Tries> tries = new HashMap<>();
    private volatile State state = State.STARTING;
    private volatile String error = "";
    private volatile @Nullable RunningConnector running;
    private volatile boolean paused;
    private volatile boolean ended;
    /** The control thread is stuck: nothing more is done here but {@link #stop}. */
    private volatile boolean lost;

    /** Starts the connector; may block. */
    @FunctionalInterface
    interface Starter {
        RunningConnector start() throws Exception;
    }

    /** How often something was started again; guarded by this run. */
    private static final class Tries {
        private int count;
        private long dueAt;
        private boolean pending;
    }

    ConnectorRun(Connector connector, Starter starter, ConnectorCounters counters, Duration patience) {
        this.connector = connector;
        this.starter = starter;
        this.counters = counters;
        this.policy = RestartPolicy.of(connector.config());
        this.patience = patience;
        this.paused = connector.target() == Connector.Target.PAUSED;
        this.threads = task -> {
            Thread made = new Thread(task, "polymq-connector-" + connector.name() + "-control");
            made.setDaemon(true);
            return made;
        };
        this.control = new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), threads);
        control.allowCoreThreadTimeOut(true);
    }

    Connector connector() {
        return connector;
    }

    void start() {
        run("start", this::startNow);
    }

    private void startNow() throws Exception {
        state = State.STARTING;
        RunningConnector started = starter.start();
        if (ended || lost) { // it took too long and was given up
            started.stop();
            return;
        }
        running = started;
        error = "";
        if (paused) {
            started.pause();
        }
        state = State.RUNNING;
    }

    CompletableFuture<Void> pause() {
        paused = true;
        return run("pause", () -> {
            RunningConnector current = running;
            if (current != null) {
                current.pause();
            }
        });
    }

    CompletableFuture<Void> resume() {
        paused = false;
        return run("resume", () -> {
            RunningConnector current = running;
            if (current != null) {
                current.resume();
            }
        });
    }

    /** Starts one task anew. */
    CompletableFuture<Void> restart(int task) {
        counters.restart();
        return run("restart of task " + task, () -> {
            RunningConnector current = running;
            if (current == null) {
                throw ConnectorContext.invalid(
                        "connector " + connector.name() + " is not running: restart it as a whole");
            }
            current.restart(task);
        });
    }

    /** Ends it; complete when it has ended or was given up. */
    CompletableFuture<Void> stop() {
        CompletableFuture<Void> stopped = lost ? stopAside() : run("stop", this::stopNow);
        return stopped.handle((done, failure) -> {
            ended = true;
            state = State.STOPPED;
            control.shutdownNow();
            return null;
        });
    }

    private void stopNow() {
        RunningConnector current = running;
        running = null;
        if (current != null) {
            current.stop();
        }
    }

    /** The control thread is stuck: what it started is told on another one. */
    private CompletableFuture<Void> stopAside() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread stopper = threads.newThread(() -> {
            try {
                stopNow();
            } finally {
                done.complete(null);
            }
        });
        stopper.start();
        return done.orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS).whenComplete((stopped, failure) -> {
            if (failure != null) {
                stopper.interrupt();
            }
        });
    }

    private CompletableFuture<Void> run(String what, Work work) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        if (ended || lost) {
            return CompletableFuture.failedFuture(
                    ConnectorContext.invalid("connector " + connector.name() + " does not answer: restart it"));
        }
        control.execute(() -> {
            try {
                work.run();
                done.complete(null);
            } catch (BrokerException e) {
                failed(what, e);
                done.completeExceptionally(e);
            } catch (Throwable e) { // foreign code may throw anything
                failed(what, e);
                done.completeExceptionally(ConnectorContext.invalid(
                        "connector " + connector.name() + ": " + what + " failed: " + describe(e)));
            }
        });
        return done.orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS).whenComplete((answer, failure) -> {
            if (failure instanceof TimeoutException) {
                giveUp(what);
            }
        });
    }

    @FunctionalInterface
    private interface Work {
        void run() throws Exception;
    }

    private void failed(String what, Throwable e) {
        if (lost) {
            LOG.debug("connector {}: {} ended after it was given up", connector.name(), what, e);
            return;
        }
        counters.error();
        error = describe(e);
        if (running == null) {
            state = State.FAILED;
        }
        LOG.warn("connector {}: {} failed: {}", connector.name(), what, describe(e));
        LOG.debug("connector {}: {} failed", connector.name(), what, e);
    }

    /** An error for people: what kind it is only if it has no message. */
    static String describe(Throwable e) {
        StringBuilder text = new StringBuilder();
        int depth = 0;
        for (Throwable each = e; each != null && depth < 4; each = each.getCause(), depth++) {
            String message = each.getMessage() == null ? each.getClass().getName() : each.getMessage();
            if (text.indexOf(message) < 0) {
                text.append(text.isEmpty() ? "" : ": ").append(message);
            }
        }
        return text.toString();
    }

    // ---- what the runner's clock does

    /** Starts again what has failed. Never blocks. */
    synchronized void tick(long now) {
        if (ended || lost) {
            return;
        }
        RunningConnector current = running;
        if (current == null) {
            retry(WHOLE, state == State.FAILED, now, this::start);
            return;
        }
        for (Task task : current.status().tasks()) {
            retry(task.id(), task.state() == State.FAILED, now, () -> control.execute(() -> restartTask(task.id())));
        }
    }

    private void restartTask(int task) {
        RunningConnector current = running;
        try {
            if (current != null) {
                current.restart(task);
            }
        } catch (RuntimeException e) {
            failed("restart of task " + task, e);
        }
    }

    /** Foreign code holds the control thread: it is interrupted, and left behind if it does not listen. */
    private void giveUp(String what) {
        lost = true;
        error = what + " took longer than " + patience.toSeconds() + " s (connectors.patience): restart the connector";
        state = State.FAILED;
        counters.error();
        LOG.error("connector {}: {}; its control thread is interrupted", connector.name(), error);
        control.shutdownNow();
    }

    private void retry(int what, boolean hasFailed, long now, Runnable again) {
        Tries known = tries.computeIfAbsent(what, each -> new Tries());
        if (!hasFailed) {
            known.pending = false;
            if (known.count > 0 && now - known.dueAt > WELL.toNanos()) {
                known.count = 0;
            }
        } else if (!known.pending && policy.allows(known.count)) {
            known.pending = true;
            known.dueAt = now + policy.delay(known.count).toNanos();
        } else if (known.pending && now >= known.dueAt) {
            known.pending = false;
            known.count++;
            counters.restart();
            again.run();
        }
    }

    private synchronized boolean isRetried(int what) {
        Tries known = tries.get(what);
        return known == null ? policy.allows(0) : known.pending || policy.allows(known.count);
    }

    ConnectorStatus status() {
        RunningConnector current = running;
        if (current == null) {
            return ConnectorStatus.of(
                    state == State.FAILED && !lost && isRetried(WHOLE) ? State.RETRYING : state, error);
        }
        ConnectorStatus status = current.status();
        List<Task> tasks = new ArrayList<>();
        for (Task task : status.tasks()) {
            tasks.add(
                    task.state() == State.FAILED && isRetried(task.id())
                            ? new Task(task.id(), State.RETRYING, task.error())
                            : task);
        }
        return new ConnectorStatus(
                status.state(), status.error().isEmpty() ? error : status.error(), tasks, status.lends());
    }
}
