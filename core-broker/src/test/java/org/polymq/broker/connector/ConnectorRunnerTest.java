/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.Answer;
import org.polymq.broker.Broker;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.TestBroker;
import org.polymq.broker.connector.Connector.Target;
import org.polymq.broker.connector.ConnectorStatus.State;
import org.polymq.broker.message.Address;
import org.polymq.broker.message.BodyKind;
import org.polymq.broker.message.Message;
import org.polymq.broker.publish.Outgoing;
import org.polymq.broker.publish.Stored;
import org.polymq.broker.subscription.SubscriptionKey;

class ConnectorRunnerTest {
    @TempDir
    Path directory;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private Broker broker;
    private ConnectorKinds kinds;
    private ConnectorRunner runner;

    @BeforeEach
    void open() throws IOException {
        start(Duration.ofSeconds(20));
    }

    private void start(Duration patience) throws IOException {
        broker = TestBroker.open(directory.resolve("data"));
        kinds = FakeKindProvider.kinds(directory, patience);
        runner = new ConnectorRunner(broker.forConnectors(), kinds, registry, InstantSource.system());
        runner.start();
    }

    @AfterEach
    void close() {
        runner.close();
        kinds.close();
        broker.close();
    }

    private static <T> T get(CompletableFuture<T> future) {
        return future.orTimeout(30, TimeUnit.SECONDS).join();
    }

    private ConnectorView create(String name, Map<String, String> config) {
        return get(runner.create(name, "fake", "", Target.RUNNING, config));
    }

    @Test
    void whatWasKeptForAConnectorCountsAsItsLagAndGoesWithIt() {
        create("a", Map.of("does", "nothing"));
        SubscriptionKey key = SubscriptionKey.connector("a", "orders");
        Answer<Done> made = new Answer<>();
        broker.subscriptions().subscribe(key, List.of("orders"), "", Lane.direct(), made);
        made.get();
        publish("orders", "one");

        assertThat(runner.get("a").lag()).isEqualTo(1);

        get(runner.delete("a"));
        assertThat(broker.subscriptions().find(key)).isEmpty();
    }

    private void publish(String topic, String text) {
        Answer<Stored> stored = new Answer<>();
        broker.publisher()
                .publish(
                        Outgoing.toTopic(Message.to(Address.of(topic))
                                .body(BodyKind.TEXT, UTF_8.encode(text))
                                .build()),
                        Lane.direct(),
                        stored);
        stored.get();
    }

    @Test
    void copiesFromWhereItWasAfterARestart() throws IOException {
        create("copy", Map.of("does", "copy", "from", "a", "to", "b", "password", "secret"));
        publish("a", "one");
        await().until(() -> runner.get("copy").counts().sent() == 1);
        await().until(() -> runner.get("copy").lag() == 0);

        close();
        start(Duration.ofSeconds(20));
        publish("a", "two");

        await().until(() -> runner.get("copy").counts().sent() == 1);
        assertThat(runner.get("copy").connector().shownConfig()).containsEntry("password", Connector.MASK);
        assertThat(broker.forConnectors().connectors().positions("copy")).containsEntry("of", "x");
        assertThat(broker.published().all().count()).isEqualTo(2);
        assertThat(registry.get("polymq.connector.sent").functionCounter().count())
                .isEqualTo(1);
        System.gc(); // nothing but the registry may be needed for a figure
        assertThat(registry.get("polymq.connector.running").gauge().value()).isEqualTo(1);
    }

    @Test
    void pausesResumesStopsAndDeletes() {
        create("copy", Map.of("does", "copy", "from", "a", "to", "b"));

        get(runner.setTarget("copy", Target.PAUSED));
        assertThat(runner.get("copy").status().state()).isEqualTo(State.PAUSED);
        get(runner.setTarget("copy", Target.RUNNING));
        assertThat(runner.get("copy").status().state()).isEqualTo(State.RUNNING);
        get(runner.setTarget("copy", Target.STOPPED));
        assertThat(runner.get("copy").status().state()).isEqualTo(State.STOPPED);
        assertThatThrownBy(() -> runner.restart("copy")).hasMessageContaining("resume");
        get(runner.setTarget("copy", Target.RUNNING));
        await().until(() -> runner.get("copy").status().state() == State.RUNNING);

        get(runner.delete("copy"));
        assertThat(runner.all()).isEmpty();
        assertThat(broker.groups().find("fake-copy")).isEmpty();
        assertThatThrownBy(() -> runner.get("copy")).isInstanceOf(BrokerException.class);
    }

    @Test
    void refusesWhatIsWrongAndNamesIt() {
        assertThatThrownBy(() -> create("copy", Map.of("restart.max", "many")))
                .rootCause()
                .hasMessageContaining("restart.max: 'many' is no whole number; does: is missing");
        assertThatThrownBy(() -> get(runner.create("copy", "nothing", "", Target.RUNNING, Map.of())))
                .rootCause()
                .hasMessageContaining("there is no kind 'nothing' of connectors; there is [fake]");
        create("copy", Map.of("does", "copy"));
        assertThatThrownBy(() -> create("copy", Map.of("does", "copy")))
                .rootCause()
                .hasMessageContaining("there is a connector copy already");
    }

    @Test
    void startsAgainWhatFailed() {
        create("task", Map.of("does", "task", "restart.delay.ms", "1"));

        await().until(() -> runner.get("task").status().tasks().get(0).state() == State.RUNNING);
        assertThat(runner.get("task").counts().restarts()).isEqualTo(1);

        create("start", Map.of("does", "fail", "restart.max", "2", "restart.delay.ms", "1"));
        await().until(() -> runner.get("start").status().state() == State.FAILED
                && runner.get("start").counts().restarts() == 2);
        assertThat(runner.get("start").status().error()).isEqualTo("cannot reach the other side");
        assertThat(registry.get("polymq.connector.running")
                        .tag("connector", "start")
                        .gauge()
                        .value())
                .isZero();
    }

    @Test
    void leavesBehindWhatHangs() throws IOException {
        close();
        start(Duration.ofMillis(200));

        create("stuck", new HashMap<>(Map.of("does", "hang")));
        await().until(() -> runner.get("stuck").status().state() == State.FAILED);
        assertThat(runner.get("stuck").status().error()).contains("connectors.patience");

        get(runner.change("stuck", "", Map.of("does", "copy", "from", "a", "to", "b")));
        await().until(() -> runner.get("stuck").status().state() == State.RUNNING);
    }

    @Test
    void refusesAChangeOfAnOldVersion() {
        Connector made = create("copy", Map.of("does", "copy")).connector();
        get(runner.change("copy", "", Map.of("does", "copy", "to", "c")));

        CompletableFuture<Connector> late = new CompletableFuture<>();
        broker.forConnectors()
                .connectors()
                .put(made, Lane.direct(), Reply.of(late::complete, late::completeExceptionally));

        assertThatThrownBy(late::get).isInstanceOf(ExecutionException.class).hasMessageContaining("changed meanwhile");
    }
}
