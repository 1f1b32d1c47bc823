/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs application callbacks one after the other on a daemon thread of its own, which exists while it is needed. */
final class Callbacks {
    private static final Logger LOG = LoggerFactory.getLogger(Callbacks.class);

    private final ThreadPoolExecutor executor;
    private volatile @Nullable Thread thread;

    Callbacks(String name) {
        executor = new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread created = new Thread(task, name);
            created.setDaemon(true);
            thread = created;
            return created;
        });
        executor.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
        executor.allowCoreThreadTimeOut(true);
    }

    /** Runs it later; an exception that it throws is logged. Nothing after {@link #close}. */
    void run(Runnable callback) {
        executor.execute(() -> {
            try {
                callback.run();
            } catch (RuntimeException e) {
                LOG.warn("a callback of the application failed", e);
            }
        });
    }

    boolean isCurrentThread() {
        return Thread.currentThread() == thread;
    }

    /** Takes no more; what was taken still runs. */
    void close() {
        executor.shutdown();
    }
}
