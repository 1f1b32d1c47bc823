/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.grid;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.polymq.broker.BrokerException;
import org.polymq.broker.cluster.UserConnections;
import org.polymq.broker.cluster.UserCounts;

/**
 * The connections of each user over all nodes: each says how many it has, and is told how many the others have. Without
 * the grid each node counts for itself. Safe from any thread.
 */
final class GridUsers implements UserConnections {
    static final String MAP = "polymq.users";

    private final GridMember member;
    private final UserCounts counts;
    private final Alone alone;
    private final AtomicLong order = new AtomicLong();

    GridUsers(GridMember member, UserCounts counts, Alone alone) {
        this.member = member;
        this.counts = counts;
        this.alone = alone;
        if (counts.limit() > 0) {
            member.whenChanged(() -> member.tell(there -> counts.users().forEach(this::report)));
            member.every(member.pace().digest(), there -> counts.users().forEach(this::report));
        }
    }

    private static IMap<String, Shares> map(HazelcastInstance there) {
        return there.getMap(MAP);
    }

    @Override
    public CompletionStage<Place> enter(String user) {
        if (counts.limit() == 0) {
            return CompletableFuture.completedStage(Place.UNCOUNTED);
        }
        int here;
        try {
            here = counts.enter(user, 0);
        } catch (BrokerException full) {
            return CompletableFuture.failedStage(full);
        }
        Place place = counts.place(user, () -> report(user));
        return ask(user, here).handle((elsewhere, away) -> {
            if (away != null) {
                alone.decided(away);
                return place;
            }
            alone.answered();
            if (here + elsewhere > counts.limit()) {
                place.leave();
                throw counts.full(user);
            }
            return place;
        });
    }

    private CompletionStage<Integer> ask(String user, int here) {
        ReportShare report = report(here);
        return member.ask(there -> map(there).submitToKey(user, report));
    }

    private ReportShare report(int here) {
        return new ReportShare(new Shares.Share(member.id(), here, order.incrementAndGet()), member.live());
    }

    private void report(String user) {
        // Counted when it is sent: so what is said last is what is true.
        member.tell(there -> map(there).submitToKey(user, report(counts.of(user))));
    }
}
