/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.timer;

import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.message.MessageRecord;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.publish.Stored;
import org.polymq.broker.state.Committer;
import org.polymq.broker.state.QueueReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps messages until they are due and then makes them visible, each exactly once. Due is what the wall clock says: if
 * it is set, so are the waiting messages, within a second. Safe from any thread.
 */
public final class Timers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Timers.class);
    private static final int MOST_AT_ONCE = 256;
    private static final int BYTES_AT_ONCE = 1 << 20;
    /** How long at most until the clock is looked at while something waits: it may have been set. */
    private static final long LONGEST_WAIT = 1_000;

    private static final long RETRY_MILLIS = 1_000;

    private final TimersView view;
    private final Committer committer;
    private final QueueReader log;
    private final InstantSource clock;
    private final int maxMessageSize;
    private final ScheduledThreadPoolExecutor executor;
    private final Lane lane = new Lane() {
        @Override
        public boolean inLane() {
            return false;
        }

        @Override
        public void execute(Runnable task) {
            onExecutor(task);
        }
    };
    /** When the next look is planned for, ms since the epoch by our clock; guarded by this. */
    private long plannedFor = Long.MAX_VALUE;

    /** Whether messages are on their way into the log; confined to the executor. */
    private boolean busy;

    /** {@code maxMessageSize} in bytes of a record. */
    public Timers(TimersView view, Committer committer, QueueReader log, InstantSource clock, int maxMessageSize) {
        this.view = view;
        this.committer = committer;
        this.log = log;
        this.clock = clock;
        this.maxMessageSize = maxMessageSize;
        this.executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "polymq-timers");
            thread.setDaemon(true);
            return thread;
        });
        executor.setRemoveOnCancelPolicy(true);
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** Begins to deliver, also what became due while the broker was down. */
    public void start() {
        view.onAdded(this::plan);
        if (view.size() > 0) {
            plan(clock.millis());
        }
    }

    /** How many messages began to wait since the process began; only what it grows by means something. */
    public long staged() {
        return view.staged();
    }

    /** How many messages were delivered or recalled since the process began; likewise. */
    public long ended() {
        return view.ended();
    }

    /** How many messages wait. */
    public long pending() {
        return view.size();
    }

    /**
     * The record that stages a message.
     *
     * @param due when it becomes visible, ms since the epoch; if that is past, at once
     * @param message its record, as it will be stored then
     * @throws BrokerException MESSAGE_TOO_LARGE
     */
    public ByteBuffer staged(long due, ByteBuffer message) {
        if (message.remaining() > maxMessageSize) {
            throw new BrokerException(
                    Reason.MESSAGE_TOO_LARGE,
                    "message of " + message.remaining() + " bytes with its properties exceeds the limit of "
                            + maxMessageSize);
        }
        return TimerRecord.of(Math.max(0, due), message);
    }

    /** Stores a message that nobody sees until it is due; see {@link #staged}. */
    public void stage(long due, ByteBuffer message, Lane lane, Reply<Stored> reply) {
        ByteBuffer record;
        try {
            record = staged(due, message);
        } catch (BrokerException refused) {
            reply.failed(refused);
            return;
        }
        committer.messages(List.of(record), false, lane, reply, results -> (Stored) results[0]);
    }

    /**
     * Takes a message back that is not due yet; nobody will see it.
     *
     * @param due when it is due, exactly
     * @param id its id
     * @param reply OFFSET_OUT_OF_RANGE if no such message waits
     */
    public void recall(long due, String id, Lane lane, Reply<Done> reply) {
        try {
            executor.execute(() -> recallFound(due, id, lane, reply));
        } catch (RejectedExecutionException e) {
            lane.execute(() -> reply.failed(new BrokerException(Reason.CLOSED, "the broker is closing", e)));
        }
    }

    private void recallFound(long due, String id, Lane lane, Reply<Done> reply) {
        try {
            for (PendingTimer timer : view.find(due, TimerRecord.idHash(id))) {
                ByteBuffer message = TimerRecord.message(log.record(timer.position()));
                if (id.equals(new StoredMessage(message, timer.position(), 0).id())) {
                    committer.control(List.of(TimersView.ended(timer)), lane, reply, results -> Done.DONE);
                    return;
                }
            }
            lane.execute(() -> reply.failed(new BrokerException(
                    Reason.OFFSET_OUT_OF_RANGE, "no message " + id + " waits: it was delivered or recalled")));
        } catch (BrokerException unreadable) {
            lane.execute(() -> reply.failed(unreadable));
        }
    }

    /** Sees to it that there is a look when something is due. Any thread; must not block. */
    private void plan(long due) {
        long now = clock.millis();
        long wait = Math.min(Math.max(0, due - now), LONGEST_WAIT);
        synchronized (this) {
            if (now + wait >= plannedFor && plannedFor > now) {
                return;
            }
            plannedFor = now + wait;
        }
        try {
            executor.schedule(this::look, wait, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("the broker closes: messages wait for the next start", e);
        }
    }

    private void look() {
        synchronized (this) {
            plannedFor = Long.MAX_VALUE;
        }
        if (busy) {
            return; // who is busy looks again afterwards
        }
        try {
            deliver();
        } catch (RuntimeException e) {
            LOG.error("delayed messages wait longer", e);
            later();
        }
    }

    private void deliver() {
        List<PendingTimer> due = view.due(clock.millis(), MOST_AT_ONCE);
        if (due.isEmpty()) {
            long next = view.nextDue();
            if (next != Long.MAX_VALUE) {
                plan(next);
            }
            return;
        }
        List<ByteBuffer> records = new ArrayList<>();
        int bytes = 0;
        for (PendingTimer timer : due) {
            ByteBuffer visible = visible(timer);
            int size = visible == null ? 0 : visible.remaining();
            if (bytes > 0 && bytes + size > BYTES_AT_ONCE) {
                break;
            }
            bytes += size;
            records.add(TimersView.ended(timer));
            if (visible != null) {
                records.add(visible);
            }
        }
        busy = true;
        committer.<Done>messages(
                records, false, lane, Reply.of(done -> delivered(), this::refused), results -> Done.DONE);
    }

    /** A copy to be stored again, or null if it is damaged: it is lost and must not hold up the others. */
    private @Nullable ByteBuffer visible(PendingTimer timer) {
        try {
            ByteBuffer message = TimerRecord.message(log.record(timer.position()));
            ByteBuffer copy =
                    ByteBuffer.allocate(message.remaining()).put(message).flip();
            MessageRecord.setFlags(copy, MessageRecord.flags(copy) | MessageRecord.CONDITIONAL);
            return copy;
        } catch (BrokerException e) {
            if (e.reason() != Reason.UNAVAILABLE) {
                throw e;
            }
            LOG.error("a delayed message is lost: {}", e.getMessage());
            return null;
        }
    }

    private void onExecutor(Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debug("the broker closes: messages wait for the next start", e);
        }
    }

    private void delivered() {
        busy = false;
        look();
    }

    /** A part may have been refused alone: its topic is gone, or it was recalled. It does not wait any more. */
    private void refused(BrokerException cause) {
        busy = false;
        switch (cause.reason().caller()) {
            case CHANGES_REQUEST -> {
                LOG.warn("a delayed message is dropped: {}", cause.getMessage());
                look();
            }
            default -> {
                if (cause.reason() != Reason.CLOSED) {
                    LOG.warn("delayed messages wait longer: {}", cause.getMessage());
                    later();
                }
            }
        }
    }

    private void later() {
        plan(clock.millis() + RETRY_MILLIS);
    }

    /** Delivers no more. Before the log is closed. */
    @Override
    public void close() {
        executor.shutdown();
        try {
            if (!executor.awaitTermination(5, TimeUnit.SECONDS)) {
                LOG.warn("the delivery of delayed messages did not stop within 5 s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
