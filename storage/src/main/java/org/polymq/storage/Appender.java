/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes and applies entries, by flat combining: whoever gets the append lock takes all that is queued, writes it as
 * one entry, applies it and answers; the others return at once. With {@link FlushMode#SYNC} an entry is applied once it
 * is durable: until then it is to be seen by nobody, since a power cut would take it back.
 */
final class Appender extends Combiner {
    private static final Logger LOG = LoggerFactory.getLogger(Appender.class);
    private static final int FIRST_BUFFER = 64 << 10;
    private static final long TERM = 1;

    private final long logId;
    private final Segments segments;
    private final QueueIndex index;
    private final Slabs slabs;
    private final StateMachine machine;
    private final InstantSource clock;
    private final Failpoints failpoints;
    private final Flusher flusher;
    private final Background background;
    private final Reserve reserve;

    // Guarded by the append lock.
    private final ArrayDeque<Written> unapplied = new ArrayDeque<>();
    private final CRC32C crc = new CRC32C();
    private ByteBuffer buffer;
    private Segment open;
    private OpenIndex openIndex;
    private long nextIndex;
    private long lastTime;
    private boolean spareWanted;

    /**
     * An entry that is written and waits to be durable.
     *
     * @param position of its first record
     * @param time its store time
     * @param end the position behind it
     */
    private record Written(List<AppendRequest> requests, long position, long time, long end) {}

    /** What the log stands on. */
    record Parts(
            LogConfig config,
            long logId,
            Segments segments,
            QueueIndex index,
            Slabs slabs,
            StateMachine machine,
            InstantSource clock,
            Failpoints failpoints,
            Health health,
            Flusher flusher,
            Background background,
            Reserve reserve) {}

    /**
     * Starts a new segment.
     *
     * @param lastSegment number of the newest segment, 0 for none
     * @param position where the new one starts
     * @param nextIndex index of the next entry
     * @param lastTime store time of the last entry
     */
    Appender(Parts parts, long lastSegment, long position, long nextIndex, long lastTime) throws IOException {
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
        this.reserve = parts.reserve();
        this.nextIndex = nextIndex;
        this.lastTime = lastTime;
        this.buffer = ByteBuffer.allocateDirect(Math.min(FIRST_BUFFER, config.segmentSize()));
        this.openIndex = new OpenIndex(position, slabs);
        this.open = newSegment(lastSegment + 1, position, openIndex);
    }

    private Segment newSegment(long number, long position, OpenIndex fresh) throws IOException {
        SegmentFile file = background.nextFile(number);
        SegmentHeader header = new SegmentHeader(logId, number, position, nextIndex);
        try {
            file.file().write(header.encode(), 0);
        } catch (IOException e) {
            file.discard(background.files());
            throw e;
        }
        Segment segment = new Segment(
                header,
                config.segmentSize(),
                file.mapping(),
                file.file(),
                position + SegmentHeader.SIZE,
                file.named(),
                fresh);
        fresh.keys(new SegmentKeys(segment, machine::keys));
        segments.add(segment);
        index.open(segment, fresh);
        spareWanted = false;
        return segment;
    }

    @Override
    void writeBatch() {
        if (batch.isEmpty()) {
            return;
        }
        StorageException failure = health.failure();
        if (failure != null) {
            refuseBatch(failure);
        } else if (writeOrRefuse()) {
            if (config.flush() == FlushMode.SYNC) {
                keepUntilForced();
            } else {
                apply(batch, recordsStart(), lastTime);
                answerBatch();
            }
            wantSpare();
        }
    }

    /** Writes the batch; what cannot be written is refused and taken out of it. Whether anything was written. */
    private boolean writeOrRefuse() {
        try {
            try {
                write();
                return true;
            } catch (DiskFullException e) {
                return writeControlOnly(e);
            }
        } catch (DiskFullException e) {
            refuseBatch(full());
        } catch (IOException e) {
            refuseBatch(health.fail("the disk did not take a write", e));
            flusher.wake();
        }
        return false;
    }

    /** On a full disk: refuses messages, and writes the rest into the reserve. Whether anything was written. */
    private boolean writeControlOnly(DiskFullException cause) throws IOException {
        health.full(true, String.valueOf(cause.getMessage()));
        List<AppendRequest> control =
                batch.stream().filter(AppendRequest::control).toList();
        batch.removeAll(control);
        refuseBatch(full());
        if (control.isEmpty()) {
            return false;
        }
        reserve.release();
        batch.addAll(control);
        control.forEach(request -> batchLength += length(request));
        write();
        return true;
    }

    private void write() throws IOException {
        int length = (int) EntryFormat.padded(batchLength);
        if (!open.fits(length)) {
            StorageException failure = settle();
            if (failure != null) {
                throw failure;
            }
            seal();
            if (!background.isSnapshotPending()) {
                save();
            }
        }
        AppendEvent event = new AppendEvent();
        event.begin();
        encode(length, open.end());
        failpoints.hit(Failpoints.Point.WRITE);
        open.write(buffer);
        failpoints.hit(Failpoints.Point.WRITTEN);
        open.extend(open.end() + length, lastTime);
        nextIndex++;
        if (event.shouldCommit()) {
            event.requests = batch.size();
            event.bytes = length;
            event.end = open.end();
            event.commit();
        }
    }

    private void encode(int length, long position) {
        if (buffer.capacity() < length) {
            buffer =
                    ByteBuffer.allocateDirect(Math.max(length, Math.min(buffer.capacity() * 2, config.maxEntrySize())));
        }
        long time = Math.max(clock.millis(), lastTime);
        lastTime = time;
        ByteBuffer to = buffer;
        to.clear();
        int at = EntryFormat.HEADER;
        int records = 0;
        for (int i = 0; i < batch.size(); i++) {
            AppendRequest request = batch.get(i);
            List<ByteBuffer> parts = request.records();
            for (int part = 0; part < parts.size(); part++) {
                ByteBuffer record = parts.get(part);
                request.stamp(record, part, time);
                at = encodeRecord(record, at, position + at);
                records++;
            }
        }
        to.clear();
        while (at < length) {
            to.put(at++, (byte) 0);
        }
        to.putInt(0, EntryFormat.MAGIC);
        to.putInt(EntryFormat.LENGTH, length);
        to.putInt(EntryFormat.VERSION_AT, EntryFormat.VERSION);
        to.putLong(EntryFormat.INDEX, nextIndex);
        to.putLong(EntryFormat.TERM, TERM);
        to.putLong(EntryFormat.TIME, time);
        to.putLong(EntryFormat.FORCED, flusher.forced());
        to.putInt(EntryFormat.RECORDS, records);
        to.putInt(EntryFormat.RECORDS + 4, 0);
        int sum = EntryFormat.crc(crc, to, EntryFormat.VERSION_AT, length);
        to.putInt(EntryFormat.CRC, sum ^ EntryFormat.mix(logId, position, length));
        to.limit(length).position(0);
    }

    private int encodeRecord(ByteBuffer record, int at, long position) {
        int length = record.remaining();
        int from = at + EntryFormat.FRAME;
        buffer.limit(buffer.capacity());
        buffer.put(from, record, record.position(), length);
        int sum = EntryFormat.crc(crc, buffer, from, from + length);
        buffer.limit(buffer.capacity());
        buffer.putInt(at, length);
        buffer.putInt(at + 4, sum ^ EntryFormat.mix(logId, position, length));
        return from + length;
    }

    /** Position of the first record of the batch that was just written. */
    private long recordsStart() {
        return open.end() - EntryFormat.padded(batchLength) + EntryFormat.HEADER;
    }

    private void apply(List<AppendRequest> requests, long start, long time) {
        long position = start;
        for (int i = 0; i < requests.size(); i++) {
            AppendRequest request = requests.get(i);
            List<ByteBuffer> records = request.records();
            for (int part = 0; part < records.size(); part++) {
                ByteBuffer record = records.get(part).slice();
                int length = record.remaining();
                machine.apply(position, time, record, request, part);
                position += EntryFormat.FRAME + length;
            }
        }
        machine.entryApplied();
    }

    @Override
    void aborted(StorageException failure) {
        refuseUnapplied(failure);
        flusher.wake();
    }

    private void keepUntilForced() {
        unapplied.add(new Written(List.copyOf(batch), recordsStart(), lastTime, open.end()));
        takeBatch().clear();
        flusher.hold();
    }

    /** Something was forced, or the log failed: entries that waited for that are applied and answered, or refused. */
    @Override
    void forced() {
        append(new Command(this::applyForced));
    }

    private void applyForced() {
        StorageException failure = health.failure();
        if (failure != null) {
            refuseUnapplied(failure);
            return;
        }
        long forced = flusher.forced();
        for (Written next = unapplied.peek(); next != null && next.end() <= forced; next = unapplied.peek()) {
            apply(next.requests(), next.position(), next.time());
            unapplied.remove();
            for (AppendRequest request : next.requests()) {
                failpoints.hit(Failpoints.Point.ACKNOWLEDGE);
                Requests.complete(request);
            }
        }
    }

    private void refuseUnapplied(StorageException cause) {
        for (Written next = unapplied.poll(); next != null; next = unapplied.poll()) {
            next.requests().forEach(request -> Requests.fail(request, cause));
        }
    }

    /** Forces and applies what is written, as a snapshot needs it. Returns what failed, or null. */
    private @Nullable StorageException settle() {
        if (!unapplied.isEmpty()) {
            if (health.failure() == null) {
                flusher.forceAll();
            }
            applyForced();
        }
        return health.failure();
    }

    private void answerBatch() {
        List<AppendRequest> stored = takeBatch();
        for (int i = 0; i < stored.size(); i++) {
            AppendRequest request = stored.get(i);
            if (request.sync()) {
                flusher.await(request);
            } else {
                failpoints.hit(Failpoints.Point.ACKNOWLEDGE);
                Requests.complete(request);
            }
        }
        stored.clear();
        flusher.written();
    }

    private void wantSpare() {
        if (!spareWanted && open.end() - open.start() > config.segmentSize() >> 1) {
            spareWanted = true;
            background.wantSpare(open.number() + 1);
        }
    }

    /** Seals the open segment and starts the next. */
    private void seal() throws IOException {
        failpoints.hit(Failpoints.Point.ROLL);
        Segment sealed = open;
        OpenIndex sealedIndex = openIndex;
        OpenIndex fresh = new OpenIndex(sealed.end(), slabs);
        Segment next = newSegment(sealed.number() + 1, sealed.end(), fresh);
        sealed.seal();
        open = next;
        openIndex = fresh;
        failpoints.hit(Failpoints.Point.ROLLED);
        background.sealed(sealed, sealedIndex);
        flusher.wake();
    }

    /** Hands a snapshot of the state to the background. Only while the open segment is empty. */
    void save() {
        Snapshot snapshot = snapshot(false);
        if (snapshot != null) {
            background.save(snapshot);
        }
    }

    private @Nullable Snapshot snapshot(boolean clean) {
        try {
            return Snapshot.take(
                    new Snapshot.Header(logId, open.start(), open.number() - 1, nextIndex, lastTime, clean),
                    segments,
                    index,
                    machine);
        } catch (IOException e) {
            LOG.error("No snapshot can be taken; the next start reads more of the log", e);
            return null;
        }
    }

    /** See {@link Log#roll}. */
    @Override
    void roll() {
        run(new Command(() -> {
            if (closed || open.isEmpty() || settle() != null) {
                return;
            }
            if (sealOrFail()) {
                save();
            }
        }));
    }

    private boolean sealOrFail() {
        try {
            seal();
            return true;
        } catch (DiskFullException e) {
            health.full(true, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            health.fail("the disk did not take a new segment", e);
            flusher.wake();
        }
        return false;
    }

    /**
     * Takes no more requests and seals the open segment if it has entries.
     *
     * @return the snapshot to end with, or null if the log failed
     */
    @Override
    @Nullable
    Snapshot close() {
        AtomicReference<@Nullable Snapshot> last = new AtomicReference<>();
        run(new Command(() -> {
            boolean first = !closed;
            closed = true;
            if (first && settle() == null && (open.isEmpty() || sealOrFail())) {
                last.set(snapshot(true));
            }
        }));
        return last.get();
    }

    /** The newest segment. After {@link #close} only. */
    @Override
    Segment open() {
        return open;
    }
}
