/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.xa;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.transaction.xa.XAException;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.message.MessageRecord;
import org.polymq.broker.publish.Publisher;
import org.polymq.broker.state.ColdReads;
import org.polymq.broker.state.Committer;
import org.polymq.broker.state.QueueReader;
import org.polymq.broker.topic.Topics;
import org.polymq.broker.xa.PreparedBranch.State;

/**
 * What becomes of prepared branches: transaction managers decide, or administrators where one does not come back. Safe
 * from any thread.
 */
final class Decisions {
    private final XaView view;
    private final Publisher publisher;
    private final Committer committer;
    private final QueueReader log;
    private final ColdReads coldReads;
    private final Topics topics;
    /** Prepared in this run, with what is not in the log to finish. */
    private final Map<BranchId, ActiveBranch> prepared = new ConcurrentHashMap<>();
    /** Those whose prepare or end is on its way into the log. */
    private final Set<BranchId> busy;

    /** @param busy shared with whoever prepares; safe from any thread */
    Decisions(
            XaView view,
            Publisher publisher,
            Committer committer,
            QueueReader log,
            ColdReads coldReads,
            Topics topics,
            Set<BranchId> busy) {
        this.view = view;
        this.publisher = publisher;
        this.committer = committer;
        this.log = log;
        this.coldReads = coldReads;
        this.topics = topics;
        this.busy = busy;
    }

    /** A branch was prepared, and is not busy any more. */
    void prepared(ActiveBranch branch) {
        prepared.put(branch.id(), branch);
        busy.remove(branch.id());
    }

    /**
     * A transaction manager ends a branch that may be prepared. That it is not there is said only when it is certain: a
     * leader that another has replaced may not know of it, and the transaction manager would forget it.
     */
    void decide(BranchId id, String owner, State how, Lane lane, Reply<XaAnswer> reply) {
        PreparedBranch branch = view.get(id);
        if (branch != null) {
            decide(branch, owner, how, lane, reply);
            return;
        }
        committer.confirm(
                lane,
                Reply.of(
                        done -> {
                            PreparedBranch now = view.get(id);
                            if (now == null) {
                                reply.ok(XaAnswer.unknown(id));
                            } else {
                                decide(now, owner, how, lane, reply);
                            }
                        },
                        refused ->
                                reply.ok(new XaAnswer(XAException.XAER_RMFAIL, String.valueOf(refused.getMessage())))));
    }

    private void decide(PreparedBranch branch, String owner, State how, Lane lane, Reply<XaAnswer> reply) {
        BranchId id = branch.id();
        if (!branch.owner().equals(owner)) {
            reply.ok(XaAnswer.unknown(id));
            return;
        }
        switch (branch.state()) {
            case COMMITTED ->
                reply.ok(new XaAnswer(
                        XAException.XA_HEURCOM, "an administrator has committed branch " + id + "; forget it"));
            case ROLLED_BACK ->
                reply.ok(new XaAnswer(
                        XAException.XA_HEURRB, "an administrator has rolled back branch " + id + "; forget it"));
            case PREPARED ->
                end(branch, how, false, lane, Reply.of(done -> reply.ok(XaAnswer.OK), refused -> {
                    // Undecided still: the transaction manager asks again.
                    int code = how == State.COMMITTED && refused.reason() == Reason.DISK_FULL
                            ? XAException.XA_RETRY
                            : refused.reason() == Reason.TRANSACTION_NOT_FOUND
                                    ? XAException.XAER_NOTA
                                    : XAException.XAER_RMFAIL;
                    reply.ok(new XaAnswer(code, String.valueOf(refused.getMessage())));
                }));
        }
    }

    /** @param lasting whether the branch stays, ended, until it is forgotten */
    void end(PreparedBranch branch, State how, boolean lasting, Lane lane, Reply<Done> reply) {
        if (!busy.add(branch.id())) {
            reply.failed(
                    new BrokerException(Reason.UNAVAILABLE, "branch " + branch.id() + " is being ended; ask again"));
            return;
        }
        boolean cold = how == State.COMMITTED
                && !branch.messages().isEmpty()
                && coldReads.isCold(branch.messages().get(0));
        if (cold) {
            coldReads.execute(() -> endNow(branch, how, lasting, lane, reply));
        } else {
            endNow(branch, how, lasting, lane, reply);
        }
    }

    private void endNow(PreparedBranch branch, State how, boolean lasting, Lane lane, Reply<Done> reply) {
        List<ByteBuffer> records = new ArrayList<>();
        records.add(XaView.ended(branch, how, lasting));
        try {
            if (how == State.COMMITTED) {
                branch.messages().forEach(position -> visible(position, records));
            }
        } catch (BrokerException unreadable) {
            busy.remove(branch.id());
            ActiveBranch.run(lane, () -> reply.failed(unreadable));
            return;
        }
        XaTransactions.append(
                committer,
                records,
                records.size() > 1,
                lane,
                Reply.of(done -> ended(branch, how, lane, reply), refused -> {
                    busy.remove(branch.id());
                    if (isEnded(branch)) {
                        ended(
                                branch, how, lane,
                                reply); // a destination was deleted meanwhile, with what would be in it
                    } else {
                        reply.failed(refused);
                    }
                }));
    }

