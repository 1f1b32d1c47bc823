/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.cluster;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.cluster.UserConnections.Place;

/** The connections that each user has in this process. Safe from any thread. */
public final class UserCounts {
    private final int limit;
    private final Map<String, Integer> counts = new ConcurrentHashMap<>();

    /** @param limit most connections of one user; 0 for any number */
    public UserCounts(int limit) {
        this.limit = limit;
    }

    /** Most connections of one user; 0 for any number. */
    public int limit() {
        return limit;
    }

    /**
     * Counts one more.
     *
     * @param elsewhere connections of the user in other processes
     * @return how many there are here now
     * @throws BrokerException LIMIT_EXCEEDED if they would be too many; nothing is counted then
     */
    public int enter(String user, int elsewhere) {
        int here = counts.merge(user, 1, Integer::sum);
        if (here + elsewhere > limit) {
            leave(user);
            throw full(user);
        }
        return here;
    }

    /** What somebody is told who has no place. */
    public BrokerException full(String user) {
        return new BrokerException(
                Reason.LIMIT_EXCEEDED,
                "user " + user + " has " + limit + " connections already (limits.connections-per-user)");
    }

    /**
     * The place of a connection that was counted.
     *
     * @param left runs when it was given back
     */
    public Place place(String user, Runnable left) {
        AtomicBoolean given = new AtomicBoolean();
        return () -> {
            if (given.compareAndSet(false, true)) {
                leave(user);
                left.run();
            }
        };
    }

    /** How many connections the user has here. */
    public int of(String user) {
        return counts.getOrDefault(user, 0);
    }

    /** All users that have connections here. */
    public Iterable<String> users() {
        return counts.keySet();
    }

    private void leave(String user) {
        counts.computeIfPresent(user, (name, count) -> count == 1 ? null : count - 1);
    }
}
