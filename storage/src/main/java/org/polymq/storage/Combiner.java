/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Gathers requests into batches by flat combining: whoever gets the append lock takes all that is queued and writes it
 * as one entry; the others return at once.
 */
abstract class Combiner {
    private static final int BATCH = 1 << 20;

    final LogConfig config;
    final Health health;
    private final RequestQueue queued = new RequestQueue();
    private final AtomicReference<@Nullable Thread> lock = new AtomicReference<>();

    // Guarded by the append lock.
    List<AppendRequest> batch = new ArrayList<>();
    private List<AppendRequest> answered = new ArrayList<>();
    long batchLength = EntryFormat.HEADER;
    boolean closed;

    Combiner(LogConfig config, Health health) {
        this.config = config;
        this.health = health;
    }

    /** Stores what is in the batch, if anything, and empties it. Under the append lock. */
    abstract void writeBatch();

    /** The log failed in the middle of an append: what is kept elsewhere is to be refused. */
    abstract void aborted(StorageException failure);

    /** Something was forced, or the log failed. */
    abstract void forced();

    /** See {@link Log#roll}. */
    abstract void roll();

    /**
     * Takes no more requests.
     *
     * @return the snapshot to end with, or null if there is none
     */
    abstract @Nullable Snapshot close();

    /** The newest segment. After {@link #close} only. */
    abstract Segment open();

    /** See {@link Log#append}. */
    final void append(AppendRequest request) {
        queued.push(request);
        combine();
    }

    private void combine() {
        Thread me = Thread.currentThread();
        while (!queued.isEmpty() && lock.compareAndSet(null, me)) {
            try {
                process(queued.takeAll());
            } finally {
                lock.set(null);
            }
        }
    }

    /** Whether the calling thread is inside the append lock. */
    final boolean isHeldByCaller() {
        return lock.get() == Thread.currentThread();
    }

    private void process(@Nullable AppendRequest first) {
        AppendRequest request = first;
        try {
            while (request != null) {
                AppendRequest taken = request;
                request = request.next;
                take(taken);
            }
            writeBatch();
        } catch (RuntimeException | Error e) {
            StorageException failure = health.fail("an append failed in the middle", e);
            refuseBatch(failure);
            for (AppendRequest each = request; each != null; ) {
                AppendRequest next = each.next;
                Requests.fail(each, failure);
                each = next;
            }
            aborted(failure);
            if (e instanceof Error error) {
                throw error;
            }
        }
    }

    private void take(AppendRequest request) {
        if (request instanceof Command command) {
            writeBatch();
            command.run();
            return;
        }
        StorageException refusal = refusal(request);
        if (refusal != null) {
            Requests.fail(request, refusal);
            return;
        }
        long length = length(request);
        if (batchLength + length > Math.min(BATCH, config.maxEntrySize()) && !batch.isEmpty()) {
            writeBatch();
        }
        batch.add(request);
        batchLength += length;
    }

    /** Why a request is not taken, or null. */
    @Nullable
    StorageException refusal(AppendRequest request) {
        StorageException failure = health.failure();
        if (failure != null) {
            return failure;
        }
        if (closed) {
            return new StorageException(StorageException.Reason.CLOSED, "the log is closed");
        }
        long length = EntryFormat.padded(EntryFormat.HEADER + length(request));
        if (length > config.maxEntrySize()) {
            return new StorageException(
                    StorageException.Reason.TOO_LARGE,
                    "a request of " + length + " bytes exceeds the largest entry of " + config.maxEntrySize());
        }
        if (health.full() && !request.control()) {
            return full();
        }
        return null;
    }

    static StorageException full() {
        return new StorageException(
                StorageException.Reason.DISK_FULL, "the disk is full: messages are refused until there is space");
    }

    static long length(AppendRequest request) {
        long length = 0;
        List<ByteBuffer> records = request.records();
        for (int i = 0; i < records.size(); i++) {
            length += EntryFormat.FRAME + records.get(i).remaining();
        }
        return length;
    }

    final void refuseBatch(StorageException cause) {
        List<AppendRequest> refused = takeBatch();
        for (int i = 0; i < refused.size(); i++) {
            Requests.fail(refused.get(i), cause);
        }
        refused.clear();
    }

    /** Empties the batch. The list is used again for the batch after the next. */
    final List<AppendRequest> takeBatch() {
        List<AppendRequest> taken = batch;
        batch = answered;
        answered = taken;
        batchLength = EntryFormat.HEADER;
        return taken;
    }

    /** Runs in order with the requests, under the append lock, and waits for it. */
    final void run(Command command) {
        append(command);
        if (!isHeldByCaller()) {
            command.await();
        }
    }
}
