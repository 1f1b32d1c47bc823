/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Notices that a client is silent: MQTT 5, 3.1.2.10. Confined to its connection's event loop. */
public final class KeepAlive {
    private final EventExecutor loop;
    private final Runnable silent;
    private long lastHeard = System.nanoTime();
    private @Nullable Future<?> next;

    /**
     * Watches nothing yet.
     *
     * @param silent run when the client was silent for too long, at most once
     */
    public KeepAlive(EventExecutor loop, Runnable silent) {
        this.loop = loop;
        this.silent = silent;
    }

    /** The client has sent something. */
    public void heard() {
        lastHeard = System.nanoTime();
    }

    /** Watches for silence of one and a half times the keep-alive, in seconds; 0 for not at all. */
    public void watch(int seconds) {
        if (seconds > 0) {
            long limit = TimeUnit.MILLISECONDS.toNanos(seconds * 1500L);
            next = loop.schedule(() -> check(limit), limit, TimeUnit.NANOSECONDS);
        }
    }

    private void check(long limit) {
        long left = limit - (System.nanoTime() - lastHeard);
        if (left <= 0) {
            silent.run();
        } else {
            next = loop.schedule(() -> check(limit), left, TimeUnit.NANOSECONDS);
        }
    }

    public void cancel() {
        Future<?> watch = next;
        if (watch != null) {
            watch.cancel(false);
        }
    }
}
