/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.polymq.broker.Lane;

/**
 * Lets the requests that concern one thing be done one after the other, each on its own lane, so that what one has
 * checked holds until it is done. Safe from any thread.
 */
final class Turns<K> {
    private record Waiting(Lane lane, Runnable task) {}

    private final Map<K, Deque<Waiting>> waiting = new HashMap<>();

    /** Runs a task when it is its turn, at once if nobody is before it; it has to call {@link #done} once. */
    void take(K key, Lane lane, Runnable task) {
        synchronized (this) {
            Deque<Waiting> others = waiting.get(key);
            if (others != null) {
                others.add(new Waiting(lane, task));
                return;
            }
            waiting.put(key, new ArrayDeque<>(1));
        }
        task.run();
    }

    /** Ends the turn that was taken. */
    void done(K key) {
        Waiting next;
        synchronized (this) {
            Deque<Waiting> others = waiting.get(key);
            next = others == null ? null : others.poll();
            if (next == null) {
                waiting.remove(key);
            }
        }
        if (next != null) {
            next.lane().execute(next.task());
        }
    }
}
