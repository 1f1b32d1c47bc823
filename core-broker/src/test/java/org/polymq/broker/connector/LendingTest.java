/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.Answer;
import org.polymq.broker.Broker;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.TestBroker;
import org.polymq.broker.connector.Connector.Target;
import org.polymq.broker.connector.lend.Borrowing;
import org.polymq.broker.connector.lend.Lending;
import org.polymq.broker.connector.lend.LendingProtocol;
import org.polymq.broker.connector.lend.Loan;
import org.polymq.broker.message.Address;
import org.polymq.broker.message.BodyKind;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.Property;
import org.polymq.broker.security.Origin;

/** The lending of tasks between leaders, over streams in this process: what is fenced off, and when. */
class LendingTest {
    private static final String NAME = "source";
    private static final Map<String, String> PROPERTIES = Map.of("of", "the task");
    /** The task whose group is the one in slot 1. */
    private static final int TASK_OF_B = Math.floorMod(1 - NAME.hashCode(), 3);

    @TempDir
    Path directory;

    private final GroupsInProcess groups = new GroupsInProcess(List.of());
    private final LendingProtocol streams = new LendingProtocol();
    private final AtomicLong now = new AtomicLong();
    private final List<Leader> leaders = new ArrayList<>();
    private Broker broker;
    private ConnectorContext context;
    private Lending lending;

    private record Groups(LendingTest test, int slot) implements ConnectorGroups {
        @Override
        public List<String> names() {
            return List.of("a", "b", "c");
        }

        @Override
        public Connectors defined() {
            throw new AssertionError("is not asked for by what lends");
        }

        @Override
        public CompletionStage<ConnectorReports> ask(int asked, String after) {
            throw new AssertionError("is not asked for by what lends");
        }

        @Override
        public CompletionStage<Channel> openHome(ChannelHandler handler) {
            return test.groups.open(test.streams, handler);
        }
    }

    /** The leader of another group. It ends tasks when the test says so. */
    private final class Leader implements Borrowing.Worker {
        private final BlockingQueue<Borrowing.Task> begun = new LinkedBlockingQueue<>();
        private final CompletableFuture<Void> mayEnd = new CompletableFuture<>();
        private final Thread thread;
        private volatile boolean over;

        private Leader(int slot) {
            thread = new Thread(() -> {
                try {
                    new Borrowing(NAME, new Groups(LendingTest.this, slot)).serve(this);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } finally {
                    over = true;
                }
            });
            thread.start();
            leaders.add(this);
        }

        @Override
        public void opened() {}

        @Override
        public void begin(Borrowing.Task task) {
            begun.add(task);
        }

        @Override
        public void end(Borrowing.Task task) {
            mayEnd.join();
        }

        private Borrowing.Task awaitTask() throws InterruptedException {
            Borrowing.Task task = begun.poll(30, TimeUnit.SECONDS);
            assertThat(task).isNotNull();
            return task;
        }
    }

    @BeforeEach
    void open() {
        broker = TestBroker.open(directory);
        Connector connector = new Connector(NAME, "fake", "", Target.RUNNING, Map.of("spread", "true"), Set.of(), 0);
        Answer<Connector> stored = new Answer<>();
        broker.forConnectors().connectors().put(connector, Lane.direct(), stored);
        Groups seen = new Groups(this, 0);
        context = new ConnectorContext(
                stored.get(),
                connector.config(),
                broker.forConnectors(),
                broker.forConnectors().security().access("", new Origin("connector", NAME)),
                new ConnectorCounters(),
                InstantSource.system(),
                Optional.of(new ConnectorContext.Spread(seen, streams)));
        lending = new Lending(context.lent(), seen, streams, now::get);
        streams.add(NAME, lending);
    }

    @AfterEach
    void close() throws InterruptedException {
        lending.close();
        for (Leader each : leaders) {
            each.mayEnd.complete(null);
            each.thread.join();
        }
        broker.close();
        groups.close();
    }

    private Loan lendToB() {
        await().until(() -> lending.isServed(1));
        return lending.begin(1, TASK_OF_B, 4, PROPERTIES).orElseThrow();
    }

    private static Message message(String text) {
        return Message.to(Address.split("to/here"))
                .body(BodyKind.TEXT, text.getBytes(UTF_8))
                .groupKey("key")
                .properties(List.of(Property.of("n", (Object) 5L), Property.of("b", (Object) true)))
                .build();
    }

    private Map<String, String> positions() {
        return broker.forConnectors().connectors().positions(NAME);
    }

