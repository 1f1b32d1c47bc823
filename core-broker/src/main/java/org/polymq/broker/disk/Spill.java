/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.disk;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.polymq.storage.StateFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves full overlays into RocksDB and makes checkpoints, in the order in which apply asked for them: so a checkpoint
 * holds what was applied before it was asked for, and nothing else.
 */
final class Spill implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(Spill.class);
    /** Overlays and checkpoints that may wait; then apply waits. */
    private static final int WAITING = 3;

    private static final long RETRY_MILLIS = 1_000;

    private final DiskMap map;
    private final BlockingQueue<Job> jobs = new ArrayBlockingQueue<>(WAITING);
    private final Thread thread = new Thread(this::run, "polymq-views");
    private long checkpoints;
    /** Open until the thread has to end; what waits for another try is told so. */
    private final CountDownLatch closed = new CountDownLatch(1);

    private interface Job {
        void run() throws IOException;

        /** Whether it is tried again until it succeeds: what comes later needs it. */
        boolean isVital();
    }

    Spill(DiskMap map) {
        this.map = map;
        thread.setDaemon(true);
        thread.start();
    }

    void write(Overlay overlay) {
        add(new Job() {
            @Override
            public void run() throws IOException {
                map.store(overlay);
            }

            @Override
            public boolean isVital() {
                return true;
            }
        });
    }

    /** A checkpoint of what was asked to be written before. */
    StateFiles checkpoint() {
        CompletableFuture<@Nullable Void> made = new CompletableFuture<>();
        Path checkpoint = map.checkpoint(checkpoints++);
        add(new Job() {
            @Override
            public void run() throws IOException {
                try {
                    map.opened().checkpoint(checkpoint);
                    made.complete(null);
                } catch (IOException | RuntimeException e) {
                    made.completeExceptionally(e);
                    throw e;
                }
            }

            @Override
            public boolean isVital() {
                return false;
            }
        });
        return target -> {
            await(made);
            Files.move(checkpoint, target, StandardCopyOption.ATOMIC_MOVE);
            return true;
        };
    }

    private static void await(CompletableFuture<@Nullable Void> made) throws IOException {
        try {
            made.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the large views were saved", e);
        } catch (ExecutionException e) {
            throw new IOException("the large views cannot be saved", e.getCause());
        }
    }

    private void add(Job job) {
        boolean interrupted = false;
        while (!isClosed()) {
            try {
                if (jobs.offer(job, RETRY_MILLIS, TimeUnit.MILLISECONDS)) {
                    break;
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (!isClosed()) {
                Job next = jobs.poll(RETRY_MILLIS, TimeUnit.MILLISECONDS);
                if (next != null) {
                    complete(next);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // close() asks for it
        }
    }

    private void complete(Job job) throws InterruptedException {
        boolean failed = false;
        while (!isClosed()) {
            try {
                job.run();
                return;
            } catch (IOException | RuntimeException e) {
                if (!failed) {
                    LOG.error("The large views do not reach the disk; they stay in memory and are tried again", e);
                }
                failed = true;
            }
            if (!job.isVital()) {
                return;
            }
            if (closed.await(RETRY_MILLIS, TimeUnit.MILLISECONDS)) {
                return;
            }
        }
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    /** Ends the thread; what waits is dropped. */
    @Override
    public void close() {
        closed.countDown();
        thread.interrupt();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