    private boolean isEnded(PreparedBranch branch) {
        PreparedBranch now = view.get(branch.id());
        return now == null || now.number() != branch.number() || now.state() != State.PREPARED;
    }

    /** Adds the message at this position as it is stored where it is seen; one whose topic is deleted is dropped. */
    private void visible(long position, List<ByteBuffer> records) {
        ByteBuffer message = XaRecord.message(log.record(position));
        if (topics.get(MessageRecord.topicId(message)) == null) {
            return;
        }
        ByteBuffer copy = ByteBuffer.allocate(message.remaining()).put(message).flip();
        MessageRecord.setFlags(copy, MessageRecord.flags(copy) | MessageRecord.CONDITIONAL);
        records.add(publisher.staged(copy));
    }

    private void ended(PreparedBranch branch, State how, Lane lane, Reply<Done> reply) {
        ActiveBranch here = prepared.remove(branch.id());
        busy.remove(branch.id());
        if (here == null) {
            reply.ok(Done.DONE);
            return;
        }
        ActiveBranch.each(
                here.parts(),
                part -> {
                    for (Work.Taken taken : part.work().taken()) {
                        if (!taken.isLogged() && how == State.COMMITTED) {
                            taken.settlement().stored().run();
                        } else if (!taken.isLogged()) {
                            taken.giveBack();
                        }
                    }
                    if (how == State.COMMITTED) {
                        part.work().whenCommitted();
                    }
                },
                () -> ActiveBranch.run(lane, () -> reply.ok(Done.DONE)));
    }

    // ---- recovery

    /** The branches that a user's transaction manager has to decide about or to forget, the oldest first. */
    List<BranchId> recover(String owner) {
        return all().stream()
                .filter(branch -> branch.owner().equals(owner) && !branch.id().isOfCluster())
                .map(PreparedBranch::id)
                .toList();
    }

    /** The transaction manager knows how an administrator ended the branch. */
    void forget(BranchId id, String owner, Lane lane, Reply<XaAnswer> reply) {
        PreparedBranch branch = view.get(id);
        if (branch == null || !branch.owner().equals(owner)) {
            reply.ok(XaAnswer.unknown(id));
        } else if (branch.state() == State.PREPARED) {
            reply.ok(XaAnswer.protocol(id, "is undecided: commit it or roll it back"));
        } else {
            forget(
                    branch,
                    lane,
                    Reply.of(
                            done -> reply.ok(XaAnswer.OK),
                            refused -> reply.ok(
                                    new XaAnswer(XAException.XAER_RMFAIL, String.valueOf(refused.getMessage())))));
        }
    }

    void forget(PreparedBranch branch, Lane lane, Reply<Done> reply) {
        committer.control(List.of(XaView.forgotten(branch)), lane, reply, results -> Done.DONE);
    }

    // ---- administration

    /** All prepared branches, and those that an administrator ended and nobody has forgotten; the oldest first. */
    List<PreparedBranch> all() {
        Collection<PreparedBranch> all = view.all();
        return all.stream()
                .sorted(Comparator.comparingLong(PreparedBranch::since))
                .toList();
    }

    /**
     * An administrator decides in place of the transaction manager, which hears of it as a heuristic outcome and then
     * forgets the branch. Fails with TRANSACTION_NOT_FOUND if it is not prepared or was decided about.
     */
    void complete(BranchId id, boolean commit, Lane lane, Reply<Done> reply) {
        PreparedBranch branch = view.get(id);
        if (branch == null || branch.state() != State.PREPARED) {
            reply.failed(new BrokerException(
                    Reason.TRANSACTION_NOT_FOUND, "no prepared branch " + id + " waits for a decision"));
            return;
        }
        end(branch, commit ? State.COMMITTED : State.ROLLED_BACK, true, lane, reply);
    }

    /**
     * An administrator removes a branch that was {@linkplain #complete completed} and whose transaction manager is gone
     * for good. Fails with TRANSACTION_NOT_FOUND if there is none.
     */
    void purge(BranchId id, Lane lane, Reply<Done> reply) {
        PreparedBranch branch = view.get(id);
        if (branch == null || branch.state() == State.PREPARED) {
            reply.failed(new BrokerException(
                    Reason.TRANSACTION_NOT_FOUND, "no branch " + id + " was completed by an administrator"));
            return;
        }
        forget(branch, lane, reply);
    }
}
