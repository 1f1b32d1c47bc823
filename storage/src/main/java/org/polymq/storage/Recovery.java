/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the state back: the newest usable snapshot, then every entry after it through the same apply, up to the first
 * that is torn. Used once, by one thread, before anything is appended.
 */
final class Recovery {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    private final LogFiles files;
    private final Segments segments;
    private final QueueIndex index;
    private final Slabs slabs;
    private final StateMachine machine;
    private final LongSupplier identity;
    private final @Nullable LogConfig group;
    private final Map<Long, FileIndex> indexes = new HashMap<>();
    private final List<Unwritten> unwritten = new ArrayList<>();
    private final Set<Long> removed = new HashSet<>();
    private final List<Segment> toDelete = new ArrayList<>();
    private final List<Cleaned> cleaned = new ArrayList<>();
    private Set<Long> present = Set.of();
    private long logId;
    private long lastSegment;
    private long position;
    private long nextIndex = 1;
    private long lastTime;
    private long recordsApplied;
    private long bytesCut;

    /**
     * @param group the settings of a group's log, in which what follows the snapshot is kept and not applied; or null
     */
    Recovery(
            LogFiles files,
            Segments segments,
            QueueIndex index,
            Slabs slabs,
            StateMachine machine,
            LongSupplier identity,
            @Nullable LogConfig group) {
        this.files = files;
        this.segments = segments;
        this.index = index;
        this.slabs = slabs;
        this.machine = machine;
        this.identity = identity;
        this.group = group;
    }

    /** A sealed segment whose index could not be written for want of space. */
    record Unwritten(Segment segment, OpenIndex index) {}

    /** A segment that was cleaned by the record at a position, whose files may be as before. */
    record Cleaned(Segment segment, CleanedIndex index, long position) {}

    /**
     * What was found.
     *
     * @param position where the next segment starts; the log is durable up to here
     * @param unwritten sealed segments whose index file is still to be written
     * @param toDelete removed segments whose files are still there
     * @param cleaned segments whose files are to be cleaned, in this order
     * @param state where in the log the state stands
     */
    record Result(
            long logId,
            long lastSegment,
            long position,
            long nextIndex,
            long lastTime,
            Background.RecoveredSnapshots snapshots,
            List<Unwritten> unwritten,
            List<Segment> toDelete,
            List<Cleaned> cleaned,
            long recordsApplied,
            long bytesCut,
            boolean clean,
            Snapshot.Header state) {}

    Result run() throws IOException {
        files.deleteTemporary();
        present = new HashSet<>(files.segments());
        Start start = chooseStart();
        boolean clean = false;
        if (start == null) {
            beginEmpty();
            machine.loadFiles(null);
        } else {
            clean = start.header().clean();
            load(start);
        }
        long from = position;
        Snapshot.Header stands = new Snapshot.Header(logId, position, lastSegment, nextIndex, lastTime, clean);
        if (group == null) {
            replay();
        } else {
            keepTail(group, stands);
        }
        forgetLost(start);
        long newest = start == null ? 0 : start.header().position();
        long older = olderThan(start);
        if (group != null) {
            findHeld();
        }
        deleteLeftovers(newest, older);
        return new Result(
                logId,
                lastSegment,
                position,
                nextIndex,
                lastTime,
                new Background.RecoveredSnapshots(newest, older),
                unwritten,
                toDelete,
                cleaned,
                recordsApplied,
                bytesCut,
                clean && position == from && bytesCut == 0,
                stands);
    }

    private void keepTail(LogConfig config, Snapshot.Header from) throws IOException {
        GroupTail tail = new GroupTail(files, segments, config, from);
        tail.scan(present);
        lastSegment = tail.lastSegment();
        position = tail.position();
        nextIndex = tail.nextIndex();
        lastTime = tail.lastTime();
        bytesCut = tail.bytesCut();
        cutRest();
    }

    /** A snapshot to start from, and which of the indexes below it are lost. */
    private record Start(Snapshot.Header header, List<Snapshot.SegmentRow> rows, List<Long> lost) {}

