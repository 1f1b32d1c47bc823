/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.connector.ConnectorStatus.State;
import org.polymq.broker.connector.ConnectorStatus.Task;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the other groups' leaders say of the connectors that are spread, for the view of the group that defines them.
 * {@link #look} is called by one thread, {@link #whole} by any; nothing blocks.
 */
final class SpreadReports {
    private static final Logger LOG = LoggerFactory.getLogger(SpreadReports.class);

    private static final Duration PAUSE = Duration.ofSeconds(1);
    /** So old, and a group counts as one that does not answer. */
    private static final Duration STALE = Duration.ofSeconds(10);

    private final ConnectorGroups groups;
    private final LongSupplier nanos;
    private final List<Told> others = new ArrayList<>();

    /** One other group's words. */
    private static final class Told {
        private final int slot;
        private final String group;
        private final Map<String, ConnectorReport> reports = new ConcurrentHashMap<>();
        private final AtomicBoolean asked = new AtomicBoolean();
        private volatile long heard;
        private long looked;

        private Told(int slot, String group, long now) {
            this.slot = slot;
            this.group = group;
            this.heard = now - STALE.toNanos();
            this.looked = now - PAUSE.toNanos();
        }
    }

    /** @param nanos a clock such as {@link System#nanoTime} */
    SpreadReports(ConnectorGroups groups, LongSupplier nanos) {
        this.groups = groups;
        this.nanos = nanos;
        for (int slot = 0; slot < groups.names().size(); slot++) {
            if (slot != groups.slot()) {
                others.add(new Told(slot, groups.names().get(slot), nanos.getAsLong()));
            }
        }
    }

    /** Asks whom it is time to ask. */
    void look() {
        long now = nanos.getAsLong();
        for (Told each : others) {
            if (now - each.looked >= PAUSE.toNanos() && each.asked.compareAndSet(false, true)) {
                each.looked = now;
                ask(each, "", new HashMap<>());
            }
        }
    }

    private void ask(Told of, String after, Map<String, ConnectorReport> before) {
        groups.ask(of.slot, after).whenComplete((said, failure) -> {
            if (said == null) {
                LOG.debug("group {} does not say how connectors are doing", of.group, failure);
                of.asked.set(false);
                return;
            }
            said.reports().forEach(each -> before.put(each.name(), each));
            if (said.more() && !said.reports().isEmpty()) {
                ask(of, said.reports().get(said.reports().size() - 1).name(), before);
                return;
            }
            of.reports.putAll(before);
            of.reports.keySet().retainAll(before.keySet());
            of.heard = nanos.getAsLong();
            of.asked.set(false);
        });
    }

    /** What is known of a connector in all groups. */
    ConnectorView whole(ConnectorView own) {
        ConnectorView whole = own;
        for (Told each : others) {
            ConnectorReport report = fresh(each, own.connector().name());
            ConnectorStatus status = own.status().lends()
                    ? lent(whole.status(), report, each.group)
                    : more(whole.status(), report, each.group);
            whole = report == null
                    ? new ConnectorView(own.connector(), status, whole.counts(), whole.lag())
                    : new ConnectorView(
                            own.connector(), status, whole.counts().plus(report.counts()), whole.lag() + report.lag());
        }
        return whole;
    }

    /** With the tasks of another group. */
    private static ConnectorStatus more(ConnectorStatus known, @Nullable ConnectorReport report, String group) {
        List<Task> tasks = new ArrayList<>(known.tasks());
        tasks.addAll(
                report == null ? List.of(new Task(0, State.UNASSIGNED, "", group)) : tasks(report.status(), group));
        return new ConnectorStatus(known.state(), known.error(), tasks);
    }

    /** With what another group says of the tasks that are lent to it. */
    private static ConnectorStatus lent(ConnectorStatus known, @Nullable ConnectorReport report, String group) {
        if (report == null) {
            return known;
        }
        Map<Integer, Task> said = new HashMap<>();
        report.status().tasks().forEach(each -> said.put(each.id(), each));
        List<Task> tasks = new ArrayList<>();
        for (Task task : known.tasks()) {
            Task there = said.get(task.id());
            boolean lent = task.group().equals(group) && task.state() == State.RUNNING;
            tasks.add(lent && there != null ? new Task(task.id(), there.state(), there.error(), group) : task);
        }
        State theirs = report.status().state();
        boolean failed = theirs == State.FAILED || theirs == State.RETRYING;
        String error = failed && known.error().isEmpty()
                ? "group " + group + " takes no tasks: " + report.status().error()
                : known.error();
        return new ConnectorStatus(known.state(), error, tasks, true);
    }

    private @Nullable ConnectorReport fresh(Told of, String connector) {
        return nanos.getAsLong() - of.heard < STALE.toNanos() ? of.reports.get(connector) : null;
    }

    /** A connector that has no tasks there is shown as one, so that its state and what went wrong is seen. */
    private static List<Task> tasks(ConnectorStatus status, String group) {
        if (status.tasks().isEmpty() && status.state() != State.STOPPED) {
            return List.of(new Task(0, status.state(), status.error(), group));
        }
        return status.tasks().stream()
                .map(task -> new Task(task.id(), task.state(), task.error(), group))
                .toList();
    }
}
