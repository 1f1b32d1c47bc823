/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.polymq.remoting.wire.body.QueueRef;

/**
 * Which member of a group may consume a queue alone, for orderly consumption. A lock lives for a time after it was last
 * asked for: a member that is gone loses it, one that lost its connection only for a moment does not. Never stored.
 * Safe from any thread.
 */
final class QueueLocks {
    private final long millis;
    private final Map<String, Map<QueueRef, Lock>> byGroup = new HashMap<>();

    private record Lock(String clientId, long until) {}

    QueueLocks(Duration time) {
        this.millis = time.toMillis();
    }

    /**
     * Locks the queues that are free or the client's already.
     *
     * @param now steady ms
     * @return those that are locked for it now
     */
    synchronized List<QueueRef> lock(String group, String clientId, Collection<QueueRef> queues, long now) {
        Map<QueueRef, Lock> locks = byGroup.computeIfAbsent(group, name -> new HashMap<>());
        List<QueueRef> mine = queues.stream()
                .filter(queue -> isFree(locks.get(queue), clientId, now))
                .toList();
        mine.forEach(queue -> locks.put(queue, new Lock(clientId, now + millis)));
        return mine;
    }

    private static boolean isFree(@Nullable Lock lock, String clientId, long now) {
        return lock == null || lock.clientId.equals(clientId) || lock.until <= now;
    }

    /** Gives back the queues that are the client's. */
    synchronized void unlock(String group, String clientId, Collection<QueueRef> queues) {
        Map<QueueRef, Lock> locks = byGroup.get(group);
        if (locks == null) {
            return;
        }
        for (QueueRef queue : queues) {
            Lock lock = locks.get(queue);
            if (lock != null && lock.clientId.equals(clientId)) {
                locks.remove(queue);
            }
        }
        if (locks.isEmpty()) {
            byGroup.remove(group);
        }
    }

    /** Forgets locks that have run out. */
    synchronized void expire(long now) {
        byGroup.values().forEach(locks -> locks.values().removeIf(lock -> lock.until <= now));
        byGroup.values().removeIf(Map::isEmpty);
    }
}
