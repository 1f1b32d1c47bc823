/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.function.LongConsumer;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One append-only log of records, with the queues that point into it and the snapshots of what the records did. Safe
 * from any thread.
 *
 * <p>In {@link FlushMode#SYNC} a completed request survives a power cut, and so does what can be seen of it: it is
 * applied once it is durable. In {@link FlushMode#ASYNC} it survives a killed process; a power cut may take a suffix of
 * the log, at most what the last flush interval wrote, and never leaves a hole.
 */
public final class Log implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Log.class);

    private final LogConfig config;
    private final LogFiles files;
    private final Environment environment;
    private final Closeable lock;
    private final Segments segments = new Segments();
    private final QueueIndex index = new QueueIndex(segments);
    private final Slabs slabs = new Slabs();
    private final Health health;
    private final Reserve reserve;
    private volatile @Nullable Running running;
    private @Nullable Recovery recovering;
    private volatile boolean closed;

    /**
     * What a simulation replaces.
     *
     * @param identity gives a new log its number
     * @param workers makes the two threads
     */
    record Environment(LongSupplier identity, LongSupplier nanos, Worker.Factory workers, Health health) {
        static Environment real() {
            Health health = new Health();
            return new Environment(
                    new SecureRandom()::nextLong,
                    System::nanoTime,
                    (name, step) -> WorkerThread.start(name, step, health),
                    health);
        }
    }

    /** The parts of a recovered log. */
    private record Running(
            Combiner appender,
            Flusher flusher,
            Background background,
            Worker flushing,
            Worker working,
            RecoveryInfo recovery) {}

    private Log(LogConfig config, LogFiles files, Environment environment, Closeable lock) {
        this.config = config;
        this.files = files;
        this.environment = environment;
        this.lock = lock;
        this.health = environment.health();
        this.reserve = new Reserve(files, config.segmentSize());
    }

    /**
     * Opens the log and brings the state back: loads the newest usable snapshot, applies the rest, cuts a torn tail and
     * warns of what it cut. {@link StateMachine#attach} is called first.
     *
     * @throws StorageException FAILED if another process has the directory; CORRUPT if the disk lost what it had
     *     stored, or a newer version wrote it
     */
    public static Log open(
            LogConfig config, Disk disk, InstantSource clock, Failpoints failpoints, StateMachine machine)
            throws IOException {
        return open(config, disk, clock, failpoints, machine, Environment.real());
    }

    static Log open(
            LogConfig config,
            Disk disk,
            InstantSource clock,
            Failpoints failpoints,
            StateMachine machine,
            Environment environment)
            throws IOException {
        return open(config, disk, clock, failpoints, machine, environment, false);
    }

    static Log open(
            LogConfig config,
            Disk disk,
            InstantSource clock,
            Failpoints failpoints,
            StateMachine machine,
            Environment environment,
            boolean inGroup)
            throws IOException {
        Closeable lock = disk.lock(config.directory());
        boolean opened = false;
        try {
            Log log = new Log(config, new LogFiles(config.directory(), disk), environment, lock);
            machine.attach(log);
            log.recover(clock, failpoints, machine, inGroup);
            opened = true;
            return log;
        } finally {
            if (!opened) {
                lock.close();
            }
        }
    }

    /**
     * Opens the log of a node of a group: the state is that of the newest snapshot, and what follows in the log is kept
     * until the group says through {@link #group()} what of it holds.
     *
     * @param identity a number that all nodes of the group have in common; part of every file
     * @throws StorageException CORRUPT also if the directory holds another log
     */
    public static Log openInGroup(
            LogConfig config,
            Disk disk,
            InstantSource clock,
            Failpoints failpoints,
            StateMachine machine,
            long identity)
            throws IOException {
        Environment real = Environment.real();
        return open(
                config,
                disk,
                clock,
                failpoints,
                machine,
                new Environment(() -> identity, real.nanos(), real.workers(), real.health()),
                true);
    }

    private void recover(InstantSource clock, Failpoints failpoints, StateMachine machine, boolean inGroup)
            throws IOException {
        long begin = environment.nanos().getAsLong();
        Recovery recovery =
                new Recovery(files, segments, index, slabs, machine, environment.identity(), inGroup ? config : null);
        recovering = recovery;
        Recovery.Result found = recovery.run();
        recovering = null;
        if (inGroup && found.logId() != environment.identity().getAsLong()) {
            throw new StorageException(
                    StorageException.Reason.CORRUPT,
                    "the log in " + files.directory() + " is not of this group; use an empty directory");
        }
        reserve.find();
        Flusher flusher = new Flusher(
                config,
                files,
                segments,
                health,
                failpoints,
                environment.nanos(),
                found.position(),
                inGroup ? Math.max(1, found.lastSegment()) : found.lastSegment() + 1);
        Background background = new Background(
                config,
                files,
                found.logId(),
                index,
                flusher,
                health,
                reserve,
                failpoints,
                environment.nanos(),
                found.snapshots());
        Combiner appender = start(found, clock, failpoints, machine, flusher, background, inGroup);
        found.unwritten().forEach(each -> background.sealed(each.segment(), each.index()));
        found.toDelete().forEach(each -> background.delete(each, found.position()));
        found.cleaned()
                .forEach(each -> background.clean(each.segment(), each.index(), each.position(), found.position()));
        if (appender instanceof Appender alone
                && found.position() != found.snapshots().newest()) {
            alone.save();
        }
        background.checkFull();
        long millis = (environment.nanos().getAsLong() - begin) / 1_000_000;
        RecoveryInfo info = new RecoveryInfo(
                found.snapshots().newest(), found.recordsApplied(), found.bytesCut(), millis, found.clean());
        Worker working = environment.workers().start("polymq-log-background", background::step);
        Worker flushing = environment.workers().start("polymq-log-flush", flusher::step);
        background.start(working);
        flusher.start(flushing, background, appender::forced);
        running = new Running(appender, flusher, background, flushing, working, info);
        working.wake();
        LOG.info(
                "The log in {} is open at {}: {}, {} records applied after the snapshot at {}, {} ms",
                files.directory(),
                found.position(),
                found.clean() ? "closed cleanly before" : "new or not closed cleanly before",
                info.recordsApplied(),
                info.snapshotPosition(),
                millis);
    }

    private Combiner start(
            Recovery.Result found,
            InstantSource clock,
            Failpoints failpoints,
            StateMachine machine,
            Flusher flusher,
            Background background,
            boolean inGroup)
            throws IOException {
        Appender.Parts parts = new Appender.Parts(
                config,
                found.logId(),
                segments,
                index,
                slabs,
                machine,
                clock,
                failpoints,
                health,
                flusher,
                background,
                reserve);
        if (inGroup) {
            background.grouped();
        }
        try {
            return writer(parts, found, inGroup);
        } catch (DiskFullException e) {
            if (!reserve.release()) {
                throw e;
            }
            health.full(true, String.valueOf(e.getMessage()));
            return writer(parts, found, inGroup);
        }
    }

    private static Combiner writer(Appender.Parts parts, Recovery.Result found, boolean inGroup) throws IOException {
        return inGroup
                ? new GroupLog(parts, found, found.state())
                : new Appender(parts, found.lastSegment(), found.position(), found.nextIndex(), found.lastTime());
    }

    /**
     * The side of the log that a group sees.
     *
     * @throws IllegalStateException if it was not opened {@linkplain #openInGroup in a group}
     */
    public GroupLog group() {
        if (running().appender() instanceof GroupLog group) {
            return group;
        }
        throw new IllegalStateException("the log is not a group's");
    }

    /** The background tells the position of each snapshot that is on disk, before anything that it needs is deleted. */
    public void whenSnapshotWritten(LongConsumer told) {
        running().background().whenWritten(told);
    }

    private Running running() {
        return Objects.requireNonNull(running, "the log is still recovering");
    }

    /**
     * Stores and applies the request's records as one; its callbacks tell the outcome, on this thread or another. Does
     * not wait for the disk to force. From any thread.
     */
    public void append(AppendRequest request) {
        running().appender().append(request);
    }

    /** The queues. Usable from {@link StateMachine#attach} on. */
    public QueueIndex index() {
        return index;
    }

    /**
     * A private copy of the record that starts at the position, checked against its checksum. Waits for no lock; may
     * wait for the disk if the record is not cached.
     *
     * @throws StorageException CORRUPT if no record starts there, it is damaged, or its segment was removed; CLOSED
     */
    public ByteBuffer read(long position) {
        Segment segment = segments.byPosition(position);
        if (segment == null) {
            if (closed) {
                throw new StorageException(StorageException.Reason.CLOSED, "the log is closed");
            }
            throw new StorageException(
                    StorageException.Reason.CORRUPT, "no record at position " + position + ": its segment was removed");
        }
        return segment.read(position);
    }

    /**
     * Visits the positions of records that have a key of this hash and were stored in a time range, the newest first.
     * Another key may have the same hash, and a record may be gone: the visitor reads and compares. May wait for the
     * disk.
     *
     * @param from ms since the epoch; segments that end before it are passed over
     * @param to ms since the epoch; segments that begin after it are passed over
     * @param visitor answers whether to go on
     */
    public void findKey(int hash, long from, long to, LongPredicate visitor) {
        Segment[] all = segments.array();
        for (int i = all.length - 1; i >= 0; i--) {
            Segment segment = all[i];
            boolean inTime = segment.lastTime() >= from && segment.firstTime() <= to;
            if (inTime && !segment.index().findKey(hash, place -> visitor.test(segment.start() + place))) {
                return;
            }
        }
    }

    /** First position kept. */
    public long start() {
        return segments.start();
    }

    /** The next entry's position. */
    public long end() {
        return segments.end();
    }

    /** Number of the segment that entries go to. */
    long newestSegment() {
        Segment[] now = segments.array();
        return now.length == 0 ? 0 : now[now.length - 1].number();
    }

    /** Oldest first. */
    public List<SegmentInfo> sealedSegments() {
        return Stream.of(segments.array())
                .filter(Segment::isSealed)
                .map(Segment::info)
                .toList();
    }

    /** Segments that end at or below this position may be removed: that of the older of two snapshots, or 0. */
    public long removableBelow() {
        Running now = running;
        if (now == null) {
            return 0;
        }
        return Math.min(now.background().olderSnapshot(), now.background().kept());
    }

    /**
     * Forgets a segment and its index at once; its files are deleted once the record that is being applied is durable,
     * and neither a snapshot that is kept needs them nor, in a group, this node's engine. Does nothing if it was
     * removed before. For the state machine's apply only.
     */
    public void removeSegment(long number) {
        Recovery recovery = recovering;
        if (recovery != null) {
            recovery.removeSegment(number);
            return;
        }
        Segment segment = segments.byNumber(number);
        if (segment == null) {
            return;
        }
        Background background = running().background();
        background.hold(segment);
        segments.remove(segment);
        segment.remove();
        index.removeSegment(segment);
        background.delete(segment, segments.end());
    }

    /**
     * Forgets what of a sealed segment is not needed at the record that is being applied; the rest keeps its offsets
     * and positions. The segment's files are replaced later, see {@link #removeSegment}. Does nothing if the segment is
     * open or was removed. For the state machine's apply only.
     *
     * @param position of the record that is being applied
     * @return how many records are kept; -1 if nothing was done
     */
    public int cleanSegment(long number, long position, Liveness liveness) {
        Segment segment = segments.byNumber(number);
        Recovery recovery = recovering;
        boolean sealed = segment != null && (recovery == null ? segment.isSealed() : number != newestSegment());
        if (segment == null || !sealed) {
            return -1;
        }
        SegmentIndex before = segment.index();
        CleanedIndex cleaned = CleanedIndex.of(segment, index::has, liveness);
        segment.cleaned(cleaned);
        if (recovery == null) {
            index.cleaned(segment, before, cleaned);
            running().background().clean(segment, cleaned, position, segments.end());
        } else {
            index.cleanedAgain(segment, cleaned);
            recovery.cleaned(segment, cleaned, position);
        }
        return cleaned.places().length;
    }

    /** Whether a write or force failed. Final until the log is opened again. */
    public boolean failed() {
        return health.failure() != null;
    }

    /** Whether messages are refused for want of space. */
    public boolean full() {
        return health.full();
    }

    /** What opening the log found. */
    public RecoveryInfo recovery() {
        return running().recovery();
    }

    /**
     * Seals the open segment now, if it has entries, and takes a snapshot, which the background writes soon after. For
     * tests and retention.
     */
    public void roll() {
        running().appender().roll();
    }

    /** Refuses further requests, forces what was written, writes a snapshot and gives the directory back. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        Running now = running();
        Snapshot last = now.appender().close();
        now.flushing().stop();
        now.working().stop();
        now.flusher().step();
        if (health.failure() == null) {
            now.flusher().forceAll();
        }
        now.background().finish();
        if (last != null && health.failure() == null && now.background().isIdle()) {
            saveLast(now.background(), last);
        }
        closeFiles(now.appender().open());
    }

    /** Ends like a killed process, for tests: nothing is forced, sealed or saved. */
    void abandon() throws IOException {
        Running now = running();
        now.flushing().stop();
        now.working().stop();
        closed = true;
        segments.close();
        lock.close();
    }

    private static void saveLast(Background background, Snapshot last) {
        try {
            background.writeSnapshot(last);
        } catch (IOException e) {
            LOG.warn("The log closes without a snapshot; the next start reads more of it", e);
        }
    }

    private void closeFiles(Segment open) {
        boolean unused = open.isEmpty();
        segments.close();
        try {
            open.closeFile();
            if (unused && health.failure() == null) {
                files.disk().delete(files.segment(open.number()));
            }
            lock.close();
        } catch (IOException e) {
            LOG.warn("The log in {} did not close cleanly", files.directory(), e);
        }
    }
}
