/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker;

import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes lanes of Netty's executors. */
public final class Lanes {
    private static final Logger LOG = LoggerFactory.getLogger(Lanes.class);

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
            try {
                executor.execute(task);
            } catch (RejectedExecutionException e) {
                // The loop has ended, and with it every connection that could have taken the answer. An append that
                // answers it must not fail for that.
                LOG.debug("a task came after its event loop had ended", e);
            }
        }
    }
}
