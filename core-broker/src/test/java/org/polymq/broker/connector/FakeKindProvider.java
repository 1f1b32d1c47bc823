/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.polymq.broker.connector.ConnectorStatus.State;
import org.polymq.broker.message.Address;
import org.polymq.broker.message.BodyKind;
import org.polymq.broker.message.Message;
import org.polymq.broker.publish.Outgoing;

/**
 * Connectors that do what their key {@code does} says: {@code copy} the topic {@code from} to {@code to}, {@code fail}
 * or {@code hang} at the start, have a {@code task} that fails.
 */
public final class FakeKindProvider implements ConnectorKindProvider {
    /** This kind alone, found as others are; 5 connectors at most. */
    static ConnectorKinds kinds(Path directory, Duration patience) throws IOException {
        Path services = Files.createDirectories(directory.resolve("classes/META-INF/services"));
        Files.writeString(
                services.resolve(ConnectorKindProvider.class.getName()), FakeKindProvider.class.getName() + "\n");
        URL classes = directory.resolve("classes").toUri().toURL();
        return new ConnectorKinds(
                directory.resolve("kinds"),
                new ConnectorSettings(directory.resolve("plugins"), Optional.empty(), patience, 5),
                new URLClassLoader(new URL[] {classes}, FakeKindProvider.class.getClassLoader()));
    }

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public ConnectorKind open(ConnectorSettings settings) {
        return new FakeKind();
    }

    private static final class FakeKind implements ConnectorKind {
        @Override
        public List<ConnectorPlugin> plugins() {
            return List.of(new ConnectorPlugin("fake", "source", "Fake", "1", ""));
        }

        @Override
        public List<ConfigProblem> check(String name, Map<String, String> config) {
            return config.containsKey("does") ? List.of() : List.of(new ConfigProblem("does", "is missing"));
        }

        @Override
        public Set<String> hidden(Map<String, String> config) {
            return Set.of("password");
        }

        @Override
        public RunningConnector start(ConnectorContext context) throws Exception {
            switch (context.config().getOrDefault("does", "")) {
                case "fail" -> throw new IllegalStateException("cannot reach the other side");
                case "hang" -> new CountDownLatch(1).await();
                default -> {}
            }
            return new FakeConnector(context);
        }

        @Override
        public void close() {}
    }

    private static final class FakeConnector implements RunningConnector {
        private final ConnectorContext context;
        private final Thread thread;
        private volatile State task = State.RUNNING;
        private volatile boolean paused;
        private volatile boolean stopping;

        private FakeConnector(ConnectorContext context) {
            this.context = context;
            this.paused = context.startsPaused();
            if (context.config().getOrDefault("does", "").equals("task")) {
                task = State.FAILED;
            }
            this.thread = context.thread("copy", this::copy);
            thread.start();
        }

        private void copy() {
            String from = context.config().getOrDefault("from", "");
            try (TopicReader reader = context.reader(ReadOptions.all(List.of(from)))) {
                while (!stopping) {
                    for (ReadMessage read : reader.poll(10, 1 << 20, Duration.ofMillis(50))) {
                        Message copy = Message.to(Address.of(context.config().getOrDefault("to", "")))
                                .body(BodyKind.TEXT, read.message().toMessage().body())
                                .build();
                        context.publish(
                                List.of(Outgoing.toTopic(copy)), Map.of("at", Long.toString(read.offset()), "of", "x"));
                        reader.commit(Map.of(read.queue(), read.offset() + 1));
                        context.counters().sent(1);
                    }
                }
            } catch (InterruptedException e) {
                task = State.STOPPED;
            }
        }

        @Override
        public ConnectorStatus status() {
            return new ConnectorStatus(
                    paused ? State.PAUSED : State.RUNNING, "", List.of(new ConnectorStatus.Task(0, task, "")));
        }

        @Override
        public void pause() {
            paused = true;
        }

        @Override
        public void resume() {
            paused = false;
        }

        @Override
        public void restart(int number) {
            task = State.RUNNING;
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
