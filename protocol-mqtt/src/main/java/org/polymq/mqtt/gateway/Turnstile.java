/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.gateway;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets so many clients at once begin their sessions; the others wait in the order in which they came. When a leader is
 * lost all its clients come back in the same moment: served together they would all be too slow for somebody's patience
 * and come again, and keep the nodes too busy to elect the next leader. Safe from any thread.
 */
final class Turnstile {
    private static final Logger LOG = LoggerFactory.getLogger(Turnstile.class);

    private final int most;
    // Both guarded by this.
    private final Set<Turn> waiting = new LinkedHashSet<>();
    private int inside;

    /** @param most at once; at least 1 */
    Turnstile(int most) {
        this.most = most;
    }

    /** How many wait. */
    synchronized int waiting() {
        return waiting.size();
    }

    /**
     * One client's turn, which begins with {@link Turn#enter}.
     *
     * @param on runs the task if it has to wait
     */
    Turn turn(Executor on, Runnable task) {
        return new Turn(on, task);
    }

    /** Once on its way in a client has to {@link #leave}, however that ends. */
    final class Turn {
        private final Executor on;
        private final Runnable task;
        // Both guarded by the turnstile.
        private boolean entered;
        private boolean over;

        private Turn(Executor on, Runnable task) {
            this.on = on;
            this.task = task;
        }

        /** Runs the task, now if there is room. Once. */
        void enter() {
            synchronized (Turnstile.this) {
                if (inside >= most) {
                    waiting.add(this);
                    return;
                }
                inside++;
                entered = true;
            }
            task.run();
        }

        /** The client is in, or gone, or has to say something first: it is the next one's turn. Any number of times. */
        void leave() {
            Turn next;
            synchronized (Turnstile.this) {
                if (over) {
                    return;
                }
                over = true;
                next = entered ? takeNext() : null;
                waiting.remove(this);
            }
            if (next != null) {
                next.begin();
            }
        }

        private void begin() {
            try {
                on.execute(() -> {
                    if (!isOver()) {
                        task.run();
                    }
                });
            } catch (RejectedExecutionException stopping) {
                LOG.debug("the gateway stops: nobody is let in any more", stopping);
            }
        }

        private boolean isOver() {
            synchronized (Turnstile.this) {
                return over;
            }
        }
    }

    /** Gives a place to whoever has waited longest. */
    private @Nullable Turn takeNext() {
        Turn next = waiting.isEmpty() ? null : waiting.iterator().next();
        if (next == null) {
            inside--;
        } else {
            waiting.remove(next);
            next.entered = true;
        }
        return next;
    }
}
