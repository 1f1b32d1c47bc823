/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.state;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Who wants to know that a queue has a new entry: long polls and dispatchers. Safe from any thread. */
public final class QueueWatches {
    private static final Watcher[] NONE = {};

    /** Told on the appending thread after the entry was applied, at most once per entry; must not block. */
    @FunctionalInterface
    public interface Watcher {
        void appended();
    }

    private final Map<Long, Watcher[]> byQueue = new ConcurrentHashMap<>();
    /** Watchers of the entry being applied; used under the append lock only. */
    private final List<Watcher> touched = new ArrayList<>();

    private long lastTouched = -1;

    public void add(long queue, Watcher watcher) {
        byQueue.compute(queue, (key, watchers) -> {
            Watcher[] before = watchers == null ? NONE : watchers;
            Watcher[] after = Arrays.copyOf(before, before.length + 1);
            after[before.length] = watcher;
            return after;
        });
    }

    public void remove(long queue, Watcher watcher) {
        byQueue.computeIfPresent(queue, (key, watchers) -> {
            List<Watcher> left = new ArrayList<>(watchers.length);
            for (Watcher each : watchers) {
                if (each != watcher) {
                    left.add(each);
                }
            }
            return left.isEmpty() ? null : left.toArray(NONE);
        });
    }

    /** A queue got an entry; under the append lock. */
    void touch(long queue) {
        if (queue == lastTouched || byQueue.isEmpty()) {
            return;
        }
        lastTouched = queue;
        Watcher[] watchers = byQueue.get(queue);
        if (watchers != null) {
            for (Watcher watcher : watchers) {
                touched.add(watcher);
            }
        }
    }

    /** The entry is applied; under the append lock. */
    void wake() {
        lastTouched = -1;
        if (touched.isEmpty()) {
            return;
        }
        for (Watcher watcher : touched) {
            watcher.appended();
        }
        touched.clear();
    }
}
