/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.IOException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Forces the log, in log order, and then tells the requests that wait for it. The next group is what came during the
 * last force.
 *
 * <p>{@link #await}, {@link #hold} and {@link #written} are called under the append lock, {@link #step} by one worker.
 */
final class Flusher {
    private final LogConfig config;
    private final LogFiles files;
    private final Segments segments;
    private final Health health;
    private final Failpoints failpoints;
    private final LongSupplier nanos;
    private final RequestQueue waiting = new RequestQueue();
    private @Nullable Worker worker;
    private @Nullable Background background;
    private @Nullable Runnable released;
    private volatile long forced;
    private volatile boolean dirty;
    private volatile boolean held;
    private long lastForce;
    private long firstUnforced;

    Flusher(
            LogConfig config,
            LogFiles files,
            Segments segments,
            Health health,
            Failpoints failpoints,
            LongSupplier nanos,
            long forced,
            long firstUnforced) {
        this.config = config;
        this.files = files;
        this.segments = segments;
        this.health = health;
        this.failpoints = failpoints;
        this.nanos = nanos;
        this.forced = forced;
        this.firstUnforced = firstUnforced;
        this.lastForce = nanos.getAsLong();
    }

    /**
     * From now on {@link #step} is called.
     *
     * @param afterForce run when something that was {@linkplain #hold held} is durable, or the log failed
     */
    void start(Worker flushing, Background notified, Runnable afterForce) {
        released = afterForce;
        worker = flushing;
        background = notified;
    }

    /** Everything below this position is durable. */
    long forced() {
        return forced;
    }

    /** Completes the request once the log is durable up to its end, or fails it. */
    void await(AppendRequest request) {
        waiting.push(request);
    }

    /** Something was written whose apply waits for the disk. */
    void hold() {
        held = true;
        wake();
    }

    /** Something was written. */
    void written() {
        if (!waiting.isEmpty()) {
            wake();
        } else if (!dirty) {
            dirty = true;
            wake();
        }
    }

    /** A segment was sealed: force it soon, as its index and a snapshot wait for that. */
    void wake() {
        Worker flushing = worker;
        if (flushing != null) {
            flushing.wake();
        }
    }

    /** One round; see {@link Worker.Step}. */
    long step() {
        boolean releasing = held;
        held = false;
        AppendRequest group = waiting.takeAll();
        StorageException failure = health.failure();
        if (failure == null && (group != null || releasing || isDue())) {
            failure = forceAll();
        }
        finish(group, failure);
        Runnable after = released;
        if (after != null && (releasing || failure != null)) {
            after.run();
        }
        if (failure != null) {
            return Worker.Step.UNTIL_WOKEN;
        }
        if (held || !waiting.isEmpty()) {
            return 0;
        }
        return dirty ? Math.max(1, untilDue()) : Worker.Step.UNTIL_WOKEN;
    }

    private synchronized boolean isDue() {
        return (dirty && untilDue() <= 0) || hasSealed();
    }

    private synchronized long untilDue() {
        return lastForce + config.flushInterval().toNanos() - nanos.getAsLong();
    }

    private boolean hasSealed() {
        Segment oldest = segments.byNumber(firstUnforced);
        return oldest != null && oldest.isSealed();
    }

    /** Forces everything written so far. Returns what failed, or null. By the worker, or under the append lock. */
    synchronized @Nullable StorageException forceAll() {
        dirty = false;
        lastForce = nanos.getAsLong();
        FlushEvent event = new FlushEvent();
        long before = forced;
        event.begin();
        try {
            for (Segment segment : segments.array()) {
                if (segment.number() >= firstUnforced) {
                    force(segment);
                }
            }
            if (event.shouldCommit()) {
                event.bytes = forced - before;
                event.commit();
            }
            return null;
        } catch (IOException | RuntimeException e) {
            return health.fail("the disk did not store what was written", e);
        } finally {
            Background notified = background;
            if (notified != null) {
                notified.forced();
            }
        }
    }

    /** In a group: what was written from the position on, in this segment, is taken back, and all after it. */
    synchronized void cut(long segment, long position) {
        firstUnforced = Math.min(firstUnforced, segment);
        forced = Math.min(forced, position);
    }

    private void force(Segment segment) throws IOException {
        boolean sealed = segment.isSealed();
        long end = segment.end();
        if (end > forced) {
            failpoints.hit(Failpoints.Point.FORCE);
            segment.force();
            if (!segment.isNamed()) {
                files.disk().forceDirectory(files.directory());
                segment.named();
            }
            failpoints.hit(Failpoints.Point.FORCED);
            forced = end;
        }
        if (sealed) {
            firstUnforced = segment.number() + 1;
        }
    }

    private void finish(@Nullable AppendRequest group, @Nullable StorageException failure) {
        AppendRequest request = group;
        while (request != null) {
            AppendRequest next = request.next;
            if (failure == null) {
                failpoints.hit(Failpoints.Point.ACKNOWLEDGE);
                Requests.complete(request);
            } else {
                Requests.fail(request, failure);
            }
            request = next;
        }
    }
}
