/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.state;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.polymq.storage.Log;

/**
 * A few threads that read what lies far behind the log's end, so that a disk that has to be waited for never stands
 * between an event loop and its other connections. Each consumer has one task at a time in the queue: a fair share.
 */
public final class ColdReads implements AutoCloseable {
    private static final long NEAR_BYTES = 64L << 20;
    private static final int THREADS = 2;

    private final Log log;
    private final ExecutorService threads;

    public ColdReads(Log log) {
        this.log = log;
        AtomicInteger number = new AtomicInteger();
        this.threads = Executors.newFixedThreadPool(THREADS, task -> {
            Thread thread = new Thread(task, "polymq-cold-read-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Whether the position is so far behind the end that its page may have to come from the disk. */
    public boolean isCold(long position) {
        return log.end() - position > NEAR_BYTES;
    }

    /** Runs one consumer's next piece of reading; a piece should be one batch. Dropped when the broker is closing. */
    public void execute(Runnable piece) {
        try {
            threads.execute(piece);
        } catch (RejectedExecutionException closing) {
            // Nobody is left to read for: connections are closed before the broker.
            return;
        }
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}
