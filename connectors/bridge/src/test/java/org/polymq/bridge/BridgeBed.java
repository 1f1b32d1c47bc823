/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionFactory;
import org.polymq.broker.Awaited;
import org.polymq.broker.Broker;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.TestBroker;
import org.polymq.broker.connector.Connector.Target;
import org.polymq.broker.connector.ConnectorKinds;
import org.polymq.broker.connector.ConnectorRunner;
import org.polymq.broker.connector.ConnectorSettings;
import org.polymq.broker.connector.ConnectorStatus.State;
import org.polymq.broker.connector.ConnectorStatus.Task;
import org.polymq.broker.message.Address;
import org.polymq.broker.message.Message;
import org.polymq.broker.publish.Outgoing;
import org.polymq.broker.publish.Stored;
import org.polymq.broker.subscription.Consumer;
import org.polymq.broker.subscription.ConsumerOptions;
import org.polymq.broker.subscription.Delivery;
import org.polymq.broker.subscription.SubscriptionKey;

/** A broker's core with bridges, mostly one, {@code b}, on a directory of a test. */
final class BridgeBed implements AutoCloseable {
    static final SubscriptionKey ARRIVED = SubscriptionKey.jmsDurable("test", "arrived");

    final List<Message> arrived = new CopyOnWriteArrayList<>();
    private final String kind;
    private final Broker broker;
    private final ConnectorKinds kinds;
    private final ConnectorRunner runner;
    private final Map<String, String> always = new HashMap<>();

    /** @param kind {@code bridge}, or a test's own */
    BridgeBed(Path directory, String kind) throws IOException {
        this.kind = kind;
        broker = TestBroker.open(directory.resolve("data"));
        kinds = new ConnectorKinds(
                directory.resolve("none"),
                new ConnectorSettings(directory.resolve("plugins"), Optional.empty(), Duration.ofSeconds(30), 10),
                getClass().getClassLoader());
        runner = new ConnectorRunner(broker.forConnectors(), kinds, new SimpleMeterRegistry(), InstantSource.system());
        runner.start();
    }

    /** An option of every definition. */
    BridgeBed with(String key, String value) {
        always.put(key, value);
        return this;
    }

    ConnectorRunner runner() {
        return runner;
    }

    static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(Long.getLong("polymq.patience", 180)));
    }

    /** Makes the bridge, and waits until its links are connected: what is published from then on is kept for it. */
    void create(Map<String, String> options) throws Exception {
        define(options);
        soon().until(this::isRunning);
    }

    boolean isRunning() {
        return isRunning("b");
    }

    boolean isRunning(String bridge) {
        List<Task> links = runner.get(bridge).status().tasks();
        return !links.isEmpty() && links.stream().allMatch(link -> link.state() == State.RUNNING);
    }

    /** Makes the bridge, which begins some time later. */
    void define(Map<String, String> options) throws Exception {
        define("b", options);
    }

    /** Makes one of several bridges. */
    void define(String bridge, Map<String, String> options) throws Exception {
        Map<String, String> all = new HashMap<>(always);
        all.putAll(options);
        all.putIfAbsent("protocol", "mqtt");
        all.put("reconnect.min", "10ms");
        all.put("reconnect.max", "50ms");
        runner.create(bridge, kind, "", Target.RUNNING, all).get(30, TimeUnit.SECONDS);
    }

    void publish(String topic, String text) throws InterruptedException {
        publish(Message.to(Address.split(topic)).text(text).build());
    }

    void publish(Message message) throws InterruptedException {
        Awaited.<Stored>get(reply -> broker.publisher().publish(Outgoing.toTopic(message), Lane.direct(), reply));
    }

    void subscribe(String filter) throws InterruptedException {
        Awaited.<Done>get(
                reply -> broker.subscriptions().subscribe(ARRIVED, List.of(filter), "", Lane.direct(), reply));
    }

    /** Has what a subscription keeps, and what comes, put into {@link #arrived}. */
    void listen(SubscriptionKey key) {
        broker.subscriptions()
                .attach(key, ConsumerOptions.exclusive(Lane.direct()), new Consumer.Listener() {
                    @Override
                    public void delivered(List<Delivery> batch) {
                        batch.forEach(delivery -> arrived.add(delivery.message().toMessage()));
                    }

                    @Override
                    public void ended() {}
                })
                .credit(100, 1 << 20);
    }

    List<String> arrivedTexts() {
        return arrived.stream().map(message -> text(message.body())).toList();
    }

    static String text(ByteBuffer body) {
        return StandardCharsets.UTF_8.decode(body).toString();
    }

    @Override
    public void close() {
        runner.close();
        kinds.close();
        broker.close();
    }
}
