/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Lane;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A lane without a thread of its own: its tasks run one at a time, on the threads that bring them. */
final class SerialLane implements Lane {
    private static final Logger LOG = LoggerFactory.getLogger(SerialLane.class);

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger unfinished = new AtomicInteger();
    private volatile @Nullable Thread runner;

    @Override
    public boolean inLane() {
        return Thread.currentThread().equals(runner);
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        if (unfinished.getAndIncrement() > 0) {
            return; // whoever runs the lane takes it
        }
        do {
            runner = Thread.currentThread();
            run(tasks.remove());
            runner = null;
        } while (unfinished.decrementAndGet() > 0);
    }

    private static void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOG.error("a connector's task failed", e);
        }
    }
}
