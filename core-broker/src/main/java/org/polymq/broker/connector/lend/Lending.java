/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector.lend;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of one source that is spread over the groups, as the leader of the group that stores them lends them to the
 * leaders of the others. Those ask by a stream each; the newest of a group counts. Clocks only say when a task is given
 * to another: that the one before stores nothing any more is known from its {@link Loan}. Safe from any thread; nothing
 * blocks.
 */
public final class Lending implements AutoCloseable {
    /** As long as a group may have no leader that asks for its tasks, before others have them. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final LentSource source;
    private final LendingProtocol streams;
    private final List<String> names;
    private final int own;
    private final TaskDivision division;
    private final LongSupplier nanos;
    /** By slot; guarded by this. */
    private final Leader[] leaders;

    private boolean closed;

    /** What is known of one group's leader. */
    private static final class Leader {
        private @Nullable LendingStream stream;
        private long lost;

        private Leader(long now) {
            this.lost = now;
        }
    }

    /** @param nanos a clock such as {@link System#nanoTime} */
    public Lending(LentSource source, LendingGroups groups, LendingProtocol streams, LongSupplier nanos) {
        this.source = source;
        this.streams = streams;
        this.names = groups.names();
        this.own = groups.slot();
        this.division = TaskDivision.of(source.name(), names.size());
        this.nanos = nanos;
        this.leaders = new Leader[names.size()];
        for (int slot = 0; slot < leaders.length; slot++) {
            leaders[slot] = new Leader(nanos.getAsLong());
        }
    }

    /** The slot that a task belongs to right now. Who leads there may still have to ask for it. */
    public synchronized int slot(int task) {
        return division.slot(
                task,
                slot -> slot == own || isServed(slot) || nanos.getAsLong() - leaders[slot].lost < GRACE.toNanos());
    }

    /** Whether tasks of a slot run in this process's connector itself. */
    public boolean isOwn(int slot) {
        return slot == own;
    }

    /** Whether tasks can be lent to that group's leader. */
    public synchronized boolean isServed(int slot) {
        return leaders[slot].stream != null;
    }

    /** The group in a slot. */
    public String group(int slot) {
        return names.get(slot);
    }

    /**
     * Lends a task to the leader of a group, with the positions that there are now: whoever had it before has to be
     * over.
     *
     * @param properties what the plugin gave for the task
     * @return empty if the leader is gone
     */
    public Optional<Loan> begin(int slot, int task, int tasks, Map<String, String> properties) {
        LendingStream stream;
        synchronized (this) {
            stream = leaders[slot].stream;
        }
        return stream == null ? Optional.empty() : stream.begin(task, tasks, properties, source);
    }

    /** The leader of a group asks for tasks; false if none are lent to it. */
    boolean attach(LendingStream stream, int slot) {
        LendingStream before;
        synchronized (this) {
            if (closed || slot == own || slot < 0 || slot >= leaders.length) {
                return false;
            }
            before = leaders[slot].stream;
            leaders[slot].stream = stream;
        }
        if (before != null) {
            before.close(); // of one that led before, and may not know that it does not any more
        }
        return true;
    }

    synchronized void detach(LendingStream stream) {
        for (Leader each : leaders) {
            if (each.stream == stream) {
                each.stream = null;
                each.lost = nanos.getAsLong();
            }
        }
    }

    /** Takes everything back; nothing is lent any more. */
    @Override
    public void close() {
        List<LendingStream> open;
        synchronized (this) {
            closed = true;
            open = Arrays.stream(leaders)
                    .flatMap(each -> Stream.ofNullable(each.stream))
                    .toList();
        }
        streams.remove(source.name(), this);
        open.forEach(LendingStream::close);
    }
}
