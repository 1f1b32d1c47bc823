/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.polymq.broker.connector.Connector.Target;
import org.polymq.broker.connector.ConnectorCounters.Counts;
import org.polymq.broker.connector.ConnectorStatus.State;
import org.polymq.broker.connector.ConnectorStatus.Task;

class SpreadReportsTest {
    private static final Counts COUNTS = new Counts(1, 2, 3, 4, 5, 6, 7, 8);

    private final AtomicLong now = new AtomicLong();
    private final Other other = new Other();
    private final SpreadReports reports = new SpreadReports(other, now::get);

    /** Two groups, of which the second answers when the test says so. */
    private static final class Other implements ConnectorGroups {
        private final List<CompletableFuture<ConnectorReports>> asked = new ArrayList<>();
        private final List<String> after = new ArrayList<>();

        @Override
        public List<String> names() {
            return List.of("a", "b");
        }

        @Override
        public int slot() {
            return 0;
        }

        @Override
        public Connectors defined() {
            throw new AssertionError("the first group defines them itself");
        }

        @Override
        public CompletionStage<ConnectorReports> ask(int slot, String behind) {
            assertThat(slot).isEqualTo(1);
            after.add(behind);
            CompletableFuture<ConnectorReports> answer = new CompletableFuture<>();
            asked.add(answer);
            return answer;
        }

        @Override
        public CompletionStage<Channel> openHome(ChannelHandler handler) {
            throw new AssertionError("the first group lends, and does not borrow");
        }

        private void answer(ConnectorReports said) {
            asked.get(asked.size() - 1).complete(said);
        }
    }

    private static ConnectorReport report(String name, Task... tasks) {
        return new ConnectorReport(name, new ConnectorStatus(State.RUNNING, "", List.of(tasks)), COUNTS, 9);
    }

    private ConnectorView whole(ConnectorStatus own) {
        Connector connector =
                new Connector("x", "fake", "", Target.RUNNING, Map.of(Connector.SPREAD, "true"), Set.of(), 1);
        return reports.whole(new ConnectorView(connector, own, COUNTS, 0));
    }

    private ConnectorView whole(String name) {
        Connector connector =
                new Connector(name, "fake", "", Target.RUNNING, Map.of(Connector.SPREAD, "true"), Set.of(), 1);
        return reports.whole(new ConnectorView(
                connector, new ConnectorStatus(State.RUNNING, "", List.of(new Task(0, State.RUNNING, ""))), COUNTS, 1));
    }

    private void pass(long seconds) {
        now.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
        reports.look();
    }

    @Test
    void whatAGroupSaidCountsUntilItIsOld() {
        pass(0);
        other.answer(new ConnectorReports(List.of(report("x", new Task(3, State.FAILED, "broken"))), false));

        ConnectorView whole = whole("x");
        assertThat(whole.lag()).isEqualTo(10);
        assertThat(whole.counts()).isEqualTo(new Counts(2, 4, 6, 8, 10, 12, 14, 16));
        assertThat(whole.status().tasks())
                .extracting(Task::group, Task::id, Task::state, Task::error)
                .containsExactly(tuple("", 0, State.RUNNING, ""), tuple("b", 3, State.FAILED, "broken"));

        pass(11);
        other.asked.get(1).completeExceptionally(new IllegalStateException("away"));
        assertThat(whole("x").lag()).isEqualTo(1);
        assertThat(whole("x").status().tasks())
                .extracting(Task::group, Task::state)
                .containsExactly(tuple("", State.RUNNING), tuple("b", State.UNASSIGNED));
        pass(2);
        assertThat(other.asked).as("it is asked again").hasSize(3);
    }

    @Test
    void aGroupIsNotAskedWhileItOwesAnAnswer() {
        pass(0);
        pass(5);

        assertThat(other.asked).hasSize(1);
    }

    @Test
    void asksOnWhereAnAnswerEnded() {
        pass(0);
        other.answer(new ConnectorReports(List.of(report("x", new Task(0, State.RUNNING, ""))), true));
        assertThat(whole("x").lag()).as("not before all is known").isEqualTo(1);
        other.answer(new ConnectorReports(List.of(report("y", new Task(0, State.PAUSED, ""))), false));

        assertThat(other.after).containsExactly("", "x");
        assertThat(whole("x").lag()).isEqualTo(10);
        assertThat(whole("y").status().tasks().get(1).state()).isEqualTo(State.PAUSED);
    }

    @Test
    void aGroupWithoutTasksIsShownAsOneUnlessItIsStopped() {
        pass(0);
        ConnectorStatus failed = ConnectorStatus.of(State.FAILED, "no such plugin");
        ConnectorStatus stopped = ConnectorStatus.of(State.STOPPED, "");
        other.answer(new ConnectorReports(
                List.of(new ConnectorReport("x", failed, COUNTS, 0), new ConnectorReport("y", stopped, COUNTS, 0)),
                false));

        assertThat(whole("x").status().tasks()).contains(new Task(0, State.FAILED, "no such plugin", "b"));
        assertThat(whole("y").status().tasks()).hasSize(1);
    }

    @Test
    void tasksThatAreLentAreKnownHereAndHowTheyAreDoingFromTheirGroup() {
        pass(0);
        ConnectorStatus own = new ConnectorStatus(
                State.RUNNING,
                "",
                List.of(
                        new Task(0, State.RUNNING, ""),
                        new Task(1, State.RUNNING, "", "b"),
                        new Task(2, State.UNASSIGNED, "", "b"),
                        new Task(3, State.RUNNING, "", "b")),
                true);
        assertThat(whole(own).status()).isEqualTo(own);

        ConnectorStatus theirs = new ConnectorStatus(
                State.RETRYING,
                "no such plugin",
                List.of(
                        new Task(0, State.FAILED, "it was here once"),
                        new Task(1, State.FAILED, "broken"),
                        new Task(2, State.RUNNING, "")));
        other.answer(new ConnectorReports(List.of(new ConnectorReport("x", theirs, COUNTS, 0)), false));

        ConnectorView whole = whole(own);
        assertThat(whole.status().tasks())
                .containsExactly(
                        new Task(0, State.RUNNING, ""),
                        new Task(1, State.FAILED, "broken", "b"),
                        new Task(2, State.UNASSIGNED, "", "b"),
                        new Task(3, State.RUNNING, "", "b"));
        assertThat(whole.status().error()).isEqualTo("group b takes no tasks: no such plugin");
        assertThat(whole.counts().received()).isEqualTo(2);
    }

    @Test
    void reportsFitWhatNodesSay() {
        Task failed = new Task(0, State.FAILED, "\u20ac".repeat(10_000));
        ConnectorReport large = report("x", Collections.nCopies(500, failed).toArray(Task[]::new));

        ConnectorReports fit = ConnectorReports.of(
                List.of(large, report("y"), large, report("z")).iterator());

        assertThat(fit.more()).isTrue();
        assertThat(fit.reports()).extracting(ConnectorReport::name).containsExactly("x", "y");
        byte[] bytes = fit.toBytes();
        assertThat(bytes.length).isLessThanOrEqualTo(ConnectorReports.MOST_BYTES);
        ConnectorReports read = ConnectorReports.read(ByteBuffer.wrap(bytes));
        assertThat(read.more()).isTrue();
        assertThat(read.reports().get(0).status().tasks()).hasSize(40);
        assertThat(read.reports().get(1)).isEqualTo(report("y"));
        assertThatThrownBy(() -> ConnectorReports.read(ByteBuffer.wrap(bytes, 0, 100)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
