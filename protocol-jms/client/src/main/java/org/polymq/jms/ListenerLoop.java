/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one thread that calls a session's message listeners, one message at a time. */
final class ListenerLoop {
    private static final Logger LOG = LoggerFactory.getLogger(ListenerLoop.class);

    private final ReentrantLock lock;
    private final Condition changed;
    private final Supplier<@Nullable Runnable> next;
    private final Thread thread;
    private boolean running; // guarded by lock
    private boolean ended; // guarded by lock

    /**
     * A loop, not yet started.
     *
     * @param lock the session's
     * @param changed signalled when {@code next} may have something
     * @param next takes the next delivery under the lock; null is none now
     */
    ListenerLoop(ReentrantLock lock, Condition changed, Supplier<@Nullable Runnable> next, String name) {
        this.lock = lock;
        this.changed = changed;
        this.next = next;
        this.thread = new Thread(this::loop, name);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void loop() {
        try {
            for (Runnable call = take(); call != null; call = take()) {
                try {
                    call.run();
                } finally {
                    done();
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("the listener thread was interrupted");
        } catch (Throwable e) { // the top of the thread
            LOG.error("the listener thread failed", e);
        }
    }

    private @Nullable Runnable take() throws InterruptedException {
        lock.lock();
        try {
            while (!ended) {
                Runnable call = next.get();
                if (call != null) {
                    running = true;
                    return call;
                }
                changed.await();
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    private void done() {
        lock.lock();
        try {
            running = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Takes nothing more. Under the lock. */
    void end() {
        ended = true;
        changed.signalAll();
    }

    boolean isCurrentThread() {
        return Thread.currentThread() == thread;
    }

    /** Waits until no listener runs, unless called from one. Under the lock. */
    void awaitIdle() {
        while (running && !isCurrentThread()) {
            changed.awaitUninterruptibly();
        }
    }
}
