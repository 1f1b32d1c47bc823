/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.polymq.broker.cluster.Placement;

/**
 * In which group queues are: that where they belong is asked first, then the others, which may have made them when
 * there were fewer groups. What was found is remembered for a while. Safe from any thread.
 */
final class QueuePlaces {
    private static final int MOST = 10_000;
    private static final long KEPT_NANOS = Duration.ofMinutes(1).toNanos();

    private final Placement placement;
    private final Ask ask;
    /** Least recently found first; guarded by itself. */
    private final Map<String, Found> found = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Found> eldest) {
            return size() > MOST;
        }
    };

    private record Found(int slot, long at) {}

    /** Asks a group whether it has a queue. */
    interface Ask {
        CompletionStage<Boolean> has(int slot, String queue, EventLoop loop);
    }

    QueuePlaces(Placement placement, Ask ask) {
        this.placement = placement;
        this.ask = ask;
    }

    CompletionStage<Integer> find(String name, EventLoop loop) {
        synchronized (found) {
            Found known = found.get(name);
            if (known != null && System.nanoTime() - known.at() < KEPT_NANOS) {
                return CompletableFuture.completedFuture(known.slot());
            }
            found.remove(name);
        }
        int home = placement.ofPath(name);
        if (placement.groups().size() == 1) {
            return CompletableFuture.completedFuture(home);
        }
        return ask.has(home, name, loop).thenCompose(here -> here ? remembered(name, home) : others(name, home, loop));
    }

    private CompletionStage<Integer> others(String name, int home, EventLoop loop) {
        CompletionStage<Integer> place = CompletableFuture.completedFuture(-1);
        for (int slot = 0; slot < placement.groups().size(); slot++) {
            if (slot != home) {
                int asked = slot;
                place = place.thenCombine(ask.has(slot, name, loop), (before, here) -> here ? (Integer) asked : before);
            }
        }
        return place.thenCompose(slot -> slot < 0 ? CompletableFuture.completedFuture(home) : remembered(name, slot));
    }

    private CompletionStage<Integer> remembered(String name, int slot) {
        synchronized (found) {
            found.put(name, new Found(slot, System.nanoTime()));
        }
        return CompletableFuture.completedFuture(slot);
    }
}