    /** The newest snapshot whose indexes are all there, else the whole log (null), else the best there is. */
    private @Nullable Start chooseStart() throws IOException {
        List<Long> snapshots = new ArrayList<>(files.snapshots());
        Collections.reverse(snapshots);
        Start best = null;
        for (long each : snapshots) {
            Start start = check(each);
            if (start != null && start.lost().isEmpty()) {
                return start;
            }
            best = best == null ? start : best;
        }
        if (isWhole()) {
            if (!snapshots.isEmpty()) {
                LOG.warn("No snapshot in {} can be used: the whole log is read", files.directory());
            }
            return null;
        }
        if (best == null) {
            throw new StorageException(
                    StorageException.Reason.CORRUPT,
                    "no snapshot in " + files.directory() + " is readable, and the log's first segments are gone;"
                            + " restore the directory from a backup");
        }
        LOG.error(
                "The indexes of segments {} are lost and cannot be built again: their messages are not reachable",
                best.lost());
        return best;
    }

    /** Whether there is a log from its first entry on, or none at all. A gap in it is found when it is read. */
    private boolean isWhole() throws IOException {
        if (!present.isEmpty() && !present.contains(1L)) {
            return false;
        }
        for (long number : present) {
            if (CleanedFile.isCleaned(firstBytes(number))) {
                return false;
            }
        }
        return true;
    }

    private @Nullable Start check(long snapshot) throws IOException {
        Snapshot.Header header = Snapshot.check(files, snapshot);
        if (header == null) {
            LOG.warn("The snapshot {} is damaged and not used", files.snapshot(snapshot));
            return null;
        }
        List<Snapshot.SegmentRow> rows = Snapshot.segments(files, snapshot);
        Set<Long> written = new HashSet<>(files.indexes());
        List<Long> lost = new ArrayList<>();
        for (Snapshot.SegmentRow row : rows) {
            if (!present.contains(row.number()) || indexes.containsKey(row.number())) {
                continue;
            }
            FileIndex found = written.contains(row.number())
                    ? FileIndex.open(files, header.logId(), row.number(), row.start(), row.end())
                    : null;
            if (found == null) {
                lost.add(row.number());
                LOG.warn("The index of segment {} is missing or damaged", row.number());
            } else {
                indexes.put(row.number(), found);
            }
        }
        return new Start(header, rows, lost);
    }

    private void beginEmpty() throws IOException {
        SegmentHeader first = present.contains(1L) ? readHeader(1) : null;
        logId = first == null ? identity.getAsLong() : first.logId();
    }

    private @Nullable SegmentHeader readHeader(long number) throws IOException {
        return SegmentHeader.decode(firstBytes(number));
    }

    private ByteBuffer firstBytes(long number) throws IOException {
        try (DiskFile file = files.disk().openToRead(files.segment(number))) {
            ByteBuffer bytes = ByteBuffer.allocate(SegmentHeader.SIZE);
            file.read(bytes, 0);
            return bytes;
        }
    }

    private void load(Start start) throws IOException {
        Snapshot.Header header = start.header();
        logId = header.logId();
        lastSegment = header.lastSegment();
        position = header.position();
        nextIndex = header.nextIndex();
        lastTime = header.lastTime();
        for (Snapshot.SegmentRow row : start.rows()) {
            if (present.contains(row.number())) {
                addSealed(row);
            }
        }
        indexes.values().forEach(FileIndex::close); // those of segments that are replayed
        indexes.clear();
        Snapshot.load(files, header.position(), index, machine);
    }

