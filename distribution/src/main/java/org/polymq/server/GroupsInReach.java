/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import io.netty.channel.EventLoop;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;

/**
 * Whether a gateway reaches the leader of each group: it asks again and again, so that whoever sends clients to
 * gateways sends them to one that can serve them. Safe from any thread.
 */
final class GroupsInReach implements AutoCloseable {
    /** After an answer, or after a search for a leader that found none. */
    private static final long PAUSE_SECONDS = 2;

    private final List<String> groups;
    private final Search search;
    private final EventLoop loop;
    private final ConcurrentSkipListSet<String> missing;
    private volatile boolean closed;

    /** Asks the leader of the group in a slot for anything; fails when none answers in time. Completes on the loop. */
    interface Search {
        CompletionStage<?> leader(int slot, EventLoop loop);
    }

    /**
     * None is in reach until {@link #begin}.
     *
     * @param groups by slot
     */
    GroupsInReach(List<String> groups, Search search, EventLoop loop) {
        this.groups = List.copyOf(groups);
        this.search = search;
        this.loop = loop;
        this.missing = new ConcurrentSkipListSet<>(groups);
    }

    /** To be called once; returns at once. */
    void begin() {
        for (int slot = 0; slot < groups.size(); slot++) {
            look(slot);
        }
    }

    private void look(int slot) {
        search.leader(slot, loop).whenComplete((answer, failure) -> {
            if (failure == null) {
                missing.remove(groups.get(slot));
            } else {
                missing.add(groups.get(slot));
            }
            if (!closed) {
                var unused = loop.schedule(() -> look(slot), PAUSE_SECONDS, TimeUnit.SECONDS);
            }
        });
    }

    /** Which groups are out of reach; empty while none is. */
    Optional<String> problem() {
        List<String> out = List.copyOf(missing);
        return out.isEmpty()
                ? Optional.empty()
                : Optional.of("no leader is in reach of " + (out.size() == 1 ? "group " : "the groups ")
                        + String.join(", ", out));
    }

    @Override
    public void close() {
        closed = true;
    }
}
