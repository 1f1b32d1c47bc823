/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker;

import io.netty.util.concurrent.EventExecutor;

/** Makes lanes of Netty's executors. */
public final class Lanes {
    private Lanes() {}

    /** The lane of one event loop (or other single-threaded executor). */
    public static Lane of(EventExecutor executor) {
        return new ExecutorLane(executor);
    }

    private record ExecutorLane(EventExecutor executor) implements Lane {
        @Override
        public boolean inLane() {
            return executor.inEventLoop();
        }

        @Override
        public void execute(Runnable task) {
            executor.execute(task);
        }
    }
}
