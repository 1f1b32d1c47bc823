/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.connector.Connector;
import org.apache.kafka.connect.connector.Task;
import org.polymq.broker.connector.ConnectorContext;
import org.polymq.broker.connector.ConnectorStatus;
import org.polymq.broker.connector.ConnectorStatus.State;
import org.polymq.broker.connector.RunningConnector;
import org.polymq.broker.connector.lend.Borrowing;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a group's leader runs of a source that the first group defines: the tasks that are lent to it. */
final class BorrowedTasks implements RunningConnector, Borrowing.Worker {
    private static final Logger LOG = LoggerFactory.getLogger(BorrowedTasks.class);
    /** Until the first group is asked again for tasks. */
    private static final long PAUSE_MILLIS = 500;

    private static final long CLOSE_MILLIS = 1_000;

    private final ConnectorContext context;
    private final Plugins plugins;
    private final Borrowing home;
    private final PluginFigures figures;
    private final Signal signal = new Signal();
    private final Thread thread;
    private final Map<Integer, TaskThread> tasks = new ConcurrentHashMap<>();
    private volatile boolean paused;
    private volatile boolean open;
    private volatile String error = "";

    private BorrowedTasks(ConnectorContext context, Plugins plugins, Borrowing home) {
        this.context = context;
        this.plugins = plugins;
        this.home = home;
        this.figures = new PluginFigures(context.name());
        this.paused = context.startsPaused();
        this.thread = context.thread("borrowing", this::borrow);
    }

    /** Borrows tasks until it is stopped. */
    static BorrowedTasks start(ConnectorContext context, Plugins plugins, Borrowing home) {
        BorrowedTasks running = new BorrowedTasks(context, plugins, home);
        running.thread.start();
        return running;
    }

    private void borrow() {
        try {
            while (!signal.isStopping()) {
                try {
                    home.serve(this);
                } catch (RuntimeException e) {
                    error = Texts.describe(e);
                } finally {
                    open = false;
                    stopTasks();
                }
                signal.pause(PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            LOG.debug("connector {} borrows no more tasks", context.name(), e);
        }
    }

    @Override
    public void opened() {
        error = "";
        open = true;
    }

    @Override
    public synchronized void begin(Borrowing.Task task) {
        if (signal.isStopping()) {
            return;
        }
        Map<String, String> whole = new HashMap<>(task.config());
        whole.put("name", context.name());
        CommonConfig config = new CommonConfig(whole);
        TaskThread begun = new TaskThread(
                context, task.number(), () -> work(task, config), config.getLong(CommonConfig.STOP_TIMEOUT), paused);
        tasks.put(task.number(), begun);
        begun.start();
    }

    private Work work(Borrowing.Task task, CommonConfig config) {
        ClassLoader classes = plugins.make(
                        CommonConfig.CLASS_KEY, config.text(CommonConfig.CLASS_KEY), Connector.class, null)
                .getClass()
                .getClassLoader();
        TaskSettings settings = new TaskSettings(
                context, task.log(), config, task.properties(), task.number(), task.tasks(), plugins, classes, figures);
        String name = task.properties().getOrDefault(CommonConfig.TASK_CLASS_KEY, "");
        return Work.of(settings, () -> plugins.make(CommonConfig.TASK_CLASS_KEY, name, Task.class, classes));
    }

    @Override
    public synchronized void end(Borrowing.Task task) {
        TaskThread ending = tasks.get(task.number());
        if (ending != null) {
            ending.signalStop();
            ending.awaitStop();
            tasks.remove(task.number());
        }
    }

    private synchronized void stopTasks() {
        tasks.values().forEach(ConnectorTask::signalStop);
        tasks.values().forEach(ConnectorTask::awaitStop);
        tasks.clear();
    }

    @Override
    public ConnectorStatus status() {
        State state =
                signal.isStopping() ? State.STOPPED : !open ? State.STARTING : paused ? State.PAUSED : State.RUNNING;
        List<ConnectorStatus.Task> each = tasks.values().stream()
                .map(ConnectorTask::status)
                .sorted(Comparator.comparing(ConnectorStatus.Task::id))
                .toList();
        return new ConnectorStatus(state, error, each);
    }

    @Override
    public synchronized void pause() {
        paused = true;
        tasks.values().forEach(ConnectorTask::pause);
    }

    @Override
    public synchronized void resume() {
        paused = false;
        tasks.values().forEach(ConnectorTask::resume);
    }

    @Override
    public synchronized void restart(int task) {
        TaskThread known = tasks.get(task);
        if (known == null) {
            throw ConnectorContext.invalid(
                    "task " + task + " of connector " + context.name() + " is not lent to this group");
        }
        known.restart();
    }

    /** The tasks end before the stream does, so that what they bring at last is stored. */
    @Override
    public void stop() {
        signal.stop();
        stopTasks();
        thread.interrupt();
        try {
            TimeUnit.MILLISECONDS.timedJoin(thread, CLOSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        figures.close();
    }
}