    private void addSealed(Snapshot.SegmentRow row) throws IOException {
        int length = (int) (row.end() - row.start());
        try (DiskFile file = files.disk().openToRead(files.segment(row.number()))) {
            ByteBuffer first = firstBytes(row.number());
            boolean cleanedBefore = CleanedFile.isCleaned(first);
            if (!cleanedBefore && SegmentHeader.decode(first) == null) { // throws if a newer version wrote it
                LOG.warn(
                        "The header of {} is damaged; its records have checksums of their own",
                        files.segment(row.number()));
            }
            if (!cleanedBefore && file.size() < length) {
                throw new StorageException(
                        StorageException.Reason.CORRUPT,
                        files.segment(row.number()) + " has " + file.size() + " bytes where " + length
                                + " were written; restore it from a backup");
            }
            FileIndex found = indexes.remove(row.number());
            Segment segment = new Segment(
                    new SegmentHeader(logId, row.number(), row.start(), 0),
                    length,
                    new Mapping(files.disk(), file.map(cleanedBefore ? (int) file.size() : length)),
                    null,
                    row.end(),
                    true,
                    SegmentIndex.NONE);
            if (cleanedBefore) {
                openCleaned(segment, file.map((int) file.size()));
            }
            if (found != null) {
                segment.index(found, found.size());
            }
            segment.times(row.firstTime(), row.lastTime());
            segments.add(segment);
        }
    }

    private void openCleaned(Segment segment, ByteBuffer bytes) {
        CleanedFile file = CleanedFile.open(bytes, logId, segment.number(), segment.start());
        if (file == null) {
            LOG.error("The file of cleaned segment {} is damaged: its messages cannot be read", segment.number());
            file = CleanedFile.damaged(bytes);
        }
        segment.cleaned(new Mapping(files.disk(), bytes), file);
    }

    private void replay() throws IOException {
        while (present.contains(lastSegment + 1) && replaySegment(lastSegment + 1)) {
            lastSegment++;
        }
        cutRest();
    }

    /** Applies one segment. Whether it was kept. */
    private boolean replaySegment(long number) throws IOException {
        try (DiskFile file = files.disk().open(files.segment(number))) {
            int size = (int) Math.min(file.size(), Integer.MAX_VALUE);
            if (size < SegmentHeader.SIZE) {
                return false;
            }
            ByteBuffer bytes = file.map(size);
            Mapping mapping = new Mapping(files.disk(), bytes);
            SegmentHeader header = SegmentHeader.decode(bytes);
            if (header == null
                    || header.logId() != logId
                    || header.start() != position
                    || EntryFormat.isValid(
                                    bytes.duplicate(), SegmentHeader.SIZE, size, logId, position + SegmentHeader.SIZE)
                            == false) {
                mapping.close();
                return false;
            }
            OpenIndex opened = new OpenIndex(position, slabs);
            Segment segment = new Segment(header, size, mapping, null, position + SegmentHeader.SIZE, true, opened);
            opened.keys(new SegmentKeys(segment, machine::keys));
            segments.add(segment);
            index.open(segment, opened);
            applyEntries(segment, bytes.duplicate(), size);
            finish(segment, opened, file, bytes.duplicate(), size);
            return true;
        }
    }

    private void applyEntries(Segment segment, ByteBuffer bytes, int size) {
        while (EntryFormat.isValid(bytes, (int) (segment.end() - segment.start()), size, logId, segment.end())) {
            int offset = (int) (segment.end() - segment.start());
            bytes.limit(size);
            if (bytes.getInt(offset + EntryFormat.VERSION_AT) > EntryFormat.VERSION) {
                throw new StorageException(
                        StorageException.Reason.CORRUPT,
                        "the entry at " + segment.end() + " has format " + bytes.getInt(offset + EntryFormat.VERSION_AT)
                                + ", which a newer version wrote");
            }
            int length = bytes.getInt(offset + EntryFormat.LENGTH);
            lastTime = bytes.getLong(offset + EntryFormat.TIME);
            nextIndex = bytes.getLong(offset + EntryFormat.INDEX) + 1;
            int records = bytes.getInt(offset + EntryFormat.RECORDS);
            long start = segment.end();
            segment.extend(start + length, lastTime);
            int at = EntryFormat.HEADER;
            for (int i = 0; i < records; i++) {
                int recordLength = bytes.getInt(offset + at);
                ByteBuffer record = bytes.slice(offset + at + EntryFormat.FRAME, recordLength);
                machine.apply(start + at, lastTime, record, null, i);
                at += EntryFormat.FRAME + recordLength;
            }
            machine.entryApplied();
            recordsApplied += records;
        }
    }