    @Test
    void whatATaskBringsIsStoredWithItsPositions() throws Exception {
        Leader leader = new Leader(1);
        lendToB();
        Borrowing.Task task = leader.awaitTask();

        assertThat(task.number()).isEqualTo(TASK_OF_B);
        assertThat(task.tasks()).isEqualTo(4);
        assertThat(task.config()).isEqualTo(context.config());
        assertThat(task.properties()).isEqualTo(PROPERTIES);
        assertThat(task.log().store(List.of(message("one"), message("two")), Map.of("file", "2")))
                .hasSize(2)
                .allMatch(stored -> stored.isStored());
        assertThat(task.log().store(List.of(), Map.of("other", "1"))).isEmpty();

        assertThat(positions()).isEqualTo(Map.of("file", "2", "other", "1"));
        assertThat(task.log().positions()).isEqualTo(positions());
        assertThat(context.counters().counts().received()).isEqualTo(2);
        Message refused = Message.to(Address.of("x".repeat(1_000))).text("x").build();
        assertThatThrownBy(() -> task.log().store(List.of(refused), Map.of("file", "3")))
                .isInstanceOf(BrokerException.class);
        assertThat(positions()).containsEntry("file", "2");
    }

    @Test
    void theOneBeforeStoresNothingWhenTheNextLeaderOfItsGroupHasTheTask() throws Exception {
        Leader before = new Leader(1);
        Loan loan = lendToB();
        Borrowing.Task old = before.awaitTask();
        old.log().store(List.of(message("one")), Map.of("file", "1"));

        Leader next = new Leader(1);
        await().until(() -> before.over);
        assertThat(loan.isOver()).isTrue();
        lendToB();
        Borrowing.Task task = next.awaitTask();

        assertThat(task.log().positions()).isEqualTo(Map.of("file", "1"));
        assertThatThrownBy(() -> old.log().store(List.of(message("late")), Map.of("file", "0")))
                .isInstanceOf(BrokerException.class);
        task.log().store(List.of(message("two")), Map.of("file", "2"));
        assertThat(positions()).isEqualTo(Map.of("file", "2"));
        assertThat(context.counters().counts().received()).isEqualTo(2);
    }

    @Test
    void aTaskThatDoesNotEndIsTakenBackAndStoresNothingMore() throws Exception {
        Leader leader = new Leader(1);
        Loan loan = lendToB();
        Borrowing.Task task = leader.awaitTask();

        loan.end();
        assertThat(task.log().store(List.of(message("at last")), Map.of("file", "1")))
                .as("while it ends")
                .hasSize(1);
        assertThat(loan.isOver()).isFalse();
        loan.awaitEnd(1);

        assertThat(loan.isOver()).isTrue();
        assertThatThrownBy(() -> task.log().store(List.of(message("late")), Map.of("file", "2")))
                .isInstanceOfSatisfying(
                        BrokerException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(Reason.CLOSED));
        assertThat(positions()).isEqualTo(Map.of("file", "1"));
        assertThat(context.counters().counts().errors()).isEqualTo(1);
    }

    @Test
    void aTaskThatEndsIsOverAtOnce() throws Exception {
        Leader leader = new Leader(1);
        leader.mayEnd.complete(null);
        Loan loan = lendToB();
        leader.awaitTask();

        loan.end();
        loan.awaitEnd(TimeUnit.MINUTES.toMillis(1));

        assertThat(loan.isOver()).isTrue();
        assertThat(context.counters().counts().errors()).isZero();
    }

    @Test
    void aGroupIsWaitedForBeforeOthersHaveItsTasks() {
        assertThat(lending.slot(TASK_OF_B)).isEqualTo(1);
        now.addAndGet(TimeUnit.SECONDS.toNanos(6));
        assertThat(lending.slot(TASK_OF_B)).as("nobody else is there").isZero();

        new Leader(2);
        await().until(() -> lending.isServed(2));
        Leader leader = new Leader(1);
        await().until(() -> lending.isServed(1));
        assertThat(lending.slot(TASK_OF_B)).isEqualTo(1);
        leader.thread.interrupt();
        await().until(() -> !lending.isServed(1));
        assertThat(lending.slot(TASK_OF_B)).as("it may have a leader soon").isEqualTo(1);
        assertThat(lending.begin(1, TASK_OF_B, 4, PROPERTIES)).isEmpty();
        now.addAndGet(TimeUnit.SECONDS.toNanos(6));
        assertThat(lending.slot(TASK_OF_B)).isNotEqualTo(1);
    }

    @Test
    void oneThatWasGivenUpLendsNothingWhenAnotherIsThere() throws Exception {
        Leader leader = new Leader(1);
        Loan loan = lendToB();
        leader.awaitTask();

        try (Lending next = new Lending(context.lent(), new Groups(this, 0), streams, now::get)) {
            streams.add(NAME, next);

            assertThat(loan.isOver()).isTrue();
            new Leader(1);
            await().until(() -> next.isServed(1));
        }
    }
}
