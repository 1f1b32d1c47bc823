/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/** A worker that is a daemon thread, parked while there is nothing to do. */
final class WorkerThread implements Worker {
    private final Step step;
    private final Health health;
    private final Thread thread;
    private final AtomicBoolean woken = new AtomicBoolean();
    private volatile boolean stopped;

    private WorkerThread(String name, Step step, Health health) {
        this.step = step;
        this.health = health;
        this.thread = new Thread(this::loop, name);
        thread.setDaemon(true);
    }

    static WorkerThread start(String name, Step step, Health health) {
        WorkerThread worker = new WorkerThread(name, step, health);
        worker.thread.start();
        return worker;
    }

    private void loop() {
        while (!stopped) {
            woken.set(false);
            long delay;
            try {
                delay = step.run();
            } catch (Throwable e) { // the top of the thread
                health.fail("the thread " + thread.getName() + " failed", e);
                delay = Step.UNTIL_WOKEN;
            }
            if (!stopped && delay > 0 && !woken.get()) {
                park(delay);
            }
        }
    }

    private void park(long delay) {
        if (delay == Step.UNTIL_WOKEN) {
            LockSupport.park(this);
        } else {
            LockSupport.parkNanos(this, delay);
        }
    }

    @Override
    public void wake() {
        if (!woken.get() && woken.compareAndSet(false, true)) {
            LockSupport.unpark(thread);
        }
    }

    @Override
    public void stop() {
        stopped = true;
        LockSupport.unpark(thread);
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
