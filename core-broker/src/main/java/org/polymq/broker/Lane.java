/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker;

/**
 * Where the callbacks of one connection run: one task at a time, in the order given. Usually a Netty event loop.
 *
 * <p>Safe from any thread.
 */
public interface Lane {
    /** Whether the calling thread is this lane's: what it does may be done at once. */
    boolean inLane();

    /** Runs a task on this lane, later than this call unless the lane is {@link #direct()}. Never blocks. */
    void execute(Runnable task);

    /** A lane that runs everything at once on the calling thread: for tests and for code without a connection. */
    static Lane direct() {
        return DirectLane.INSTANCE;
    }
}
