/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Whether a task is to stop or to pause, and waits that end with a change of it. Safe from any thread. */
final class Signal {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile boolean stopping;
    private volatile boolean paused;
    private volatile boolean abandoned;

    void stop() {
        change(() -> stopping = true);
    }

    void abandon() {
        change(() -> abandoned = true);
    }

    void pause(boolean on) {
        change(() -> paused = on);
    }

    private void change(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean isStopping() {
        return stopping || abandoned;
    }

    boolean isPaused() {
        return paused;
    }

    boolean isAbandoned() {
        return abandoned;
    }

    /** Waits until it is not paused, or is to stop. */
    void whilePaused() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (paused && !isStopping()) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits so long, or until it is to stop. */
    void pause(long millis) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = TimeUnit.MILLISECONDS.toNanos(millis);
            while (left > 0 && !isStopping()) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }
}
