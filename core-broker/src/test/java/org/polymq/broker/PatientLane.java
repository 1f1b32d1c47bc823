/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A lane that runs nothing before it is told to, as an event loop does while it reads one batch. */
final class PatientLane implements Lane {
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    @Override
    public boolean inLane() {
        return false;
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    /** Runs what waits, and what that adds, on the calling thread. */
    void runAll() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }
}
