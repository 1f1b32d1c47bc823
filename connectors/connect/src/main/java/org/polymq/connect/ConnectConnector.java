/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.connector.Connector;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkConnectorContext;
import org.apache.kafka.connect.source.SourceConnector;
import org.apache.kafka.connect.source.SourceConnectorContext;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.polymq.broker.connector.ConnectorContext;
import org.polymq.broker.connector.ConnectorStatus;
import org.polymq.broker.connector.ConnectorStatus.State;
import org.polymq.broker.connector.RunningConnector;
import org.polymq.broker.connector.lend.Borrowing;
import org.polymq.broker.connector.lend.Lending;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A plugin's connector that runs, with its tasks. */
final class ConnectConnector implements RunningConnector {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectConnector.class);
    private static final long LOOK_MILLIS = 250;

    private final ConnectorContext context;
    private final Plugins plugins;
    private final CommonConfig config;
    private final Connector connector;
    private final ClassLoader classes;
    private final PluginFigures figures;
    private final StoredOffsets offsets;
    private final Optional<Lending> lending;
    private final Signal signal = new Signal();
    private volatile List<ConnectorTask> tasks = List.of();
    private volatile boolean paused;
    private volatile String error = "";
    private volatile boolean stopped;

    private ConnectConnector(ConnectorContext context, Plugins plugins, CommonConfig config, Connector connector) {
        this.context = context;
        this.plugins = plugins;
        this.config = config;
        this.connector = connector;
        this.classes = connector.getClass().getClassLoader();
        this.figures = new PluginFigures(context.name());
        this.offsets = new StoredOffsets(context::positions);
        this.paused = context.startsPaused();
        this.lending = connector instanceof SourceConnector ? context.lend() : Optional.empty();
    }

    /** Starts the connector and its tasks; of a source that another group lends, what it lends. */
    static RunningConnector start(ConnectorContext context, Plugins plugins) throws Exception {
        Map<String, String> whole = new HashMap<>(context.config());
        whole.put("name", context.name());
        CommonConfig config = new CommonConfig(whole);
        Connector connector =
                plugins.make(CommonConfig.CLASS_KEY, config.text(CommonConfig.CLASS_KEY), Connector.class, null);
        Optional<Borrowing> home = connector instanceof SourceConnector ? context.borrow() : Optional.empty();
        if (home.isPresent()) {
            return BorrowedTasks.start(context, plugins, home.get());
        }
        ConnectConnector running = new ConnectConnector(context, plugins, config, connector);
        boolean started = false;
        try {
            Foreign.run(running.classes, () -> {
                connector.initialize(running.pluginContext());
                connector.start(whole);
            });
            running.startTasks();
            if (running.lending.isPresent()) {
                context.thread("division", running::divide).start();
            }
            started = true;
        } finally {
            if (!started) {
                running.stop();
            }
        }
        return running;
    }

    private org.apache.kafka.connect.connector.ConnectorContext pluginContext() {
        return connector instanceof SourceConnector ? new SourceContext() : new SinkContextOfConnector();
    }

    private void startTasks() throws Exception {
        int most = config.getInt(CommonConfig.TASKS);
        List<Map<String, String>> configs = Foreign.call(classes, () -> connector.taskConfigs(most));
        if (configs.size() > most) {
            throw new ConnectException("the plugin wants " + configs.size() + " tasks, and tasks.max is " + most);
        }
        List<ConnectorTask> started = new ArrayList<>();
        for (int number = 0; number < configs.size(); number++) {
            Map<String, String> properties = new HashMap<>(configs.get(number));
            properties.putIfAbsent(
                    CommonConfig.TASK_CLASS_KEY, connector.taskClass().getName());
            copyTopics(properties);
            started.add(task(new TaskSettings(
                    context, context, config, properties, number, configs.size(), plugins, classes, figures)));
        }
        tasks = List.copyOf(started);
        tasks.forEach(ConnectorTask::start);
    }

    private ConnectorTask task(TaskSettings settings) {
        long stopMillis = config.getLong(CommonConfig.STOP_TIMEOUT);
        TaskThread here = new TaskThread(
                context,
                settings.number(),
                () -> Work.of(
                        settings,
                        () -> connector.taskClass().getDeclaredConstructor().newInstance()),
                stopMillis,
                paused);
        return lending.<ConnectorTask>map(each -> new SpreadTask(each, settings, here, stopMillis))
                .orElse(here);
    }

    /** Has each task run where it belongs, as leaders of other groups come and go, until the end. */
    private void divide() {
        try {
            while (!signal.isStopping()) {
                move();
                signal.pause(LOOK_MILLIS);
            }
        } catch (InterruptedException e) {
            LOG.debug("connector {}: its tasks are not divided any more", context.name(), e);
        }
    }

    private synchronized void move() {
        List<ConnectorTask> misplaced = tasks.stream()
                .filter(each -> isWell() && each instanceof SpreadTask task && task.isMisplaced())
                .toList();
        misplaced.forEach(ConnectorTask::signalStop);
        misplaced.forEach(ConnectorTask::awaitStop);
        misplaced.forEach(ConnectorTask::start);
    }

    private boolean isWell() {
        return !stopped && error.isEmpty();
    }

    private void failed(String what, Exception e) {
        context.counters().error();
        error = Texts.describe(e);
        LOG.warn("connector {}: {}: {}", context.name(), what, error);
    }

    private void copyTopics(Map<String, String> properties) {
        for (String key : List.of(CommonConfig.TOPICS, CommonConfig.TOPICS_REGEX)) {
            if (!config.originalsStrings().getOrDefault(key, "").isEmpty()) {
                properties.put(key, config.originalsStrings().get(key));
            }
        }
    }

    @Override
    public ConnectorStatus status() {
        State state = stopped ? State.STOPPED : !error.isEmpty() ? State.FAILED : paused ? State.PAUSED : State.RUNNING;
        return new ConnectorStatus(
                state, error, tasks.stream().map(ConnectorTask::status).toList(), lending.isPresent());
    }

    @Override
    public void pause() {
        paused = true;
        tasks.forEach(ConnectorTask::pause);
    }

    @Override
    public void resume() {
        paused = false;
        tasks.forEach(ConnectorTask::resume);
    }

    @Override
    public synchronized void restart(int task) {
        List<ConnectorTask> all = tasks;
        if (task < 0 || task >= all.size()) {
            throw ConnectorContext.invalid("connector " + context.name() + " has no task " + task);
        }
        all.get(task).restart();
    }

    @Override
    public synchronized void stop() {
        stopped = true;
        signal.stop();
        stopTasks();
        lending.ifPresent(Lending::close);
        try {
            Foreign.run(classes, connector::stop);
        } catch (Exception e) {
            LOG.warn("connector {} did not stop well: {}", context.name(), Texts.describe(e));
        }
        figures.close();
        offsets.close();
    }

    private void stopTasks() {
        List<ConnectorTask> all = tasks;
        all.forEach(ConnectorTask::signalStop);
        all.forEach(ConnectorTask::awaitStop);
        tasks = List.of();
    }

    /** The plugin has seen something that changes what its tasks have to do, such as a new table. */
    private void reconfigure() {
        context.thread("reconfigure", () -> {
                    synchronized (this) {
                        if (stopped) {
                            return;
                        }
                        LOG.info("connector {}: its tasks are made anew", context.name());
                        stopTasks();
                        try {
                            startTasks();
                        } catch (Exception e) {
                            failed("its tasks cannot be made anew", e);
                        }
                    }
                })
                .start();
    }

    private void raise(Exception raised) {
        failed("it failed", raised);
        tasks.forEach(ConnectorTask::signalStop);
    }

    private final class SourceContext implements SourceConnectorContext {
        @Override
        public OffsetStorageReader offsetStorageReader() {
            return offsets;
        }

        @Override
        public void requestTaskReconfiguration() {
            reconfigure();
        }

        @Override
        public void raiseError(Exception raised) {
            raise(raised);
        }

        @Override
        public PluginMetrics pluginMetrics() {
            return figures.ofConnector();
        }
    }

    private final class SinkContextOfConnector implements SinkConnectorContext {
        @Override
        public void requestTaskReconfiguration() {
            reconfigure();
        }

        @Override
        public void raiseError(Exception raised) {
            raise(raised);
        }

        @Override
        public PluginMetrics pluginMetrics() {
            return figures.ofConnector();
        }
    }
}
