/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.IOException;
import java.util.Collections;
import java.util.Iterator;
import java.util.Queue;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What need not happen on the write path: index files, snapshots, deletions, the next segment's file, watching the free
 * space. Nothing here is lost when it fails or is late: indexes stay in memory and recovery starts further back.
 *
 * <p>Work is handed over from under the append lock; {@link #step} is run by one worker.
 */
final class Background {
    private static final Logger LOG = LoggerFactory.getLogger(Background.class);
    private static final long PERIOD = TimeUnit.SECONDS.toNanos(1);
    private static final long PERIOD_WHEN_FULL = TimeUnit.MILLISECONDS.toNanos(250);

    private final LogConfig config;
    private final LogFiles files;
    private final long logId;
    private final QueueIndex index;
    private final Flusher flusher;
    private final Health health;
    private final Reserve reserve;
    private final Failpoints failpoints;
    private final LongSupplier nanos;
    private final Queue<Work> work = new ConcurrentLinkedQueue<>();
    private final Queue<Deletion> deletions = new ConcurrentLinkedQueue<>();
    /** Those of these, and one that is about to be among them. */
    private final Set<Segment> held = ConcurrentHashMap.newKeySet();
    /** Cleanings that would take away what the next start still reads. */
    private final Queue<Clean> early = new ConcurrentLinkedQueue<>();

    /** Segments whose files are gone, while somebody knows them. */
    private final Set<Segment> deleted = Collections.newSetFromMap(new WeakHashMap<>());

    private final Cleaner cleaner;
    private @Nullable Worker worker;
    private volatile long spareWanted;
    private volatile boolean snapshotPending;
    private volatile boolean grouped;
    private volatile long kept = Long.MAX_VALUE;
    private volatile LongConsumer written = position -> {};
    private volatile long newestSnapshot;
    private volatile long olderSnapshot;
    private long nextCheck;
    private @Nullable SegmentFile spare;
    private long lastTaken;
    private boolean failing;

    Background(
            LogConfig config,
            LogFiles files,
            long logId,
            QueueIndex index,
            Flusher flusher,
            Health health,
            Reserve reserve,
            Failpoints failpoints,
            LongSupplier nanos,
            RecoveredSnapshots snapshots) {
        this.config = config;
        this.files = files;
        this.logId = logId;
        this.index = index;
        this.flusher = flusher;
        this.health = health;
        this.reserve = reserve;
        this.failpoints = failpoints;
        this.nanos = nanos;
        this.newestSnapshot = snapshots.newest();
        this.olderSnapshot = snapshots.older();
        this.nextCheck = nanos.getAsLong();
        this.cleaner = new Cleaner(files, logId, reserve, failpoints);
    }

    /** Positions of the snapshots that recovery found; 0 for none. */
    record RecoveredSnapshots(long newest, long older) {}

    /** Waits until the log is durable up to the position. */
    private sealed interface Work {
        long after();
    }

    private record Seal(Segment segment, OpenIndex index) implements Work {
        @Override
        public long after() {
            return segment.end();
        }
    }

    private record Save(Snapshot snapshot) implements Work {
        @Override
        public long after() {
            return snapshot.position();
        }
    }

    private record Clean(Segment segment, CleanedIndex index, long cleanedAt, long after) implements Work {}

    private record Deletion(Segment segment, long after) {}

    void start(Worker background) {
        worker = background;
    }

    private void wake() {
        Worker background = worker;
        if (background != null) {
            background.wake();
        }
    }

    void sealed(Segment segment, OpenIndex sealedIndex) {
        work.add(new Seal(segment, sealedIndex));
        wake();
    }

    void save(Snapshot snapshot) {
        snapshotPending = true;
        work.add(new Save(snapshot));
        wake();
    }

    /** The log is a group's, whose engine may ask for every entry until it says otherwise. */
    void grouped() {
        grouped = true;
        kept = 0;
    }

    /** Files of segments that end above the position stay until it is called again. */
    void keepFrom(long position) {
        kept = position;
        wake();
    }

    /** Files of segments that end at or below this position are not needed by a group's engine. */
    long kept() {
        return kept;
    }

    /** The segment is about to be removed, and can be read until its files are deleted. */
    void hold(Segment segment) {
        held.add(segment);
    }

    /** Segments that are removed and whose files are there. */
    Stream<Segment> held() {
        return held.stream();
    }

    /** Whom {@link #step}'s thread tells the position of each snapshot that is on disk. */
    void whenWritten(LongConsumer told) {
        written = told;
    }

    boolean isSnapshotPending() {
        return snapshotPending;
    }

    /** Deletes the segment's files once the log is durable up to the position and nobody reads them any more. */
    void delete(Segment segment, long after) {
        hold(segment);
        deletions.add(new Deletion(segment, after));
        wake();
    }

    /** Writes a cleaned segment's files once the log is durable up to the position. */
    void clean(Segment segment, CleanedIndex cleaned, long cleanedAt, long after) {
        work.add(new Clean(segment, cleaned, cleanedAt, after));
        wake();
    }

    /** The log is durable further than before. */
    void forced() {
        if (!work.isEmpty() || !deletions.isEmpty()) {
            wake();
        }
    }

    /** Asks for the file of the segment that comes next. */
    void wantSpare(long number) {
        spareWanted = number;
        wake();
    }

    /** The file for a new segment: the one made ahead, or one made now, whose name is not durable yet. */
    synchronized SegmentFile nextFile(long number) throws IOException {
        lastTaken = number;
        SegmentFile ready = spare;
        spare = null;
        if (ready != null && ready.number() == number) {
            return ready;
        }
        return SegmentFile.create(files, number, config.segmentSize(), false);
    }

    LogFiles files() {
        return files;
    }

    /** Position of the snapshot that stands for the one before the newest; 0 if there are not two. */
    long olderSnapshot() {
        return olderSnapshot;
    }

    /** Position of the newest snapshot; 0 if there is none. */
    long newestSnapshot() {
        return newestSnapshot;
    }

    /** One round; see {@link Worker.Step}. */
    long step() {
        runDeletions();
        boolean done = runWork();
        makeSpare();
        long now = nanos.getAsLong();
        if (now - nextCheck >= 0) {
            checkSpace();
            nextCheck = now + (health.full() ? PERIOD_WHEN_FULL : PERIOD);
        }
        return done ? 0 : Math.max(1, nextCheck - now);
    }

    private void runDeletions() {
        for (Iterator<Deletion> each = deletions.iterator(); each.hasNext(); ) {
            Deletion deletion = each.next();
            Segment segment = deletion.segment();
            if (deletion.after() <= flusher.forced() && segment.end() <= kept && !isRead(segment)) {
                failpoints.hit(Failpoints.Point.DELETE);
                each.remove();
                delete(segment);
            }
        }
    }

    /**
     * Whether the next start may read the segment's entries again: from the older snapshot, if there are two. In a
     * group removals are applied before this node has its snapshots.
     */
    private boolean isRead(Segment segment) {
        return segment.end() > (olderSnapshot == 0 && !grouped ? newestSnapshot : olderSnapshot);
    }

    private void delete(Segment segment) {
        deleted.add(segment);
        held.remove(segment);
        segment.close();
        try {
            files.disk().delete(files.segment(segment.number()));
            failpoints.hit(Failpoints.Point.DELETED);
            files.disk().delete(files.index(segment.number()));
            LOG.info(
                    "Segment {} was deleted: {} bytes",
                    segment.number(),
                    segment.info().bytes());
        } catch (IOException e) {
            LOG.error("Segment {} cannot be deleted now; the next start tries again", segment.number(), e);
        }
    }

    /** Whether a piece of work was done. */
    private boolean runWork() {
        Work next = work.peek();
        if (next == null || next.after() > flusher.forced()) {
            return false;
        }
        try {
            if (next instanceof Seal seal) {
                writeIndex(seal);
            } else if (next instanceof Save save) {
                writeSnapshot(save.snapshot());
                for (Clean each = early.poll(); each != null; each = early.poll()) {
                    work.add(each);
                }
            } else if (next instanceof Clean clean) {
                clean(clean);
            }
            failing = false;
        } catch (IOException e) {
            if (!failing) {
                failing = true;
                LOG.warn("Writing behind the log fails; the next start takes longer unless it succeeds later", e);
            }
            if (!(next instanceof Save)) {
                return false; // stays first in line: a snapshot needs the indexes below it, and what was cleaned
            }
        }
        if (next instanceof Save) {
            snapshotPending = false;
        }
        work.remove();
        return true;
    }

    /**
     * Of a segment that was removed too, while its files are there: the log may lose its end, and the removal with it.
     */
    private void clean(Clean clean) throws IOException {
        Segment segment = clean.segment();
        if (deleted.contains(segment)) {
            return;
        }
        if (isRead(segment)) {
            cleaner.cleanIndex(segment, clean.index(), clean.cleanedAt());
            early.removeIf(before -> before.segment().equals(segment));
            early.add(clean);
        } else if (segment.isRemoved()) {
            cleaner.cleanIndex(segment, clean.index(), clean.cleanedAt());
        } else {
            cleaner.clean(segment, clean.index(), clean.cleanedAt());
        }
    }

    private void writeIndex(Seal seal) throws IOException {
        Segment segment = seal.segment();
        failpoints.hit(Failpoints.Point.INDEX);
        FileIndex.write(files, logId, segment, seal.index());
        files.disk().forceDirectory(files.directory());
        FileIndex written = FileIndex.open(files, logId, segment.number(), segment.start(), segment.end());
        if (written == null) {
            throw new IOException("the index of segment " + segment.number() + " reads back damaged");
        }
        segment.finish();
        index.rest(seal.index());
        segment.sealed(seal.index(), written);
    }

    /** Writes a snapshot and deletes all but the two newest. */
    void writeSnapshot(Snapshot snapshot) throws IOException {
        failpoints.hit(Failpoints.Point.SNAPSHOT);
        snapshot.write(files, failpoints);
        failpoints.hit(Failpoints.Point.SNAPSHOT_DONE);
        if (snapshot.position() != newestSnapshot) {
            olderSnapshot = newestSnapshot;
            newestSnapshot = snapshot.position();
        }
        for (long position : files.snapshots()) {
            if (position != newestSnapshot && position != olderSnapshot) {
                files.deleteSnapshot(position);
            }
        }
        written.accept(snapshot.position());
    }

    private synchronized void makeSpare() {
        long number = spareWanted;
        spareWanted = 0;
        if (number <= lastTaken || spare != null) {
            return;
        }
        try {
            spare = SegmentFile.create(files, number, config.segmentSize(), true);
        } catch (IOException e) {
            LOG.warn("The file of segment {} cannot be made ahead; it is made when it is needed", number, e);
        }
    }

    /** Refuses messages if there is less space than there should be. */
    void checkFull() {
        try {
            long usable = files.disk().usableSpace(files.directory());
            if (!health.full() && usable < config.fullBelow()) {
                health.full(true, usable + " bytes are free, the limit is " + config.fullBelow());
            }
        } catch (IOException e) {
            LOG.warn("The free space of {} cannot be told", files.directory(), e);
        }
    }

    /** The same; and takes the reserve, and messages again, when there is space for it. */
    private void checkSpace() {
        checkFull();
        try {
            long usable = files.disk().usableSpace(files.directory());
            long wanted = config.fullBelow() + reserve.missing() + config.maxEntrySize();
            if (health.full()) {
                if (usable >= wanted && reserve.ensure()) {
                    health.full(false, usable + " bytes are free");
                }
            } else if (reserve.missing() > 0 && usable >= wanted + reserve.missing()) {
                reserve.ensure();
            }
        } catch (IOException e) {
            LOG.warn("The space of the reserve in {} cannot be taken", files.directory(), e);
        }
    }

    /** Ends the work when the log closes: what cannot be done is left to recovery. */
    void finish() {
        while (runWork()) {
            runDeletions();
        }
        runDeletions();
        held.forEach(Segment::close);
        discardSpare();
    }

    /** Whether every sealed segment has its index. */
    boolean isIdle() {
        return work.isEmpty();
    }

    private synchronized void discardSpare() {
        SegmentFile unused = spare;
        spare = null;
        if (unused != null) {
            try {
                unused.discard(files);
            } catch (IOException e) {
                LOG.warn("An unused segment file stays until the next start", e);
            }
        }
    }
}
