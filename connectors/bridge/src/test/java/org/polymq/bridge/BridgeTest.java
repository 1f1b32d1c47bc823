/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.bridge.remote.Inbound;
import org.polymq.bridge.remote.Outbound;
import org.polymq.broker.Broker;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.TestBroker;
import org.polymq.broker.connector.Awaited;
import org.polymq.broker.connector.Connector.Target;
import org.polymq.broker.connector.ConnectorKinds;
import org.polymq.broker.connector.ConnectorRunner;
import org.polymq.broker.connector.ConnectorSettings;
import org.polymq.broker.connector.ConnectorStatus.State;
import org.polymq.broker.message.Address;
import org.polymq.broker.message.Destination;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.Property;
import org.polymq.broker.publish.Outgoing;
import org.polymq.broker.publish.Stored;
import org.polymq.broker.subscription.Consumer;
import org.polymq.broker.subscription.ConsumerOptions;
import org.polymq.broker.subscription.Delivery;
import org.polymq.broker.subscription.SubscriptionKey;

/** What a bridge does whatever its remote speaks. */
class BridgeTest {
    private static final SubscriptionKey ARRIVED = SubscriptionKey.jmsDurable("test", "arrived");

    @TempDir
    Path directory;

    private final FakeRemote remote = new FakeRemote();
    private final List<Message> arrived = new CopyOnWriteArrayList<>();
    private Broker broker;
    private ConnectorKinds kinds;
    private ConnectorRunner runner;

    @BeforeEach
    void open() throws Exception {
        Path plugins = directory.resolve("plugins");
        FakeBridgeKind.REMOTES.put(plugins, remote);
        broker = TestBroker.open(directory.resolve("data"));
        kinds = new ConnectorKinds(
                directory.resolve("none"),
                new ConnectorSettings(plugins, Optional.empty(), Duration.ofSeconds(30), 10),
                getClass().getClassLoader());
        runner = new ConnectorRunner(broker.forConnectors(), kinds, new SimpleMeterRegistry(), InstantSource.system());
        runner.start();
    }

    @AfterEach
    void close() {
        runner.close();
        kinds.close();
        broker.close();
        FakeBridgeKind.REMOTES.remove(directory.resolve("plugins"));
    }

    @Test
    void whatFailsIsSentAgainAndNothingOvertakesIt() throws Exception {
        remote.failures.set(2);
        create(Map.of("out", "a"));
        for (int i = 0; i < 20; i++) {
            publish("a", Integer.toString(i));
        }

        await().until(() -> runner.get("b").lag() == 0);
        assertThat(remote.sent.stream().map(BridgeTest::text).distinct()).containsExactly(range(0, 20));
    }

    @Test
    void whatIsRefusedBecomesADeadLetterAndTheRestGoesOn() throws Exception {
        remote.refused = outbound -> text(outbound).equals("1");
        create(Map.of("out", "a"));
        for (int i = 0; i < 4; i++) {
            publish("a", Integer.toString(i));
        }

        await().until(() -> remote.sent.size() == 3 && runner.get("b").lag() == 0);
        assertThat(remote.sent.stream().map(BridgeTest::text)).containsExactly("0", "2", "3");
        listen(SubscriptionKey.queue("%DLQ%BRIDGE-b"));
        await().until(() -> arrived.size() == 1);
        assertThat(arrived.get(0).properties().toString())
                .contains("DLQ_REASON")
                .contains("not here");
    }

    @Test
    void aRefusalStopsALinkThatIsToldSoUntilItIsRestarted() throws Exception {
        remote.refused = outbound -> text(outbound).equals("1");
        create(Map.of("out", "a", "refused", "stop"));
        for (int i = 0; i < 3; i++) {
            publish("a", Integer.toString(i));
        }

        await().until(() -> runner.get("b").status().tasks().stream().anyMatch(task -> task.state() == State.STOPPED));
        remote.refused = outbound -> false;
        runner.restartTask("b", 0).get(30, TimeUnit.SECONDS);

        await().until(() -> runner.get("b").lag() == 0);
        assertThat(remote.sent.stream().map(BridgeTest::text)).containsExactly("0", "1", "2");
    }

