/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The index of the open segment, and of a sealed one until its file is written. Each queue's entries lie in chunks that
 * double up to 2048 entries, so that a queue with one message costs one entry and any entry is found by arithmetic.
 *
 * <p>Written under the append lock. A reader reads an entry first and checks then that the blocks were still this
 * index's: they are used again after {@link #close}, never freed under a reader.
 */
final class OpenIndex implements SegmentIndex {
    private static final int DOUBLING = 11;
    private static final int DOUBLING_ENTRIES = (1 << DOUBLING) - 1;
    private static final int CHUNK = 2048;

    private final long segmentStart;
    private final Slabs slabs;
    private final LongTable<OpenRun> runs = new LongTable<>();
    private volatile ByteBuffer[] blocks = new ByteBuffer[0];
    private volatile boolean closed;
    private int usedOfLast = Slabs.BLOCK_ENTRIES;
    private int entries;
    private volatile @Nullable SegmentKeys keys;

    OpenIndex(long segmentStart, Slabs slabs) {
        this.segmentStart = segmentStart;
        this.slabs = slabs;
    }

    /** Starts a queue's entries here. */
    OpenRun start(long queue, long base) {
        OpenRun run = new OpenRun(this, queue, base);
        runs.put(run);
        return run;
    }

    /** Forgets a queue's entries, which stay where they are. */
    void forget(long queue) {
        runs.remove(queue);
    }

    int entries() {
        return entries;
    }

    private int allocate(int count) {
        if (usedOfLast + count > Slabs.BLOCK_ENTRIES) {
            ByteBuffer[] next = Arrays.copyOf(blocks, blocks.length + 1);
            next[blocks.length] = slabs.take();
            blocks = next;
            usedOfLast = 0;
        }
        int address = (blocks.length - 1) * Slabs.BLOCK_ENTRIES + usedOfLast;
        usedOfLast += count;
        return address;
    }

    /** Its queues' entries, by number of the queue. Only when nothing is added any more. */
    List<OpenRun> sortedRuns() {
        List<OpenRun> sorted = new ArrayList<>(runs.size());
        runs.forEach(sorted::add);
        sorted.sort(Comparator.comparingLong(OpenRun::number));
        return sorted;
    }

    @Override
    public @Nullable OpenRun run(long queue) {
        return runs.get(queue);
    }

    @Override
    public boolean forEach(QueueIndex.SegmentQueueVisitor visitor) {
        for (OpenRun run : sortedRuns()) {
            if (!visitor.visit(run.number(), run.base(), run.end())) {
                break;
            }
        }
        return true;
    }

    /** Gives it its keys, once. */
    void keys(SegmentKeys ofSegment) {
        keys = ofSegment;
    }

    @Override
    public long[] sortedKeys() {
        SegmentKeys all = keys;
        return all == null ? new long[0] : all.sorted();
    }

    @Override
    public boolean findKey(int hash, IntPredicate visitor) {
        SegmentKeys all = keys;
        return all == null || all.find(hash, visitor);
    }

    @Override
    public void close() {
        closed = true;
        slabs.give(blocks);
    }

    /** One queue's entries. */
    static final class OpenRun implements Run, LongTable.Numbered {
        private final OpenIndex index;
        private final long queue;
        private final long base;
        private volatile int[] chunks = new int[1];
        private int count;
        private long bytes;

        OpenRun(OpenIndex index, long queue, long base) {
            this.index = index;
            this.queue = queue;
            this.base = base;
        }

        @Override
        public long number() {
            return queue;
        }

        @Override
        public long base() {
            return base;
        }

        int count() {
            return count;
        }

        /** May lag for a reader that did not read the queue's end before. */
        @Override
        public long end() {
            return base + count;
        }

        @Override
        public long from(long offset) {
            return Math.max(offset, base);
        }

        /** The same. */
        @Override
        public long bytes() {
            return bytes;
        }

        boolean isClosed() {
            return index.closed;
        }

        boolean isOf(SegmentIndex other) {
            return index == other;
        }

        /** Adds an entry. Readers see it when the queue's end is raised. */
        void append(int position, int size, int tagHash, int flags, long expiresAt) {
            int i = count;
            int chunk = chunk(i);
            int within = within(i, chunk);
            if (within == 0) {
                open(chunk);
            }
            int address = chunks[chunk] + within;
            ByteBuffer block = index.blocks[address / Slabs.BLOCK_ENTRIES];
            int at = address % Slabs.BLOCK_ENTRIES * IndexEntry.SIZE;
            IndexEntry.write(block, at, position, size, tagHash, flags, expiresAt);
            count = i + 1;
            bytes += size;
            index.entries++;
        }

        private void open(int chunk) {
            int[] now = chunks;
            if (chunk == now.length) {
                now = Arrays.copyOf(now, now.length < 4 ? now.length + 1 : now.length * 2);
            }
            now[chunk] = index.allocate(chunk < DOUBLING ? 1 << chunk : CHUNK);
            chunks = now;
        }

        @Override
        public boolean read(long offset, QueueIndex.Entry into) {
            int i = (int) (offset - base);
            int chunk = chunk(i);
            int address = chunks[chunk] + within(i, chunk);
            ByteBuffer block = index.blocks[address / Slabs.BLOCK_ENTRIES];
            IndexEntry.read(block, address % Slabs.BLOCK_ENTRIES * IndexEntry.SIZE, index.segmentStart, into);
            VarHandle.acquireFence();
            return !index.closed;
        }

        /** Copies the entries from an index on, as many as lie together and fit; returns how many. */
        int copy(int i, int limit, ByteBuffer into) {
            int chunk = chunk(i);
            int within = within(i, chunk);
            int together = (chunk < DOUBLING ? 1 << chunk : CHUNK) - within;
            int copied = Math.min(Math.min(together, limit - i), into.remaining() / IndexEntry.SIZE);
            int address = chunks[chunk] + within;
            ByteBuffer block = index.blocks[address / Slabs.BLOCK_ENTRIES];
            int at = address % Slabs.BLOCK_ENTRIES * IndexEntry.SIZE;
            into.put(into.position(), block, at, copied * IndexEntry.SIZE);
            into.position(into.position() + copied * IndexEntry.SIZE);
            return copied;
        }

        private static int chunk(int i) {
            return i < DOUBLING_ENTRIES
                    ? 31 - Integer.numberOfLeadingZeros(i + 1)
                    : DOUBLING + (i - DOUBLING_ENTRIES) / CHUNK;
        }

        private static int within(int i, int chunk) {
            return chunk < DOUBLING ? i + 1 - (1 << chunk) : (i - DOUBLING_ENTRIES) % CHUNK;
        }
    }
}
