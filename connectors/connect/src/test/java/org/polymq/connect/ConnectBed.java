/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.polymq.broker.Answer;
import org.polymq.broker.Broker;
import org.polymq.broker.Lane;
import org.polymq.broker.TestBroker;
import org.polymq.broker.connector.Connector.Target;
import org.polymq.broker.connector.ConnectorGroups;
import org.polymq.broker.connector.ConnectorKinds;
import org.polymq.broker.connector.ConnectorRunner;
import org.polymq.broker.connector.ConnectorSettings;
import org.polymq.broker.connector.ConnectorView;
import org.polymq.broker.message.Address;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.publish.Outgoing;
import org.polymq.broker.publish.Stored;
import org.polymq.broker.topic.Topic;

/** A broker core with connectors of this kind, on a directory of a test: connect-file and the bad plugins. */
final class ConnectBed implements AutoCloseable {
    private final Broker broker;
    private final ConnectorKinds kinds;
    private final ConnectorRunner runner;

    private ConnectBed(Broker broker, Path plugins, Duration patience, Optional<ConnectorGroups> groups) {
        this.broker = broker;
        kinds = new ConnectorKinds(
                plugins.resolve("none"),
                new ConnectorSettings(plugins, Optional.empty(), patience, 20),
                getClass().getClassLoader());
        runner = new ConnectorRunner(
                broker.forConnectors(), kinds, groups, new SimpleMeterRegistry(), InstantSource.system());
    }

    static ConnectBed open(Path directory) throws IOException {
        return open(directory, Duration.ofSeconds(20));
    }

    static ConnectBed open(Path directory, Duration patience) throws IOException {
        return begun(new ConnectBed(
                TestBroker.open(directory.resolve("data")), plugins(directory), patience, Optional.empty()));
    }

    private static ConnectBed begun(ConnectBed bed) {
        bed.runner.start();
        return bed;
    }

    /** Of one group of several, not begun: {@link #runner} is to be started. */
    static ConnectBed open(Path directory, ConnectorGroups groups) throws IOException {
        return new ConnectBed(
                TestBroker.open(directory.resolve("data")),
                plugins(directory),
                Duration.ofSeconds(20),
                Optional.of(groups));
    }

    /** With security on. */
    static ConnectBed openSecured(Path directory) throws IOException {
        return begun(new ConnectBed(
                TestBroker.openSecured(directory.resolve("data")),
                plugins(directory),
                Duration.ofSeconds(20),
                Optional.empty()));
    }

    private static Path plugins(Path directory) throws IOException {
        Path plugins = directory.resolve("plugins");
        if (Files.exists(plugins)) {
            return plugins;
        }
        Files.createDirectories(plugins.resolve("file"));
        try (Stream<Path> built = Files.list(Path.of("target", "plugins"))) {
            for (Path jar : built.toList()) {
                Files.copy(jar, plugins.resolve("file").resolve(jar.getFileName()));
            }
        }
        packBad(plugins.resolve("bad.jar"));
        return plugins;
    }

    /** Puts the bad plugins there in the place of those that are, as an administrator would. */
    static void replaceBad(Path directory) throws IOException {
        Path next = directory.resolve("next.jar");
        packBad(next);
        Files.setLastModifiedTime(next, FileTime.from(Instant.now().plusSeconds(60)));
        Files.move(next, directory.resolve("plugins").resolve("bad.jar"), StandardCopyOption.REPLACE_EXISTING);
    }

    private static void packBad(Path jar) throws IOException {
        Path classes = Path.of("target", "test-classes");
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream packed = new JarOutputStream(out);
                Stream<Path> files = Files.list(classes.resolve("org/polymq/connect/bad"))) {
            for (Path file : files.toList()) {
                packed.putNextEntry(new JarEntry(classes.relativize(file).toString()));
                Files.copy(file, packed);
            }
            packed.putNextEntry(new JarEntry("META-INF/services/org.apache.kafka.connect.source.SourceConnector"));
            packed.write("org.polymq.connect.bad.BadSource\n".getBytes(UTF_8));
        }
    }

    Broker broker() {
        return broker;
    }

    ConnectorRunner runner() {
        return runner;
    }

    static <T> T get(CompletableFuture<T> future) {
        return future.orTimeout(60, TimeUnit.SECONDS).join();
    }

    ConnectorView create(String name, Map<String, String> config) {
        return create(name, "", config);
    }

    ConnectorView create(String name, String user, Map<String, String> config) {
        Map<String, String> whole = new TreeMap<>(config);
        whole.putIfAbsent("value.converter", "org.apache.kafka.connect.storage.StringConverter");
        whole.putIfAbsent("offset.flush.interval.ms", "50");
        return get(runner.create(name, "connect", user, Target.RUNNING, whole));
    }

    ConnectorView view(String name) {
        return runner.get(name);
    }

    void publish(String topic, String text) {
        Answer<Stored> stored = new Answer<>();
        broker.publisher()
                .publish(
                        Outgoing.toTopic(
                                Message.to(Address.of(topic)).text(text).build()),
                        Lane.direct(),
                        stored);
        stored.get();
    }

    /** All that a topic holds, queue by queue. */
    List<Message> messages(String name) {
        List<Message> messages = new ArrayList<>();
        Topic topic = broker.topics().get(name);
        for (int queue = 0; topic != null && queue < topic.queues(); queue++) {
            long key = topic.queueKey(queue);
            long end = broker.queues().end(key);
            if (end > broker.queues().start(key)) {
                broker.queues()
                        .visit(key, broker.queues().start(key), 10_000, (offset, position, size, tag, expires) -> {
                            messages.add(
                                    new StoredMessage(broker.queues().record(position), position, offset).toMessage());
                            return true;
                        });
            }
        }
        return messages;
    }

    List<String> texts(String topic) {
        return messages(topic).stream()
                .map(message -> UTF_8.decode(message.body()).toString())
                .toList();
    }

    @Override
    public void close() {
        runner.close();
        kinds.close();
        broker.close();
    }
}
