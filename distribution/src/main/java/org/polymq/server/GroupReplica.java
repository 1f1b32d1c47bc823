/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.polymq.remoting.Replica;

/**
 * The copy of one node of a group: consumers that are far behind read from nodes that follow, and go back to the one
 * that leads when they are not any more. They go back at half the distance, so that they do not go to and fro.
 */
final class GroupReplica implements Replica {
    private final boolean lags;
    private final long farBehind;
    private final Supplier<List<Integer>> whenFar;

    private GroupReplica(boolean lags, long farBehind, Supplier<List<Integer>> whenFar) {
        this.lags = lags;
        this.farBehind = farBehind;
        this.whenFar = whenFar;
    }

    /**
     * Of a node that leads.
     *
     * @param farBehind bytes of log from which on a consumer is sent to one that follows; 0: none is
     * @param followers numbers of the nodes that follow and are in touch
     */
    static Replica leading(long farBehind, Supplier<List<Integer>> followers) {
        return new GroupReplica(false, farBehind, followers);
    }

    /** Of a node that follows; the parameters are those of {@link #leading}. */
    static Replica following(long farBehind, int node) {
        return new GroupReplica(true, farBehind / 2, () -> List.of(node));
    }

    @Override
    public boolean lags() {
        return lags;
    }

    @Override
    public int readFrom(int queueId, LongSupplier behind) {
        if (farBehind == 0 || behind.getAsLong() < farBehind) {
            return 0;
        }
        List<Integer> nodes = whenFar.get();
        return nodes.isEmpty() ? 0 : nodes.get(queueId % nodes.size());
    }
}
