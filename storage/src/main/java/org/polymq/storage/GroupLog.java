/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of one node of a group. Requests become proposals; entries are written as the group hands them out, and
 * applied once they are committed. All nodes of a group write the same bytes at the same positions.
 *
 * <p>Entries are written by one thread at a time and applied by one thread at a time; both may run at once. Reads are
 * safe from any thread.
 */
public final class GroupLog extends Combiner {
    private static final Logger LOG = LoggerFactory.getLogger(GroupLog.class);

    /** What may be on its way through the group at once, so that a slow group does not fill the heap. */
    private static final long MOST_PROPOSED =
            Math.min(64L << 20, Runtime.getRuntime().maxMemory() / 8);

    private final long logId;
    private final Segments segments;
    private final QueueIndex index;
    private final Slabs slabs;
    private final StateMachine machine;
    private final InstantSource clock;
    private final Failpoints failpoints;
    private final Flusher flusher;
    private final Background background;
    private final GroupWriter writer;
    private final AtomicLong proposedBytes = new AtomicLong();
    private final Object applying = new Object();

    private volatile @Nullable Consensus consensus;
    private volatile Listener listener = (lastIndex, lastTerm) -> {};

    // Guarded by the append lock.
    private long lastProposed;

    // Guarded by applying.
    private @Nullable Segment current;
    private @Nullable OpenIndex currentIndex;
    private long currentNumber;
    private long nextPosition;
    private volatile long appliedIndex;
    private long appliedTerm;
    private long appliedTime;

    /** Hears of snapshots. */
    @FunctionalInterface
    public interface Listener {
        /**
         * The state as of an entry was taken; {@link Log#whenSnapshotWritten} hears when it is on disk. While the next
         * entry is being applied.
         */
        void snapshotTaken(long lastIndex, long lastTerm);
    }

    /**
     * Goes on behind what recovery found.
     *
     * @param found what recovery found
     * @param snapshot where the state stands
     */
    GroupLog(Appender.Parts parts, Recovery.Result found, Snapshot.Header snapshot) throws IOException {
        super(parts.config(), parts.health());
        this.logId = parts.logId();
        this.segments = parts.segments();
        this.index = parts.index();
        this.slabs = parts.slabs();
        this.machine = parts.machine();
        this.clock = parts.clock();
        this.failpoints = parts.failpoints();
        this.flusher = parts.flusher();
        this.background = parts.background();
        this.writer = new GroupWriter(parts, found);
        this.currentNumber = snapshot.lastSegment();
        this.nextPosition = snapshot.position();
        this.appliedIndex = snapshot.nextIndex() - 1;
        this.appliedTime = snapshot.lastTime();
        this.appliedTerm = term(appliedIndex);
    }

    /** Who is told of snapshots. Before anything is applied. */
    public void listen(Listener told) {
        listener = told;
    }

    /** From now on requests are proposed: this node leads. */
    public void lead(Consensus leading) {
        consensus = leading;
    }

    /** From now on requests are refused: another node leads, or none. */
    public void follow() {
        consensus = null;
    }

    // Proposing

    @Override
    @Nullable
    StorageException refusal(AppendRequest request) {
        StorageException refusal = super.refusal(request);
        if (refusal == null && consensus == null) {
            return notLeading();
        }
        if (refusal == null && proposedBytes.get() > MOST_PROPOSED) {
            return new StorageException(
                    StorageException.Reason.BUSY, "the group does not keep up; try again when it has");
        }
        return refusal;
    }

    private static StorageException notLeading() {
        return new StorageException(StorageException.Reason.NOT_LEADING, "this node does not lead its group");
    }

    @Override
    void writeBatch() {
        if (batch.isEmpty()) {
            return;
        }
        Consensus leading = consensus;
        if (leading == null) {
            refuseBatch(notLeading());
            return;
        }
        long time = Math.max(clock.millis(), Math.max(writer.lastTime(), lastProposed));
        lastProposed = time;
        ByteBuffer body = EntryBody.encode(batch, batchLength, time);
        int size = body.remaining();
        proposedBytes.addAndGet(size);
        ProposedEntry proposed = new ProposedEntry(List.copyOf(batch), () -> ended(size));
        takeBatch().clear();
        leading.propose(body, proposed);
    }

    private void ended(int size) {
        if (proposedBytes.addAndGet(-size) == 0) {
            synchronized (proposedBytes) {
                proposedBytes.notifyAll();
            }
        }
    }