    /** Cuts what follows the last whole entry and writes the segment's index. */
    private void finish(Segment segment, OpenIndex opened, DiskFile file, ByteBuffer bytes, int size)
            throws IOException {
        position = segment.end();
        int length = (int) (position - segment.start());
        if (size > length && !continuesIn(segment.number() + 1)) {
            refuseIfForced(bytes, length, size, position, position);
            countCut(bytes, length, size);
        }
        file.setSize(length);
        file.force();
        try {
            FileIndex.write(files, logId, segment, opened);
            files.disk().forceDirectory(files.directory());
        } catch (DiskFullException e) {
            unwritten.add(new Unwritten(segment, opened));
            return;
        }
        FileIndex written = FileIndex.open(files, logId, segment.number(), segment.start(), segment.end());
        if (written == null) {
            throw new IOException("the index of segment " + segment.number() + " reads back damaged");
        }
        segment.index(written, written.size());
        index.rest(opened);
        opened.close();
    }

    private boolean continuesIn(long number) throws IOException {
        if (!present.contains(number)) {
            return false;
        }
        SegmentHeader next = readHeader(number);
        return next != null && next.logId() == logId && next.start() == position;
    }

    /** Drops the files after the last whole entry. */
    private void cutRest() throws IOException {
        List<Long> rest =
                present.stream().filter(number -> number > lastSegment).sorted().toList();
        for (long number : rest) {
            try (DiskFile file = files.disk().openToRead(files.segment(number))) {
                int size = (int) Math.min(file.size(), Integer.MAX_VALUE);
                if (size > SegmentHeader.SIZE) {
                    ByteBuffer bytes = file.map(size);
                    SegmentHeader header = SegmentHeader.decode(bytes);
                    // Of the first of these files at most the header was stored.
                    long stored = position + SegmentHeader.SIZE;
                    refuseIfForced(bytes.duplicate(), 0, size, header == null ? position : header.start(), stored);
                    countCut(bytes, SegmentHeader.SIZE, size);
                    files.disk().unmap(bytes);
                }
            }
        }
        if (bytesCut > 0) {
            LOG.warn(
                    "The log ends at {}: {} bytes after it were torn or not completely written and are cut",
                    position,
                    bytesCut);
        }
        for (int i = rest.size() - 1; i >= 0; i--) { // the newest first, so that no crash leaves a gap
            files.disk().delete(files.segment(rest.get(i)));
        }
        files.disk().forceDirectory(files.directory());
    }

    private void countCut(ByteBuffer bytes, int from, int size) {
        int last = size;
        while (last > from && bytes.get(last - 1) == 0) {
            last--;
        }
        bytesCut += last - from;
    }

    /**
     * A torn tail was never durable. If a later entry knows that the log was durable beyond the first unreadable byte,
     * the disk lost what it had stored, and cutting would lose acknowledged messages silently.
     */
    private void refuseIfForced(ByteBuffer bytes, int from, int size, long positionOfFrom, long stored) {
        for (int at = from; at + EntryFormat.HEADER <= size; at += 8) {
            if (bytes.limit(size).getInt(at) == EntryFormat.MAGIC
                    && EntryFormat.isValid(bytes, at, size, logId, positionOfFrom + at - from)
                    && bytes.limit(size).getLong(at + EntryFormat.FORCED) > stored) {
                throw new StorageException(
                        StorageException.Reason.CORRUPT,
                        "the log in " + files.directory() + " is damaged at position " + position + " (segment "
                                + lastSegment + "), which the disk had stored: a later entry at "
                                + (positionOfFrom + at - from) + " is whole; restore the directory from a backup");
            }
        }
    }

