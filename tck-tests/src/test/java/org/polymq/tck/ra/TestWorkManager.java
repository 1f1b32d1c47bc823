/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.ra;

import jakarta.resource.spi.work.ExecutionContext;
import jakarta.resource.spi.work.Work;
import jakarta.resource.spi.work.WorkCompletedException;
import jakarta.resource.spi.work.WorkException;
import jakarta.resource.spi.work.WorkListener;
import jakarta.resource.spi.work.WorkManager;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The threads of the small container. */
final class TestWorkManager implements WorkManager, AutoCloseable {
    static final String THREADS = "small container's thread";

    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, THREADS);
        thread.setDaemon(true);
        return thread;
    });

    @Override
    public void doWork(Work work) throws WorkException {
        Future<?> done = threads.submit(work);
        try {
            done.get();
        } catch (ExecutionException e) {
            throw new WorkCompletedException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WorkException(e);
        } finally {
            work.release();
        }
    }

    @Override
    public void doWork(Work work, long timeout, ExecutionContext context, WorkListener listener) throws WorkException {
        doWork(work);
    }

    @Override
    public long startWork(Work work) {
        threads.execute(work);
        return 0;
    }

    @Override
    public long startWork(Work work, long timeout, ExecutionContext context, WorkListener listener) {
        return startWork(work);
    }

    @Override
    public void scheduleWork(Work work) {
        threads.execute(work);
    }

    @Override
    public void scheduleWork(Work work, long timeout, ExecutionContext context, WorkListener listener) {
        scheduleWork(work);
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