    @Test
    void whatCameFromTheRemoteIsNotSentBackAndWhatWasHereIsNotTakenAgain() throws Exception {
        subscribe("a");
        create(Map.of("out", "a", "in", "a"));
        publish("a", "mine");
        await().until(() -> remote.sent.size() == 1);
        Message mine = remote.sent.get(0).message();

        remote.toReceive.add(new Inbound(Destination.topic("a"), mine));
        remote.toReceive.add(new Inbound(
                Destination.topic("a"),
                Message.to(Address.of("a")).text("theirs").build()));

        await().until(() -> remote.acknowledged.get() == 2 && runner.get("b").lag() == 0);
        listen(ARRIVED);
        await().until(() -> arrived.size() == 2);
        assertThat(arrived.stream().map(message -> text(message.body()))).containsExactly("mine", "theirs");
        assertThat(remote.sent.stream().map(BridgeTest::text)).containsExactly("mine");
    }

    @Test
    void keepsWhatHasToBeSentWhileItIsStopped() throws Exception {
        create(Map.of("out", "a"));
        publish("a", "0");
        await().until(() -> runner.get("b").lag() == 0);
        runner.setTarget("b", Target.STOPPED).get(30, TimeUnit.SECONDS);

        publish("a", "1");
        assertThat(runner.get("b").lag()).isEqualTo(1);

        runner.setTarget("b", Target.RUNNING).get(30, TimeUnit.SECONDS);
        await().until(() -> runner.get("b").lag() == 0);
        assertThat(remote.sent.stream().map(BridgeTest::text)).containsExactly("0", "1");
    }

    @Test
    void namesAreTranslated() throws Exception {
        subscribe("here/#");
        create(Map.of("out", "a/#=there/#", "in", "x=here/x"));
        publish("a/b", "0");
        remote.toReceive.add(new Inbound(
                Destination.topic("x"),
                Message.to(Address.of("x"))
                        .nativeProperties("TAGS\u0001T\u0002")
                        .properties(List.of(Property.of("k", "v")))
                        .build()));

        await().until(() -> remote.sent.size() == 1 && remote.acknowledged.get() == 1);
        assertThat(remote.sent.get(0).to()).isEqualTo(Destination.topic("there/b"));
        listen(ARRIVED);
        await().until(() -> arrived.size() == 1);
        assertThat(arrived.get(0).address().name()).isEqualTo("here/x");
        assertThat(arrived.get(0).tag()).isEqualTo("T");
    }

    private void create(Map<String, String> options) throws Exception {
        Map<String, String> all = new HashMap<>(options);
        all.put("protocol", "mqtt");
        all.put("url", "mqtt://nowhere");
        all.put("reconnect.min", "10ms");
        all.put("reconnect.max", "50ms");
        runner.create("b", "fake-bridge", "", Target.RUNNING, all).get(30, TimeUnit.SECONDS);
        await().until(() -> !runner.get("b").status().tasks().isEmpty()
                && runner.get("b").status().tasks().stream().allMatch(task -> task.state() == State.RUNNING));
    }

    private void publish(String topic, String text) throws InterruptedException {
        Message message = Message.to(Address.split(topic)).text(text).build();
        Awaited.<Stored>get(reply -> broker.publisher().publish(Outgoing.toTopic(message), Lane.direct(), reply));
    }

    private void subscribe(String filter) throws InterruptedException {
        Awaited.<Done>get(
                reply -> broker.subscriptions().subscribe(ARRIVED, List.of(filter), "", Lane.direct(), reply));
    }

    private void listen(SubscriptionKey key) {
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

    private static String text(Outbound outbound) {
        return text(outbound.message().body());
    }

    private static String text(ByteBuffer body) {
        return StandardCharsets.UTF_8.decode(body).toString();
    }

    private static String[] range(int from, int to) {
        String[] all = new String[to - from];
        for (int i = from; i < to; i++) {
            all[i - from] = Integer.toString(i);
        }
        return all;
    }
}
