/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.state;

import java.nio.ByteBuffer;
import org.polymq.broker.BrokerException;
import org.polymq.broker.message.LargeBody;
import org.polymq.broker.message.MessageRecord;
import org.polymq.broker.message.StoredMessage;
import org.polymq.storage.Log;
import org.polymq.storage.QueueIndex;
import org.polymq.storage.StorageException;

/** Reads queues by offset: for consumers that advance by offset. Safe from any thread. */
public final class QueueReader {
    private final Log log;
    private final QueueIndex index;
    private final QueueWatches watches;
    private final LargeBody.Chunks chunks;

    public QueueReader(Log log, QueueWatches watches, LargeBody.Chunks chunks) {
        this.log = log;
        this.chunks = chunks;
        this.index = log.index();
        this.watches = watches;
    }

    /** The oldest offset kept; equal to {@link #end} for a queue without messages. */
    public long start(long queue) {
        return index.start(queue);
    }

    /** The offset that the next message gets. */
    public long end(long queue) {
        return index.end(queue);
    }

    /** Takes the entries of a queue in order. */
    @FunctionalInterface
    public interface EntryVisitor {
        /**
         * Takes one entry.
         *
         * @param position the message's log position
         * @param size bytes of the stored record with its whole body: no less than its native image
         * @param expiresAt ms since the epoch, 0 never
         * @return whether to go on
         */
        boolean entry(long offset, long position, int size, int tagHash, long expiresAt);
    }

    /** Visits entries in order, from an offset inside [start, end); gaps are skipped; answers how many. */
    public int visit(long queue, long from, int max, EntryVisitor visitor) {
        return index.scan(
                queue,
                from,
                max,
                (offset, entry) ->
                        visitor.entry(offset, entry.position(), entry.size(), entry.tagHash(), entry.expiresAt()));
    }

    /**
     * The record of a message at a position that {@link #visit} gave, its body in it: the caller's own view.
     *
     * @throws BrokerException UNAVAILABLE if it was removed by retention or is damaged
     */
    public ByteBuffer record(long position) {
        try {
            ByteBuffer record = log.read(position);
            return record.get(record.position()) == RecordType.MESSAGE.code()
                    ? StoredMessage.withBody(record, chunks)
                    : record;
        } catch (StorageException e) {
            throw Committer.translate(e);
        }
    }

    /** The queue offset of the message at a log position, or the smallest one after it. */
    public long offsetOf(long queue, long position) {
        return index.firstAtOrAfter(queue, position);
    }

    /** The log position that the next message gets: how far behind an older one is. */
    public long logEnd() {
        return log.end();
    }

    /** Visits index entries in order, from an offset inside [start, end); answers how many. */
    public int scan(long queue, long from, int max, QueueIndex.Visitor visitor) {
        return index.scan(queue, from, max, visitor);
    }

    /** Reads one index entry; false if the offset is outside [start, end). */
    public boolean get(long queue, long offset, QueueIndex.Entry into) {
        return index.get(queue, offset, into);
    }

    /** The first offset whose message was stored at or after a time (ms since the epoch); the end if there is none. */
    public long offsetAt(long queue, long time) {
        QueueIndex.Range range = index.rangeAt(queue, time);
        long low = range.start();
        long high = range.end();
        while (low < high) {
            long middle = (low + high) >>> 1;
            long[] next = {high, 0};
            index.scan(queue, middle, 1, (offset, entry) -> {
                next[0] = offset;
                next[1] = entry.position();
                return false;
            });
            if (next[0] < high && timeOf(next[1]) < time) {
                low = next[0] + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** When the message at an offset was stored, ms since the epoch; 0 if it is not there. */
    public long storeTime(long queue, long offset) {
        QueueIndex.Entry entry = new QueueIndex.Entry();
        return offset >= start(queue) && index.get(queue, offset, entry) ? timeOf(entry.position()) : 0;
    }

    /** When the first message at or after an offset was stored, ms since the epoch; {@link Long#MAX_VALUE} for none. */
    public long storeTimeFrom(long queue, long offset) {
        long[] position = {-1};
        index.scan(queue, Math.max(offset, index.start(queue)), 1, (at, entry) -> {
            position[0] = entry.position();
            return false;
        });
        return position[0] < 0 ? Long.MAX_VALUE : timeOf(position[0]);
    }

    /** The first offset from which on the queue's messages are no more than so many bytes together. */
    public long lastWithin(long queue, long bytes) {
        return index.lastWithin(queue, bytes);
    }

    private long timeOf(long position) {
        try {
            return MessageRecord.storeTime(log.read(position));
        } catch (StorageException e) {
            throw Committer.translate(e);
        }
    }

    /** Asks to be woken when the queue gets an entry; see {@link QueueWatches.Watcher}. */
    public void watch(long queue, QueueWatches.Watcher watcher) {
        watches.add(queue, watcher);
    }

    public void unwatch(long queue, QueueWatches.Watcher watcher) {
        watches.remove(queue, watcher);
    }
}
