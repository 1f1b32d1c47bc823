/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Where the logs of the followers end that are there, as they said to this node while it leads. Safe from any thread.
 */
final class FollowerEnds {
    private final long patience;
    private final LongSupplier nanos;
    private final Map<String, End> ends = new ConcurrentHashMap<>();

    private record End(long index, long heardAt) {}

    /**
     * Of one node.
     *
     * @param patience who has said nothing for so long counts no more
     * @param nanos like {@link System#nanoTime}
     */
    FollowerEnds(Duration patience, LongSupplier nanos) {
        this.patience = patience.toNanos();
        this.nanos = nanos;
    }

    /** A follower has said which entry is its last. */
    void heard(String member, long lastIndex) {
        ends.put(member, new End(lastIndex, nanos.getAsLong()));
    }

    /** Whether a follower that is there does not have an entry. */
    boolean lack(long index) {
        long now = nanos.getAsLong();
        return ends.values().stream().anyMatch(each -> now - each.heardAt < patience && each.index < index);
    }
}
