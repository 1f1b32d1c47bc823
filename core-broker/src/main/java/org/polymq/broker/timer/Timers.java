/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.timer;

import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Future;
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
 * Keeps messages until they are due and then makes them visible, each exactly once, in the order in which they are due;
 * what is due at the same time in the order of storing. Many that are due together go into the log in batches, a few of
 * which are on their way at once. Only if the log refuses a batch for a while (a full disk), those behind it may be
 * seen before it. Due is what the wall clock says: if it is set, so are the waiting messages, within a second. Safe
 * from any thread.
 */
public final class Timers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Timers.class);
    /** Bytes on their way into the log from which on no batch follows: what the heap holds of a burst. */
    private static final int BYTES_IN_FLIGHT = 2 << 20;
    /** How many are searched for at once. */
    private static final int SEARCHED_AT_ONCE = 2_048;
    /** How long at most until the clock is looked at while something waits: it may have been set. */
    private static final long LONGEST_WAIT = 1_000;
    /** Between two looks while timers are due all the time, ms: together they cost less. */
    private static final long SHORTEST_WAIT = 5;

    private static final long RETRY_MILLIS = 1_000;

    private final TimersView view;
    private final Committer committer;
    private final QueueReader log;
    private final InstantSource clock;
    private final int maxMessageSize;
    private final int batchBytes;
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
    /** The next look and when it is ({@link System#nanoTime}), if one is planned; guarded by this. */
    private @Nullable Future<?> planned;

    private long plannedAt;
    /** Before this there is no look; likewise. */
    private long rested = System.nanoTime();

    // Confined to the executor.
    private final Deque<PendingTimer> due = new ArrayDeque<>();
    /** Where the next search begins: nothing waits before it but what is in {@link #due} or on its way. */
    private PendingTimer from = new PendingTimer(0, 0);
    /** From when on (ms since the epoch) all is to be searched again, once nothing is on its way. */
    private long again = Long.MAX_VALUE;

    private int batchesInFlight;
    private int bytesInFlight;
    /** Whether the end of a batch is waited for before more is done. */
    private boolean leftOff;

    /** Whether the log refused something a moment ago. */
    private boolean held;

    /**
     * @param maxMessageSize in bytes of a record
     * @param maxEntrySize largest entry of the log, bytes
     */
    public Timers(
            TimersView view,
            Committer committer,
            QueueReader log,
            InstantSource clock,
            int maxMessageSize,
            int maxEntrySize) {
        this.view = view;
        this.committer = committer;
        this.log = log;
        this.clock = clock;
        this.maxMessageSize = Math.min(maxMessageSize, TimerBatch.largestMessage(maxEntrySize));
        this.batchBytes = TimerBatch.mostBytes(maxEntrySize);
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
            PendingTimer timer = find(due, id);
            if (timer != null) {
                committer.control(List.of(TimersView.ended(timer)), lane, reply, results -> Done.DONE);
                return;
            }
            lane.execute(() -> reply.failed(new BrokerException(
                    Reason.OFFSET_OUT_OF_RANGE, "no message " + id + " waits: it was delivered or recalled")));
        } catch (BrokerException unreadable) {
            lane.execute(() -> reply.failed(unreadable));
        }
    }

    private @Nullable PendingTimer find(long due, String id) {
        for (PendingTimer timer : view.find(due, TimerRecord.idHash(id))) {
            ByteBuffer message = TimerRecord.message(log.record(timer.position()));
            if (id.equals(new StoredMessage(message, timer.position(), 0).id())) {
                return timer;
            }
        }
        return null;
    }

    /**
     * Whether a message waits. One that does not, and did, is stored in its queue, or was recalled.
     *
     * @param due when it is due, exactly
     * @param id its id
     */
    public void isWaiting(long due, String id, Lane lane, Reply<Boolean> reply) {
        try {
            executor.execute(() -> {
                try {
                    boolean waits = find(due, id) != null;
                    lane.execute(() -> reply.ok(waits));
                } catch (BrokerException unreadable) {
                    lane.execute(() -> reply.failed(unreadable));
                }
            });
        } catch (RejectedExecutionException e) {
            lane.execute(() -> reply.failed(new BrokerException(Reason.CLOSED, "the broker is closing", e)));
        }
    }

    /**
     * Those that wait behind one, which may be gone, the earliest first. May wait for the disk.
     *
     * @param last {@code new PendingTimer(0, -1)} for the beginning
     * @param most how many at most
     */
    public List<PendingTimer> waiting(PendingTimer last, int most) {
        return view.after(last, most);
    }

    /**
     * Takes a message back that is not due yet; nobody will see it.
     *
     * @param reply OFFSET_OUT_OF_RANGE if it was delivered or taken back already
     */
    public void cancel(PendingTimer timer, Lane lane, Reply<Done> reply) {
        committer.control(List.of(TimersView.ended(timer)), lane, reply, results -> Done.DONE);
    }

    /** Sees to it that there is a look when something is due. Any thread; must not block. */
    private void plan(long time) {
        long wait = Math.min(Math.max(0, time - clock.millis()), LONGEST_WAIT);
        synchronized (this) {
            long now = System.nanoTime();
            long delay = Math.max(TimeUnit.MILLISECONDS.toNanos(wait), rested - now);
            if (planned != null) {
                if (now + delay - plannedAt >= 0) {
                    return;
                }
                planned.cancel(false);
            }
            plannedAt = now + delay;
            try {
                planned = executor.schedule(this::plannedLook, delay, TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException e) {
                LOG.debug("the broker closes: messages wait for the next start", e);
            }
        }
    }

    private void plannedLook() {
        synchronized (this) {
            planned = null;
            rested = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(SHORTEST_WAIT);
        }
        look();
    }

    private void look() {
        if (held) {
            return;
        }
        try {
            deliver();
        } catch (RuntimeException e) {
            LOG.error("delayed messages wait longer", e);
            retry(0);
        }
    }

    private void deliver() {
        leftOff = false;
        long added = view.takeEarliestAdded();
        if (added <= from.due()) { // equal: the search may have met a later one of that time and not this one
            again = Math.min(again, added);
        }
        if (again != Long.MAX_VALUE) {
            if (batchesInFlight > 0) {
                leftOff = true;
                return;
            }
            due.clear();
            from = new PendingTimer(again, 0);
            again = Long.MAX_VALUE;
        }
        while (!due.isEmpty() || search()) {
            if (bytesInFlight >= BYTES_IN_FLIGHT) {
                leftOff = true;
                return;
            }
            send(TimerBatch.next(due, this::visible, batchBytes));
        }
    }

    /** Whether more is due; otherwise plans for the next that is. */
    private boolean search() {
        TimersView.Found found = view.due(from, clock.millis(), SEARCHED_AT_ONCE);
        due.addAll(found.due());
        PendingTimer next = found.next();
        if (next != null) {
            from = next;
            plan(next.due());
        } else if (!due.isEmpty()) {
            PendingTimer last = due.getLast();
            from = new PendingTimer(last.due(), last.position() + 1);
        }
        return !due.isEmpty();
    }

    private void send(TimerBatch batch) {
        batchesInFlight++;
        bytesInFlight += batch.bytes();
        committer.<Done>messages(
                batch.records(),
                false,
                lane,
                Reply.of(done -> ended(batch), cause -> refused(batch, cause)),
                results -> Done.DONE);
    }

    /** As it is to be stored again, or null if it is damaged: it is lost and must not hold up the others. */
    private @Nullable ByteBuffer visible(PendingTimer timer) {
        try {
            ByteBuffer message = TimerRecord.message(log.record(timer.position()));
            MessageRecord.setFlags(message, MessageRecord.flags(message) | MessageRecord.CONDITIONAL);
            return message;
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

    private void ended(TimerBatch batch) {
        batchesInFlight--;
        bytesInFlight -= batch.bytes();
        if (leftOff) {
            look();
        }
    }

    /** A part may have been refused alone: its topic is gone, or it was recalled. It does not wait any more. */
    private void refused(TimerBatch batch, BrokerException cause) {
        if (cause.reason().caller() == Reason.Caller.CHANGES_REQUEST) {
            LOG.warn("a delayed message is dropped: {}", cause.getMessage());
        } else if (cause.reason() == Reason.CLOSED) {
            held = true;
        } else {
            LOG.warn("delayed messages wait longer: {}", cause.getMessage());
            retry(batch.due());
        }
        ended(batch);
    }

    /** Searches again in a while for what is due from a time (ms since the epoch) on. */
    private void retry(long time) {
        again = Math.min(again, time);
        if (held) {
            return;
        }
        held = true;
        try {
            executor.schedule(
                    () -> {
                        held = false;
                        look();
                    },
                    RETRY_MILLIS,
                    TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("the broker closes: messages wait for the next start", e);
        }
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
