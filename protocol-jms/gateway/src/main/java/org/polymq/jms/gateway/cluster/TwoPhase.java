/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway.cluster;

import java.util.function.Consumer;
import java.util.function.IntFunction;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import org.polymq.jms.wire.Frame;
import org.polymq.jms.wire.Frame.Branch;
import org.polymq.jms.wire.Frame.BranchStep;
import org.polymq.jms.wire.Frame.XaDecide;
import org.polymq.jms.wire.Frame.XaDecision;
import org.polymq.jms.wire.Frame.XaDone;
import org.polymq.jms.wire.XaId;

/**
 * Commits a transaction over several groups: the coordinating group prepares, then the others, then the coordinating
 * group decides with one record of its log, then the others follow. Until the decision the transaction is rolled back
 * if anything fails, also by whoever finds it abandoned; from then on it is committed. Confined to the client's event
 * loop.
 */
final class TwoPhase {
    private final ClusterTransaction transaction;
    private final IntFunction<GroupStream> streams;
    private final Preparing preparing;
    private final ClientTransactions transactions;
    private final Done done;

    /** How a group prepares its part. */
    interface Preparing {
        /** Asks the group to prepare the branch; answered with {@link XaDone}. */
        void prepare(int slot, XaId branch, Consumer<Frame> reply);
    }

    /** What became of it. */
    interface Done {
        void committed();

        /** @param why what the group said that could not prepare, or that decided otherwise */
        void rolledBack(XaDone why);

        /** The coordinating group did not say that it has decided, and may have. */
        void unknown(XaDone why);
    }

    TwoPhase(
            ClusterTransaction transaction,
            IntFunction<GroupStream> streams,
            Preparing preparing,
            ClientTransactions transactions,
            Done done) {
        this.transaction = transaction;
        this.streams = streams;
        this.preparing = preparing;
        this.transactions = transactions;
        this.done = done;
    }

    ClusterTransaction transaction() {
        return transaction;
    }

    private int coordinator() {
        return transaction.coordinator();
    }

    private XaId branch(int slot) {
        return transaction.branch(slot);
    }

    /**
     * Begins. The coordinating group is the first to prepare: so a group whose branch is in doubt and finds none there
     * knows that it was rolled back.
     */
    void run() {
        preparing.prepare(coordinator(), branch(coordinator()), answer -> {
            XaDone code = XaCodes.code(answer);
            if (code.code() == XAResource.XA_OK) {
                prepareOthers();
            } else if (code.code() == XAResource.XA_RDONLY) {
                abort(new XaDone(XAException.XA_RBROLLBACK, "messages of the transaction went back to their places"));
            } else {
                abort(code);
            }
        });
    }

    private void prepareOthers() {
        XaCodes codes = new XaCodes(transaction.others().size(), all -> {
            if (all.all(XaCodes::isOk)) {
                decide(all);
            } else {
                abort(all.first(code -> !XaCodes.isOk(code)));
            }
        });
        transaction.others().forEach(slot -> preparing.prepare(slot, branch(slot), codes.of(slot)));
    }

    private void decide(XaCodes prepared) {
        ask(coordinator(), BranchStep.DECIDE, answer -> {
            XaDone code = XaCodes.code(answer);
            if (code.code() == XAResource.XA_OK) {
                follow(prepared);
            } else if (XaCodes.isRolledBack(code.code())) {
                abort(code);
            } else {
                transactions.finish(transaction, ending -> {
                    if (ending == Resolver.Ending.COMMITTED) {
                        done.committed();
                    } else {
                        done.unknown(code);
                    }
                });
            }
        });
    }

    private void follow(XaCodes prepared) {
        int[] with = {0};
        Iterable<Integer> slots = prepared.slots(code -> code == XAResource.XA_OK);
        slots.forEach(slot -> with[0]++);
        XaCodes codes = new XaCodes(with[0], all -> {
            if (all.all(code -> XaCodes.isOk(code) || XaCodes.isUnknownBranch(code))) {
                ask(coordinator(), BranchStep.FORGET, answer -> {});
                done.committed();
            } else { // It is decided: the rest is only a matter of time.
                transactions.finish(transaction, ending -> done.committed());
            }
        });
        slots.forEach(slot -> ask(slot, BranchStep.COMMIT, codes.of(slot)));
    }

    private void ask(int slot, BranchStep step, Consumer<Frame> reply) {
        streams.apply(slot).request(new Branch(step, branch(slot), branch(slot)), reply);
    }

    /** Nothing is decided and, since only this could, never will be: everything goes back. */
    private void abort(XaDone why) {
        XaCodes codes = new XaCodes(transaction.others().size() + 1, all -> {
            if (all.all(code -> XaCodes.isOk(code) || XaCodes.isUnknownBranch(code))) {
                done.rolledBack(why);
            } else {
                transactions.finish(transaction, ending -> done.rolledBack(why));
            }
        });
        transaction.others().forEach(slot -> rollback(slot, codes));
        rollback(coordinator(), codes);
    }

    private void rollback(int slot, XaCodes codes) {
        streams.apply(slot).request(new XaDecide(XaDecision.ROLLBACK, branch(slot)), codes.of(slot));
    }
}
