/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.xa;

import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import javax.transaction.xa.XAException;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.state.Committer;
import org.polymq.broker.xa.PreparedBranch.State;

/**
 * The branches of transactions over several groups of a cluster. Each group prepares one, the coordinating group first;
 * its branch's end is the decision of all, and is kept until every group has followed it. A branch that is not there
 * any more in the coordinating group was rolled back: nobody can commit it later. Safe from any thread.
 */
public final class ClusterBranches {
    private final XaView view;
    private final Decisions decisions;
    private final Committer committer;
    private final InstantSource clock;

    ClusterBranches(XaView view, Decisions decisions, Committer committer, InstantSource clock) {
        this.view = view;
        this.decisions = decisions;
        this.committer = committer;
        this.clock = clock;
    }

    /** In the coordinating group: commits the whole transaction; XA_RBROLLBACK if it was given up before. */
    public void decide(BranchId id, Lane lane, Reply<XaAnswer> reply) {
        PreparedBranch branch = view.get(id);
        if (branch != null && branch.state() == State.PREPARED) {
            decisions.end(
                    branch,
                    State.COMMITTED,
                    true,
                    lane,
                    Reply.of(done -> reply.ok(decided(id)), refused -> reply.ok(unknown(refused))));
        } else {
            reply.ok(decided(id));
        }
    }

    private XaAnswer decided(BranchId id) {
        PreparedBranch branch = view.get(id);
        return branch != null && branch.state() == State.COMMITTED ? XaAnswer.OK : rolledBack(id);
    }

    private static XaAnswer rolledBack(BranchId id) {
        return new XaAnswer(XAException.XA_RBROLLBACK, "transaction " + id + " was rolled back: it was given up");
    }

    private static XaAnswer unknown(BrokerException refused) {
        return new XaAnswer(XAException.XAER_RMFAIL, String.valueOf(refused.getMessage()));
    }

    /** In the coordinating group, for one that waits: OK if it was decided to commit; else it never will be. */
    public void outcome(BranchId id, Lane lane, Reply<XaAnswer> reply) {
        PreparedBranch branch = view.get(id);
        if (branch == null) {
            whenCertain(id, lane, reply, () -> reply.ok(rolledBack(id)));
        } else if (branch.state() == State.PREPARED) {
            decisions.end(
                    branch,
                    State.ROLLED_BACK,
                    false,
                    lane,
                    Reply.of(done -> reply.ok(rolledBack(id)), refused -> reply.ok(unknown(refused))));
        } else {
            reply.ok(decided(id));
        }
    }

    /** Ends a prepared branch as the coordinating group has decided; XAER_NOTA if it has ended. */
    public void follow(BranchId id, boolean commit, Lane lane, Reply<XaAnswer> reply) {
        PreparedBranch branch = view.get(id);
        if (branch == null) {
            whenCertain(id, lane, reply, () -> reply.ok(XaAnswer.unknown(id)));
        } else if (branch.state() == State.PREPARED) {
            decisions.end(
                    branch,
                    commit ? State.COMMITTED : State.ROLLED_BACK,
                    false,
                    lane,
                    Reply.of(done -> reply.ok(XaAnswer.OK), refused -> reply.ok(unknown(refused))));
        } else {
            reply.ok(XaAnswer.unknown(id)); // An administrator has ended it.
        }
    }

    /**
     * Runs the task if the branch is not there as of now: what a leader knows that another has replaced is not enough.
     */
    private void whenCertain(BranchId id, Lane lane, Reply<XaAnswer> reply, Runnable task) {
        committer.confirm(
                lane,
                Reply.of(
                        done -> {
                            if (view.get(id) == null) {
                                task.run();
                            } else {
                                reply.ok(new XaAnswer(XAException.XAER_RMFAIL, "branch " + id + " changes; ask again"));
                            }
                        },
                        refused -> reply.ok(unknown(refused))));
    }

    /** In the coordinating group: every group has committed. */
    public void forget(BranchId id, Lane lane, Reply<XaAnswer> reply) {
        decisions.purge(id, lane, Reply.of(done -> reply.ok(XaAnswer.OK), refused -> reply.ok(XaAnswer.unknown(id))));
    }

    /**
     * Those that have been prepared, or decided about and not forgotten, for so long.
     *
     * @param time zero for all, also those that another leader's clock prepared later than it is here
     * @param begin how the numbers of their transactions begin, in hexadecimal; empty for all
     */
    public List<BranchId> waiting(Duration time, String begin) {
        long before = clock.millis() - time.toMillis();
        return decisions.all().stream()
                .filter(branch -> branch.id().isOfCluster() && (time.isZero() || branch.since() <= before))
                .map(PreparedBranch::id)
                .filter(id -> HexFormat.of().formatHex(id.globalBytes()).startsWith(begin))
                .toList();
    }
}