    /** Forgets index entries of segments whose files are gone. */
    private void forgetLost(@Nullable Start start) {
        if (start == null) {
            return;
        }
        Set<Long> gone = new HashSet<>();
        for (Snapshot.SegmentRow row : start.rows()) {
            if (segments.byNumber(row.number()) == null) {
                gone.add(row.number());
                if (group != null) {
                    LOG.info(
                            "The file of segment {} is gone: it was removed behind this snapshot, or its messages are lost",
                            row.number());
                } else if (!removed.contains(row.number())) {
                    LOG.error("The file of segment {} is gone: its messages are lost", row.number());
                }
            }
        }
        if (!gone.isEmpty()) {
            index.removeSegments(gone::contains);
        }
    }

    /** In a group the engine may still ask for entries of segments that were removed before the snapshot. */
    private void findHeld() throws IOException {
        for (long number : files.segments()) {
            if (segments.byNumber(number) == null) {
                Segment held = openRemoved(number);
                if (held != null) {
                    held.remove();
                    toDelete.add(held);
                }
            }
        }
    }

    private @Nullable Segment openRemoved(long number) throws IOException {
        try (DiskFile file = files.disk().openToRead(files.segment(number))) {
            int size = (int) Math.min(file.size(), Integer.MAX_VALUE);
            SegmentHeader header = size < SegmentHeader.SIZE ? null : readHeader(number);
            if (header == null || header.logId() != logId) {
                return null;
            }
            Mapping mapping = new Mapping(files.disk(), file.map(size));
            return new Segment(header, size, mapping, null, header.start() + size, true, SegmentIndex.NONE);
        }
    }

    /** Deletes files of segments that were removed before the snapshot, and snapshots older than the two kept. */
    private void deleteLeftovers(long newestSnapshot, long olderSnapshot) throws IOException {
        Set<Long> keep = new HashSet<>();
        segments.list().forEach(segment -> keep.add(segment.number()));
        toDelete.forEach(segment -> keep.add(segment.number()));
        List<Path> leftovers = new ArrayList<>();
        files.segments().stream()
                .filter(each -> !keep.contains(each))
                .map(files::segment)
                .forEach(leftovers::add);
        files.indexes().stream()
                .filter(each -> !keep.contains(each))
                .map(files::index)
                .forEach(leftovers::add);
        for (Path each : leftovers) {
            files.disk().delete(each);
        }
        List<Long> snapshots = new ArrayList<>(files.snapshots());
        snapshots.removeIf(each -> each >= newestSnapshot || each == olderSnapshot);
        for (long each : snapshots) {
            files.deleteSnapshot(each);
        }
        Set<Long> kept = new HashSet<>(files.snapshots());
        for (long each : files.folders()) {
            if (!kept.contains(each)) {
                StateFolder.delete(files.folder(each));
            }
        }
        if (!leftovers.isEmpty() || !snapshots.isEmpty()) {
            files.disk().forceDirectory(files.directory());
        }
    }

    /** The snapshot before the one used, if the segments that it would need are still there; else 0. */
    private long olderThan(@Nullable Start start) throws IOException {
        if (start == null) {
            return 0;
        }
        long older = 0;
        for (long each : files.snapshots()) {
            if (each < start.header().position()) {
                older = each;
            }
        }
        for (Snapshot.SegmentRow row : start.rows()) {
            Segment kept = segments.byNumber(row.number());
            if (row.end() > older && (kept == null || kept.cleanedAt() > 0)) {
                return 0;
            }
        }
        return older;
    }

    /** A cleaning that was applied again. */
    void cleaned(Segment segment, CleanedIndex kept, long position) {
        cleaned.add(new Cleaned(segment, kept, position));
    }

    /** A removal that was applied again. */
    void removeSegment(long number) {
        removed.add(number);
        // Not from its index, which may be gone already, or of fewer queues if it was cleaned.
        index.removeSegments(each -> each == number);
        Segment segment = segments.byNumber(number);
        if (segment != null) {
            segments.remove(segment);
            segment.remove();
            toDelete.add(segment);
        }
    }
}
