/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.state;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who wants to know that a queue has a new entry: long polls and dispatchers. Safe from any thread. */
public final class QueueWatches {
    private static final Logger LOG = LoggerFactory.getLogger(QueueWatches.class);
    private static final Watcher[] NONE = {};

    /** Told on the appending thread after the entry was applied, at most once per entry; must not block. */
    @FunctionalInterface
    public interface Watcher {
        void appended();
    }

    private final Map<Long, Watcher[]> byQueue = new ConcurrentHashMap<>();
    /** Queues that the entry being applied gave entries to; used under the append lock only. */
    private long[] touched = new long[16];

    private int count;

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
        if (count > 0 && touched[count - 1] == queue) {
            return;
        }
        if (count == touched.length) {
            touched = Arrays.copyOf(touched, count * 2);
        }
        touched[count++] = queue;
    }

    /**
     * The entry is applied; under the append lock. Watchers are looked up now and not with each touch: one that came in
     * between has seen only what was there when it came.
     */
    void wake() {
        int queues = count;
        count = 0;
        if (byQueue.isEmpty()) {
            return;
        }
        for (int i = 0; i < queues; i++) {
            Watcher[] watchers = byQueue.get(touched[i]);
            if (watchers != null) {
                for (Watcher watcher : watchers) {
                    tell(watcher);
                }
            }
        }
    }

    // What a watcher throws is its own affair: the entry is stored.
    private static void tell(Watcher watcher) {
        try {
            watcher.appended();
        } catch (RuntimeException e) {
            LOG.error("a watcher of a queue could not be woken", e);
        }
    }
}
