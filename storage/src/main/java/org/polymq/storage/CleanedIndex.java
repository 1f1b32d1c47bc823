/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is left of a segment's index after cleaning, in memory until its file is written. Made by apply, immutable but
 * for the index before it; reads are safe from any thread.
 */
final class CleanedIndex implements SegmentIndex {
    private static final Logger LOG = LoggerFactory.getLogger(CleanedIndex.class);

    private final long start;
    private final List<Row> rows = new ArrayList<>();
    private int[] offsets = new int[16];
    private ByteBuffer entries = ByteBuffer.allocate(16 * IndexEntry.SIZE);
    private int count;
    /** Where the records that are kept begin, relative to the segment's start; rising. */
    private int[] places = {};
    /** Knows the keys, of more records than are kept. */
    private volatile SegmentIndex before;

    private CleanedIndex(long start, SegmentIndex before) {
        this.start = start;
        this.before = before;
    }

    /**
     * Chooses what is kept. Part of apply.
     *
     * @param exists whether a queue is still known
     */
    static CleanedIndex of(Segment segment, LongPredicate exists, Liveness liveness) {
        SegmentIndex before = segment.index();
        CleanedIndex index = new CleanedIndex(segment.start(), before);
        Places kept = new Places(segment.start());
        before.forEach((queue, first, end) -> {
            Run run = exists.test(queue) ? before.run(queue) : null;
            if (run != null) {
                index.add(queue, run, first, end, liveness, kept);
            }
            return true;
        });
        liveness.positions(segment.start(), segment.end(), kept::add);
        int[] ofThese = kept.sorted();
        liveness.dependents(
                segment.start(),
                segment.end(),
                position -> Arrays.binarySearch(ofThese, (int) (position - segment.start())) >= 0,
                kept::add);
        index.places = kept.sorted();
        return index;
    }

    private void add(long queue, Run run, long first, long end, Liveness liveness, Places kept) {
        int from = count;
        long[] base = {-1};
        long[] bytes = {0};
        QueueIndex.Entry entry = new QueueIndex.Entry();
        liveness.offsets(queue, first, end, (low, high) -> {
            for (long offset = run.from(low);
                    offset >= 0 && offset < Math.min(high, end);
                    offset = run.from(offset + 1)) {
                if (readOrLeaveOut(run, offset, entry)) {
                    base[0] = base[0] < 0 ? offset : base[0];
                    bytes[0] += entry.size;
                    add((int) (offset - base[0]), entry);
                    kept.add(entry.position);
                }
            }
        });
        if (count > from) {
            rows.add(new Row(this, queue, base[0], from, count - from, bytes[0]));
        }
    }

    private static boolean readOrLeaveOut(Run run, long offset, QueueIndex.Entry into) {
        try {
            return run.read(offset, into);
        } catch (StorageException e) {
            LOG.error("A message is lost when its segment is cleaned: {}", e.getMessage());
            return false;
        }
    }

    private void add(int offset, QueueIndex.Entry entry) {
        if (count == offsets.length) {
            offsets = Arrays.copyOf(offsets, count * 2);
            ByteBuffer larger = ByteBuffer.allocate(count * 2 * IndexEntry.SIZE);
            larger.put(0, entries, 0, count * IndexEntry.SIZE);
            entries = larger;
        }
        offsets[count] = offset;
        IndexEntry.write(
                entries,
                count * IndexEntry.SIZE,
                (int) (entry.position - start),
                entry.size,
                entry.tagHash,
                entry.flags,
                entry.expiresAt);
        count++;
    }

    List<Row> rows() {
        return rows;
    }

    int entries() {
        return count;
    }

    /** Where the records that are kept begin, relative to the segment's start; rising. Not to be changed. */
    int[] places() {
        return places;
    }

    boolean isEmpty() {
        return places.length == 0;
    }

    @Override
    public @Nullable Row run(long queue) {
        int low = 0;
        int high = rows.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Row row = rows.get(middle);
            if (row.queue() == queue) {
                return row;
            } else if (row.queue() < queue) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return null;
    }

    @Override
    public boolean forEach(QueueIndex.SegmentQueueVisitor visitor) {
        for (Row row : rows) {
            if (!visitor.visit(row.queue(), row.base(), row.end())) {
                break;
            }
        }
        return true;
    }

    @Override
    public boolean findKey(int hash, IntPredicate visitor) {
        return before.findKey(hash, place -> !keeps(place) || visitor.test(place));
    }

    @Override
    public long[] sortedKeys() {
        return Arrays.stream(before.sortedKeys())
                .filter(row -> keeps(SegmentKeys.place(row)))
                .toArray();
    }

    private boolean keeps(int place) {
        return Arrays.binarySearch(places, place) >= 0;
    }

    SegmentIndex before() {
        return before;
    }

    /** The file of an index before this one is written. */
    void before(SegmentIndex replaced, SegmentIndex written) {
        if (before == replaced) {
            before = written;
            replaced.close();
        } else if (before instanceof CleanedIndex earlier) {
            earlier.before(replaced, written);
        }
    }

    /** Closes the index before it. */
    @Override
    public void close() {
        before.close();
    }

    /** One queue's entries. */
    record Row(CleanedIndex index, long queue, long base, int first, int count, long bytes) implements Run {
        @Override
        public long end() {
            return base + index.offsets[first + count - 1] + 1L;
        }

        @Override
        public long from(long offset) {
            int at = find(offset);
            return at < first + count ? base + index.offsets[at] : end();
        }

        /** The place of the first at or after the offset. */
        private int find(long offset) {
            if (offset <= base) {
                return first;
            }
            if (offset >= end()) {
                return first + count;
            }
            int found = Arrays.binarySearch(index.offsets, first, first + count, (int) (offset - base));
            return found >= 0 ? found : -found - 1;
        }

        @Override
        public boolean read(long offset, QueueIndex.Entry into) {
            IndexEntry.read(index.entries, find(offset) * IndexEntry.SIZE, index.start, into);
            return true;
        }

        /** Queue offset of an entry, from 0 below {@link #count}. */
        long offset(int i) {
            return base + index.offsets[first + i];
        }

        /** Copies an entry, without check. */
        void copy(int i, ByteBuffer into) {
            into.put(into.position(), index.entries, (first + i) * IndexEntry.SIZE, IndexEntry.SIZE);
            into.position(into.position() + IndexEntry.SIZE);
        }
    }

    /** Collects places, in any order and repeatedly. */
    private static final class Places {
        private final long start;
        private int[] all = new int[64];
        private int count;

        Places(long start) {
            this.start = start;
        }

        void add(long position) {
            if (count == all.length) {
                all = Arrays.copyOf(all, count * 2);
            }
            all[count++] = (int) (position - start);
        }

        int[] sorted() {
            return Arrays.stream(all, 0, count).sorted().distinct().toArray();
        }
    }
}
