/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.Answer;
import org.polymq.broker.Broker;
import org.polymq.broker.Lane;
import org.polymq.broker.TestBroker;
import org.polymq.broker.connector.Connector.Target;
import org.polymq.broker.connector.ConnectorStatus.State;
import org.polymq.broker.connector.ConnectorStatus.Task;
import org.polymq.broker.message.Address;
import org.polymq.broker.message.BodyKind;
import org.polymq.broker.message.Message;
import org.polymq.broker.publish.Outgoing;
import org.polymq.broker.publish.Stored;

/** Connectors that are spread over three groups, each a broker of its own in this process. */
class SpreadConnectorsTest {
    private static final List<String> NAMES = List.of("a", "b", "c");
    private static final String COPY = "copy";

    @TempDir
    Path directory;

    private final List<Member> members = new ArrayList<>();
    private final GroupsInProcess groups = new GroupsInProcess(NAMES);

    private record Member(Broker broker, ConnectorKinds kinds, ConnectorRunner runner) {
        void close() {
            runner.close();
            kinds.close();
            broker.close();
        }
    }

    @BeforeEach
    void open() throws IOException {
        for (int slot = 0; slot < NAMES.size(); slot++) {
            members.add(open(slot));
        }
        members.forEach(each -> each.runner().start());
    }

    private Member open(int slot) throws IOException {
        Broker broker = TestBroker.open(directory.resolve(NAMES.get(slot)));
        ConnectorKinds kinds = FakeKindProvider.kinds(directory, Duration.ofSeconds(20));
        ConnectorRunner runner = new ConnectorRunner(
                broker.forConnectors(),
                kinds,
                Optional.of(groups.seenBy(slot)),
                new SimpleMeterRegistry(),
                InstantSource.system());
        groups.lead(slot, broker, runner);
        return new Member(broker, kinds, runner);
    }

    @AfterEach
    void close() {
        members.forEach(Member::close);
        groups.close();
    }

    private ConnectorRunner runner(int slot) {
        return members.get(slot).runner();
    }

    private static <T> T get(CompletableFuture<T> future) {
        return future.orTimeout(30, TimeUnit.SECONDS).join();
    }

    private void create(int slot, boolean spread) {
        get(runner(slot).create(COPY, "fake", "", Target.RUNNING, config(spread)));
    }

    private static Map<String, String> config(boolean spread) {
        return Map.of("does", "copy", "from", "in", "to", "out", "spread", Boolean.toString(spread));
    }

    private void publish(int slot, String text) {
        Answer<Stored> stored = new Answer<>();
        members.get(slot)
                .broker()
                .publisher()
                .publish(
                        Outgoing.toTopic(Message.to(Address.of("in"))
                                .body(BodyKind.TEXT, UTF_8.encode(text))
                                .build()),
                        Lane.direct(),
                        stored);
        stored.get();
    }

    private long sent(int slot) {
        return runner(slot).all().stream()
                .mapToLong(each -> each.counts().sent())
                .sum();
    }

    private Optional<State> state(int slot) {
        return runner(slot).all().stream().map(each -> each.status().state()).findFirst();
    }

    private void awaitState(int slot, State state) {
        await().until(() -> state(slot).equals(Optional.of(state)));
    }

    @Test
    void everyGroupRunsItOverItsOwnLogAndTheFirstShowsThemAll() {
        for (int slot = 0; slot < NAMES.size(); slot++) {
            publish(slot, "one");
        }
        create(0, true);

        await().until(() -> runner(0).get(COPY).counts().sent() == 3);
        await().until(() -> runner(0).get(COPY).lag() == 0);
        assertThat(runner(0).get(COPY).status().tasks())
                .extracting(Task::group, Task::id, Task::state)
                .containsExactly(
                        tuple("", 0, State.RUNNING), tuple("b", 0, State.RUNNING), tuple("c", 0, State.RUNNING));
        assertThat(List.of(sent(1), sent(2))).containsExactly(1L, 1L);
        assertThat(runner(2).get(COPY).status().tasks()).hasSize(1);
        assertThat(members.get(2).broker().groups().find("fake-copy")).isPresent();
    }

