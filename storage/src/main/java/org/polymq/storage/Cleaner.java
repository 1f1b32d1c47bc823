/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.WeakHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replaces the files of a segment by those of what is left of it. The index comes first: with the old segment it is
 * right as well, so that a crash between the two names does no harm. Confined to the background.
 */
final class Cleaner {
    private static final Logger LOG = LoggerFactory.getLogger(Cleaner.class);

    private final LogFiles files;
    private final long logId;
    private final Reserve reserve;
    private final Failpoints failpoints;
    /** Of segments of which the index alone was cleaned: the position of the record that says so. */
    private final Map<Segment, Long> indexCleanedAt = new WeakHashMap<>();

    Cleaner(LogFiles files, long logId, Reserve reserve, Failpoints failpoints) {
        this.files = files;
        this.logId = logId;
        this.reserve = reserve;
        this.failpoints = failpoints;
    }

    /**
     * Cleans a segment's files, unless a later cleaning came first. On a full disk it takes the reserve.
     *
     * @param cleanedAt position of the record that says so
     */
    void clean(Segment segment, CleanedIndex index, long cleanedAt) throws IOException {
        Long byIndex = indexCleanedAt.remove(segment);
        if (segment.cleanedAt() > cleanedAt || (byIndex != null && byIndex > cleanedAt)) {
            return;
        }
        if (segment.cleanedAt() >= cleanedAt && segment.keepsOnly(index.places())) {
            open(segment, index); // in an earlier life
            return;
        }
        withReserve(() -> write(segment, index, cleanedAt));
    }

    /**
     * Replaces the index alone, of a segment whose entries the next start may still read: it would make an index of its
     * own then, and clean it again. A start from a later snapshot, which reads no more that it was cleaned, finds what
     * is left of it.
     */
    void cleanIndex(Segment segment, CleanedIndex index, long cleanedAt) throws IOException {
        withReserve(() -> {
            failpoints.hit(Failpoints.Point.CLEAN);
            replaceIndex(segment, writeIndex(segment, index));
        });
        indexCleanedAt.put(segment, cleanedAt);
    }

    /** A step that writes files. */
    private interface Writing {
        void run() throws IOException;
    }

    private void withReserve(Writing writing) throws IOException {
        try {
            writing.run();
        } catch (DiskFullException e) {
            if (!reserve.release()) {
                throw e;
            }
            writing.run();
        }
    }

    private void write(Segment segment, CleanedIndex index, long cleanedAt) throws IOException {
        Path target = files.segment(segment.number());
        Path written = files.temporary(target);
        long before = segment.info().bytes();
        failpoints.hit(Failpoints.Point.CLEAN);
        Path indexWritten = writeIndex(segment, index);
        CleanedFile.write(files, logId, segment, index.places(), cleanedAt, written);
        failpoints.hit(Failpoints.Point.CLEAN_RENAME);
        replaceIndex(segment, indexWritten);
        files.disk().rename(written, target);
        failpoints.hit(Failpoints.Point.CLEANED);
        files.disk().forceDirectory(files.directory());
        open(segment, index);
        LOG.info(
                "Segment {} was cleaned: {} records are kept, {} of {} bytes",
                segment.number(),
                index.places().length,
                segment.info().bytes(),
                before);
    }

    private Path writeIndex(Segment segment, CleanedIndex index) throws IOException {
        Path written = files.temporary(files.index(segment.number()));
        FileIndex.writeCleaned(files, logId, segment, index, written);
        failpoints.hit(Failpoints.Point.CLEAN_INDEX);
        return written;
    }

    private void replaceIndex(Segment segment, Path written) throws IOException {
        files.disk().rename(written, files.index(segment.number()));
        files.disk().forceDirectory(files.directory());
        failpoints.hit(Failpoints.Point.CLEAN_INDEX_RENAMED);
    }

    private void open(Segment segment, CleanedIndex index) throws IOException {
        FileIndex opened = FileIndex.open(files, logId, segment.number(), segment.start(), segment.end());
        if (opened == null) {
            throw new IOException("the index of segment " + segment.number() + " reads back damaged");
        }
        try (DiskFile file = files.disk().openToRead(files.segment(segment.number()))) {
            ByteBuffer bytes = file.map((int) file.size());
            CleanedFile cleaned = CleanedFile.open(bytes, logId, segment.number(), segment.start());
            if (cleaned == null) {
                throw new IOException("the file of cleaned segment " + segment.number() + " reads back damaged");
            }
            segment.cleaned(index, opened, new Mapping(files.disk(), bytes), cleaned);
        }
    }
}
