/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.IntPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of a segment whose index file does not hold them yet: rows of a key's hash and its record's place in the
 * segment. They are read from the segment itself, up to its end, when somebody asks or when the index file is written:
 * the write path does nothing for them.
 *
 * <p>Safe from any thread.
 */
final class SegmentKeys {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentKeys.class);
    private static final long PLACE = 0xFFFF_FFFFL;

    private final Segment segment;
    private final KeyExtractor extractor;
    private long[] rows = new long[64];
    private int count;
    private int scanned = SegmentHeader.SIZE;

    SegmentKeys(Segment segment, KeyExtractor extractor) {
        this.segment = segment;
        this.extractor = extractor;
    }

    static long row(int hash, int place) {
        return (long) hash << 32 | (place & PLACE);
    }

    static int place(long row) {
        return (int) row;
    }

    /** Visits the places of records with the hash, the newest first, until the visitor says no. */
    synchronized boolean find(int hash, IntPredicate visitor) {
        catchUp();
        for (int i = count - 1; i >= 0; i--) {
            if ((int) (rows[i] >>> 32) == hash && !visitor.test(place(rows[i]))) {
                return false;
            }
        }
        return true;
    }

    /** All rows in unsigned order. Only when nothing is added any more. */
    synchronized long[] sorted() {
        try {
            catchUp();
        } catch (StorageException e) {
            LOG.error("Not all messages of segment {} will be found by their keys", segment.number(), e);
        }
        long[] sorted = Arrays.copyOf(rows, count);
        for (int i = 0; i < sorted.length; i++) {
            sorted[i] ^= Long.MIN_VALUE;
        }
        Arrays.sort(sorted);
        for (int i = 0; i < sorted.length; i++) {
            sorted[i] ^= Long.MIN_VALUE;
        }
        return sorted;
    }

    private void catchUp() {
        segment.readEntries(scanned, (bytes, offset, length) -> {
            boolean messages = bytes.getInt(offset + EntryFormat.KIND) == GroupEntry.Kind.MESSAGES.number();
            int records = messages ? bytes.getInt(offset + EntryFormat.RECORDS) : 0;
            int at = offset + EntryFormat.HEADER;
            for (int i = 0; i < records; i++) {
                int size = bytes.getInt(at);
                int place = at;
                ByteBuffer record = bytes.slice(at + EntryFormat.FRAME, size);
                extractor.keys(record, hash -> add(row(hash, place)));
                at += EntryFormat.FRAME + size;
            }
            scanned = offset + length;
        });
    }

    private void add(long row) {
        if (count == rows.length) {
            rows = Arrays.copyOf(rows, count * 2);
        }
        rows[count++] = row;
    }
}