    @Test
    void isPausedStartedAnewStoppedAndDeletedInAllGroups() {
        create(0, true);
        awaitState(1, State.RUNNING);

        get(runner(0).setTarget(COPY, Target.PAUSED));
        awaitState(1, State.PAUSED);
        get(runner(0).setTarget(COPY, Target.RUNNING));
        awaitState(2, State.RUNNING);
        get(runner(0).restart(COPY));
        await().until(() -> runner(1).get(COPY).connector().version()
                == runner(0).get(COPY).connector().version());
        awaitState(1, State.RUNNING);
        get(runner(0).setTarget(COPY, Target.STOPPED));
        awaitState(1, State.STOPPED);
        get(runner(0).setTarget(COPY, Target.RUNNING));
        awaitState(1, State.RUNNING);
        publish(1, "one");
        await().until(() -> sent(1) == 1);

        get(runner(0).delete(COPY));
        await().until(() -> runner(1).all().isEmpty() && runner(2).all().isEmpty());
        assertThat(members.get(1).broker().groups().find("fake-copy")).isEmpty();
        assertThat(members.get(1).broker().forConnectors().connectors().positions(COPY))
                .isEmpty();
    }

    @Test
    void oneThatIsMadeAnewWhileAGroupIsAwayBeginsAnewThere() throws IOException {
        publish(1, "one");
        create(0, true);
        await().until(() -> sent(1) == 1);

        members.get(1).close();
        get(runner(0).delete(COPY));
        create(0, true);
        members.set(1, open(1));
        runner(1).start();

        await().until(() -> sent(1) == 1);
        assertThat(members.get(1).broker().published().all().count())
                .as("the message was copied again")
                .isEqualTo(1);
    }

    @Test
    void goesOnWhereItWasWhenAGroupComesBack() throws IOException {
        publish(1, "one");
        create(0, true);
        await().until(() -> sent(1) == 1);
        await().until(() -> runner(1).get(COPY).lag() == 0);

        members.get(1).close();
        get(runner(0)
                .change(COPY, "", new HashMap<>(Map.of("does", "copy", "from", "in", "to", "two", "spread", "true"))));
        members.set(1, open(1));
        runner(1).start();
        await().until(() ->
                "two".equals(runner(1).get(COPY).connector().config().get("to")));
        publish(1, "two");

        await().until(() -> runner(1).get(COPY).lag() == 0);
        assertThat(sent(1)).isEqualTo(1);
    }

    @Test
    void isChangedWhereItIsDefinedOnly() {
        create(0, true);
        awaitState(1, State.RUNNING);

        assertThatThrownBy(() -> runner(1).setTarget(COPY, Target.PAUSED)).hasMessageContaining("defined in group a");
        assertThatThrownBy(() -> runner(1).change(COPY, "", config(true))).hasMessageContaining("defined in group a");
        assertThatThrownBy(() -> runner(1).delete(COPY)).hasMessageContaining("defined in group a");
        assertThatThrownBy(() -> runner(1).create("other", "fake", "", Target.RUNNING, config(true)))
                .hasMessageContaining("defined in group a");
        get(runner(1).restartTask(COPY, 0));
        get(runner(1).restart(COPY));
        awaitState(1, State.RUNNING);
    }

    @Test
    void aGroupKeepsItsOwnConnectorOfTheSameNameUntilThatIsDeleted() {
        create(1, false);
        create(0, true);
        awaitState(2, State.RUNNING);
        await().until(() -> runner(0).get(COPY).status().tasks().size() == 3);

        assertThat(runner(0).get(COPY).status().tasks())
                .extracting(Task::group, Task::state)
                .contains(tuple("b", State.UNASSIGNED));
        assertThat(runner(1).get(COPY).connector().isSpread()).isFalse();

        get(runner(1).delete(COPY));
        await().until(() ->
                runner(1).all().stream().anyMatch(each -> each.connector().isSpread()));
        awaitState(1, State.RUNNING);
    }

    @Test
    void isNoLongerInOtherGroupsWhenItIsNotSpreadAnyMore() {
        create(0, true);
        awaitState(1, State.RUNNING);

        get(runner(0).change(COPY, "", config(false)));

        await().until(() -> runner(1).all().isEmpty() && runner(2).all().isEmpty());
        assertThat(runner(0).get(COPY).status().tasks()).hasSize(1);
    }

    @Test
    void aGroupThatDoesNotAnswerIsUnassigned() {
        groups.lose(2);
        create(0, true);

        await().until(() -> runner(0).get(COPY).status().tasks().stream()
                .anyMatch(task -> task.group().equals("b") && task.state() == State.RUNNING));
        assertThat(runner(0).get(COPY).status().tasks())
                .extracting(Task::group, Task::state)
                .contains(tuple("c", State.UNASSIGNED));
        groups.lead(2, members.get(2).broker(), runner(2));
        await().until(() ->
                runner(0).get(COPY).status().tasks().stream().allMatch(task -> task.state() == State.RUNNING));
    }
}
