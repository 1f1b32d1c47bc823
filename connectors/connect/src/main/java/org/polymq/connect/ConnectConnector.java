/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.connector.Connector;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkConnectorContext;
import org.apache.kafka.connect.sink.SinkTask;
import org.apache.kafka.connect.source.SourceConnector;
import org.apache.kafka.connect.source.SourceConnectorContext;
import org.apache.kafka.connect.source.SourceTask;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.polymq.broker.connector.ConnectorContext;
import org.polymq.broker.connector.ConnectorStatus;
import org.polymq.broker.connector.ConnectorStatus.State;
import org.polymq.broker.connector.RunningConnector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A plugin's connector that runs, with its tasks. */
final class ConnectConnector implements RunningConnector {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectConnector.class);

    private final ConnectorContext context;
    private final Plugins plugins;
    private final CommonConfig config;
    private final Connector connector;
    private final ClassLoader classes;
    private final PluginFigures figures;
    private final StoredOffsets offsets;
    private volatile List<TaskThread> tasks = List.of();
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
    }

    /** Starts the connector and its tasks. */
    static ConnectConnector start(ConnectorContext context, Plugins plugins) throws Exception {
        Map<String, String> whole = new HashMap<>(context.config());
        whole.put("name", context.name());
        CommonConfig config = new CommonConfig(whole);
        Connector connector =
                plugins.make(CommonConfig.CLASS_KEY, config.text(CommonConfig.CLASS_KEY), Connector.class, null);
        ConnectConnector running = new ConnectConnector(context, plugins, config, connector);
        boolean started = false;
        try {
            Foreign.run(running.classes, () -> {
                connector.initialize(running.pluginContext());
                connector.start(whole);
            });
            running.startTasks();
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
        List<TaskThread> started = new ArrayList<>();
        for (int number = 0; number < configs.size(); number++) {
            Map<String, String> properties = new HashMap<>(configs.get(number));
            properties.putIfAbsent("task.class", connector.taskClass().getName());
            copyTopics(properties);
            TaskSettings settings =
                    new TaskSettings(context, config, properties, number, configs.size(), plugins, classes, figures);
            started.add(
                    new TaskThread(context, number, work(settings), config.getLong(CommonConfig.STOP_TIMEOUT), paused));
        }
        tasks = List.copyOf(started);
        tasks.forEach(TaskThread::start);
    }

    private void copyTopics(Map<String, String> properties) {
        for (String key : List.of(CommonConfig.TOPICS, CommonConfig.TOPICS_REGEX)) {
            if (!config.originalsStrings().getOrDefault(key, "").isEmpty()) {
                properties.put(key, config.originalsStrings().get(key));
            }
        }
    }

    private Supplier<Work> work(TaskSettings settings) {
        return () -> {
            Task task;
            try {
                task = Foreign.call(
                        classes,
                        () -> connector.taskClass().getDeclaredConstructor().newInstance());
            } catch (Exception e) {
                throw new ConnectException("the plugin's task cannot be made: " + Texts.describe(e), e);
            }
            if (task instanceof SourceTask source) {
                return new SourceWork(settings, source);
            }
            if (task instanceof SinkTask sink) {
                return new SinkWork(settings, sink);
            }
            throw new ConnectException(task.getClass().getName() + " is neither a source's nor a sink's task");
        };
    }

    @Override
    public ConnectorStatus status() {
        State state = stopped ? State.STOPPED : !error.isEmpty() ? State.FAILED : paused ? State.PAUSED : State.RUNNING;
        return new ConnectorStatus(
                state, error, tasks.stream().map(TaskThread::status).toList());
    }

    @Override
    public void pause() {
        paused = true;
        tasks.forEach(TaskThread::pause);
    }

    @Override
    public void resume() {
        paused = false;
        tasks.forEach(TaskThread::resume);
    }

    @Override
    public synchronized void restart(int task) {
        List<TaskThread> all = tasks;
        if (task < 0 || task >= all.size()) {
            throw ConnectorContext.invalid("connector " + context.name() + " has no task " + task);
        }
        all.get(task).restart();
    }

    @Override
    public synchronized void stop() {
        stopped = true;
        stopTasks();
        try {
            Foreign.run(classes, connector::stop);
        } catch (Exception e) {
            LOG.warn("connector {} did not stop well: {}", context.name(), Texts.describe(e));
        }
        figures.close();
        offsets.close();
    }

    private void stopTasks() {
        List<TaskThread> all = tasks;
        all.forEach(TaskThread::signalStop);
        all.forEach(TaskThread::awaitStop);
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
                            context.counters().error();
                            error = Texts.describe(e);
                            LOG.warn("connector {}: its tasks cannot be made anew: {}", context.name(), error);
                        }
                    }
                })
                .start();
    }

    private void raise(Exception raised) {
        context.counters().error();
        error = Texts.describe(raised);
        LOG.warn("connector {} failed: {}", context.name(), error);
        tasks.forEach(TaskThread::signalStop);
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