    /**
     * Waits until nothing that was proposed here is on its way through the group.
     *
     * @return false if something still is when the time is over
     */
    public boolean awaitQuiet(Duration patience) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        synchronized (proposedBytes) {
            while (proposedBytes.get() != 0) {
                long left = (end - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    return false;
                }
                proposedBytes.wait(left);
            }
        }
        return true;
    }

    @Override
    void aborted(StorageException failure) {
        flusher.wake();
    }

    @Override
    void forced() {
        // Requests wait for the group, not for this disk.
    }

    // Storing

    /**
     * Writes entries that follow on the last. With {@link FlushMode#SYNC} they are durable when it returns.
     *
     * @throws StorageException if they are not written; final
     */
    public void write(List<GroupEntry> entries) {
        writer.write(entries);
    }

    /**
     * Takes back the entries after the given one, which were never committed.
     *
     * @throws IllegalArgumentException if one of them was applied
     */
    public void cutAfter(long lastKept) {
        synchronized (applying) {
            if (lastKept < appliedIndex) {
                throw new IllegalArgumentException(
                        "entry " + appliedIndex + " was applied and cannot be taken back to " + lastKept);
            }
            writer.cutAfter(lastKept, appliedTime);
        }
    }

    /** Index of the first entry behind the older snapshot, or of the first from which on all are here. */
    public long firstIndex() {
        return writer.firstIndex(background.olderSnapshot());
    }

    /**
     * From now on this entry and later ones are kept, and can be {@linkplain #entry read} also when their segment was
     * removed. Before the first call all are.
     */
    public void keepFrom(long entryIndex) {
        background.keepFrom(writer.positionOf(entryIndex));
    }

    /** Index of the last entry written; 0 if there is none. */
    public long lastIndex() {
        return writer.lastIndex();
    }

    /** The term of an entry; 0 if it is not here. */
    public long term(long entryIndex) {
        return writer.term(entryIndex);
    }

    /**
     * One entry, or null if it is not here.
     *
     * @throws StorageException CORRUPT if it is damaged
     */
    public @Nullable GroupEntry entry(long entryIndex) {
        return writer.entry(entryIndex);
    }

    /** Index of the last entry applied, or left out as nothing to apply; 0 if there is none. */
    public long appliedIndex() {
        return appliedIndex;
    }

    // Applying

    /**
     * Applies a committed entry of messages and those before it that were not applied; does nothing if it was applied
     * before. Waits until it is written.
     *
     * @param proposed what waits for it here, or null
     * @throws StorageException if the log failed meanwhile
     */
    public void apply(long entryIndex, @Nullable ProposedEntry proposed) {
        writer.awaitWritten(entryIndex);
        synchronized (applying) {
            while (appliedIndex < entryIndex) {
                applyNext(appliedIndex + 1 == entryIndex ? proposed : null);
            }
        }
        if (proposed != null) {
            answer(proposed);
        }
    }

    private void applyNext(@Nullable ProposedEntry proposed) {
        Segment segment = segmentOfNext();
        int offset = (int) (nextPosition - segment.start());
        long applied = appliedIndex + 1;
        int length = segment.withBytes((bytes, limit) -> {
            int size = bytes.getInt(offset + EntryFormat.LENGTH);
            if (bytes.getLong(offset + EntryFormat.INDEX) != applied) {
                throw new StorageException(
                        StorageException.Reason.CORRUPT,
                        "at " + nextPosition + " is not entry " + applied + ", which was to be applied");
            }
            appliedTerm = bytes.getLong(offset + EntryFormat.TERM);
            appliedTime = bytes.getLong(offset + EntryFormat.TIME);
            segment.readableBelow(nextPosition + size);
            if (bytes.getInt(offset + EntryFormat.KIND) == GroupEntry.Kind.MESSAGES.number()) {
                applyRecords(bytes, offset, proposed);
            }
            return size;
        });
        nextPosition += length;
        appliedIndex = applied;
    }

    private void applyRecords(ByteBuffer bytes, int offset, @Nullable ProposedEntry proposed) {
        int count = bytes.getInt(offset + EntryFormat.RECORDS);
        List<AppendRequest> origins = proposed == null ? List.of() : proposed.requests();
        int request = 0;
        int part = 0;
        int at = EntryFormat.HEADER;
        for (int i = 0; i < count; i++) {
            int length = bytes.getInt(offset + at);
            ByteBuffer record = bytes.slice(offset + at + EntryFormat.FRAME, length);
            while (request < origins.size()
                    && part == origins.get(request).records().size()) {
                request++;
                part = 0;
            }
            AppendRequest origin = request < origins.size() ? origins.get(request) : null;
            machine.apply(nextPosition + at, appliedTime, record, origin, part);
            at += EntryFormat.FRAME + length;
            part++;
        }
        machine.entryApplied();
    }

    private void answer(ProposedEntry proposed) {
        proposed.end();
        for (AppendRequest request : proposed.requests()) {
            if (request.sync() && config.flush() == FlushMode.ASYNC) {
                flusher.await(request);
                flusher.written();
            } else {
                failpoints.hit(Failpoints.Point.ACKNOWLEDGE);
                Requests.complete(request);
            }
        }
    }

    /** The segment that the next entry to apply is in. */
    private Segment segmentOfNext() {
        Segment now = current;
        if (now != null && (nextPosition < now.end() || !now.isSealed())) {
            return now;
        }
        Segment next = segments.byNumber(currentNumber + 1);
        if (next == null) {
            throw new StorageException(
                    StorageException.Reason.CORRUPT, "segment " + (currentNumber + 1) + " is not there to be applied");
        }
        if (now != null) {
            leave(now, next);
        }
        currentNumber = next.number();
        current = next;
        nextPosition = next.start() + SegmentHeader.SIZE;
        OpenIndex fresh = new OpenIndex(next.start(), slabs);
        fresh.keys(new SegmentKeys(next, machine::keys));
        currentIndex = fresh;
        next.index(fresh, 0);
        index.open(next, fresh);
        return next;
    }

    /** All of a sealed segment is applied: its index can be written, and a snapshot taken. */
    private void leave(Segment segment, Segment next) {
        OpenIndex full = currentIndex;
        if (full != null) {
            background.sealed(segment, full);
            flusher.wake();
        }
        if (background.isSnapshotPending()) {
            return;
        }
        try {
            background.save(Snapshot.take(
                    new Snapshot.Header(logId, next.start(), segment.number(), appliedIndex + 1, appliedTime, false),
                    segments,
                    index,
                    machine));
            listener.snapshotTaken(appliedIndex, appliedTerm);
        } catch (IOException e) {
            LOG.error("No snapshot can be taken; the next start applies more of the log", e);
        }
    }

    // The end

    @Override
    void roll() {
        throw new UnsupportedOperationException("in a group segments end where their entries say");
    }

    @Override
    @Nullable
    Snapshot close() {
        run(new Command(() -> {
            closed = true;
            consensus = null;
        }));
        writer.close();
        return null;
    }

    @Override
    Segment open() {
        return writer.open();
    }
}
