/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.connector.ConfigProblem;
import org.polymq.broker.connector.ConnectorContext;
import org.polymq.broker.connector.ConnectorKind;
import org.polymq.broker.connector.ConnectorKindProvider;
import org.polymq.broker.connector.ConnectorPlugin;
import org.polymq.broker.connector.ConnectorSettings;
import org.polymq.broker.connector.ConnectorStatus;
import org.polymq.broker.connector.ConnectorStatus.State;
import org.polymq.broker.connector.ReadMessage;
import org.polymq.broker.connector.ReadOptions;
import org.polymq.broker.connector.RunningConnector;
import org.polymq.broker.connector.TopicReader;

/** Connectors that append the messages of {@code topics} to {@code file}, a line each. */
public final class LineKindProvider implements ConnectorKindProvider {
    @Override
    public String name() {
        return "lines";
    }

    @Override
    public ConnectorKind open(ConnectorSettings settings) {
        return new Kind();
    }

    private static final class Kind implements ConnectorKind {
        @Override
        public List<ConnectorPlugin> plugins() {
            return List.of();
        }

        @Override
        public List<ConfigProblem> check(String name, Map<String, String> config) {
            return List.of();
        }

        @Override
        public Set<String> hidden(Map<String, String> config) {
            return Set.of();
        }

        @Override
        public RunningConnector start(ConnectorContext context) {
            return new Lines(context);
        }

        @Override
        public void close() {}
    }

    private static final class Lines implements RunningConnector {
        private final ConnectorContext context;
        private final Thread thread;
        private volatile State state = State.RUNNING;
        private volatile String error = "";
        private volatile boolean stopping;

        private Lines(ConnectorContext context) {
            this.context = context;
            this.thread = context.thread("task-0", this::work);
            thread.start();
        }

        private void work() {
            Map<String, String> config = context.config();
            Path file = Path.of(config.getOrDefault("file", ""));
            List<String> topics = List.of(config.getOrDefault("topics", "").split(","));
            try (TopicReader reader = context.reader(ReadOptions.all(topics))) {
                while (!stopping) {
                    for (ReadMessage read : reader.poll(10, 1 << 20, Duration.ofMillis(50))) {
                        String line = UTF_8.decode(read.message().toMessage().body()) + "\n";
                        Files.writeString(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                        context.counters().sent(1);
                        reader.commit(Map.of(read.queue(), read.offset() + 1));
                    }
                }
            } catch (InterruptedException e) {
                state = State.STOPPED;
            } catch (IOException | UncheckedIOException e) {
                error = String.valueOf(e.getMessage());
                state = State.FAILED;
            }
        }

        @Override
        public ConnectorStatus status() {
            return new ConnectorStatus(State.RUNNING, "", List.of(new ConnectorStatus.Task(0, state, error)));
        }

        @Override
        public void pause() {}

        @Override
        public void resume() {}

        @Override
        public void restart(int task) {
            throw new BrokerException(
                    Reason.INVALID_REQUEST, "connector has no task " + task + " that can be started anew");
        }

        @Override
        public void stop() {
            stopping = true;
            try {
                thread.join();
            } catch (InterruptedException e) {
                thread.interrupt();
                Thread.currentThread().interrupt();
            }
        }
    }
}
