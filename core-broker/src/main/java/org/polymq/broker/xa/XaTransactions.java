/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.xa;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import javax.transaction.xa.XAException;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.publish.Publisher;
import org.polymq.broker.publish.Stored;
import org.polymq.broker.state.ColdReads;
import org.polymq.broker.state.Committer;
import org.polymq.broker.state.QueueReader;
import org.polymq.broker.subscription.AcknowledgedRange;
import org.polymq.broker.subscription.Settlement;
import org.polymq.broker.subscription.SubscriptionsView;
import org.polymq.broker.topic.Topics;
import org.polymq.broker.xa.ActiveBranch.Part;
import org.polymq.broker.xa.PreparedBranch.State;

/**
 * Transaction branches of the broker as a resource manager (X/Open XA): the calls of transaction managers, and of
 * administrators where one does not come back. What a branch does before it is prepared is in memory and is undone if
 * its connection breaks, its time is over or the broker stops. Safe from any thread.
 */
public final class XaTransactions {
    private static final int MAX_BRANCHES = 100_000;
    /** How long a branch that is rolled back for its time waits for its transaction manager to hear of it, ms. */
    private static final long REMEMBERED = 3_600_000;

    private final XaView view;
    private final Publisher publisher;
    private final Committer committer;
    private final Decisions decisions;
    private final ClusterBranches cluster;
    private final InstantSource clock;
    private final Duration timeout;
    /** Not prepared. Guarded by this. */
    private final Map<BranchId, ActiveBranch> active = new HashMap<>();
    /** Those whose prepare or end is on its way into the log. */
    private final Set<BranchId> busy = ConcurrentHashMap.newKeySet();

    /** How a session begins to work for a branch. */
    public enum Start {
        /** The branch is new. */
        NEW,
        /** Another session has begun it. */
        JOIN,
        /** This session has suspended its work. */
        RESUME
    }

    /** How a session ends its work for a branch. */
    public enum End {
        SUCCESS,
        /** The branch can only be rolled back. */
        FAIL,
        SUSPEND
    }

    /** @param timeout how long a branch may take until it is prepared, unless its transaction manager says otherwise */
    public XaTransactions(
            XaView view,
            Publisher publisher,
            Committer committer,
            QueueReader log,
            ColdReads coldReads,
            Topics topics,
            InstantSource clock,
            Duration timeout) {
        this.view = view;
        this.publisher = publisher;
        this.committer = committer;
        this.decisions = new Decisions(view, publisher, committer, log, coldReads, topics, busy);
        this.cluster = new ClusterBranches(view, decisions, committer, clock);
        this.clock = clock;
        this.timeout = timeout;
    }

    // ---- work

    /**
     * A session begins to work for a branch.
     *
     * @param session compared by equality; the same in {@link #end}
     * @param owner the name of its user
     * @param limit how long the new branch may take until it is prepared; zero for the broker's own limit
     */
    public synchronized XaAnswer start(BranchId id, Object session, Start how, String owner, Duration limit) {
        ActiveBranch branch = active.get(id);
        if (how == Start.NEW) {
            if (branch != null || view.get(id) != null || busy.contains(id)) {
                return new XaAnswer(XAException.XAER_DUPID, "there is a branch " + id + " already");
            }
            if (active.size() >= MAX_BRANCHES) {
                return new XaAnswer(
                        XAException.XAER_RMERR, "there are " + MAX_BRANCHES + " branches that are not prepared");
            }
            long most = (limit.isZero() ? timeout : limit).toMillis();
            branch = new ActiveBranch(id, owner, clock.millis() + most);
            active.put(id, branch);
        } else if (branch == null || !branch.owner().equals(owner)) {
            return XaAnswer.unknown(id);
        } else if (branch.doomed() != null) {
            return branch.doomed();
        } else if (how == Start.RESUME && !branch.isSuspended(session)) {
            return XaAnswer.protocol(id, "is not suspended by this session");
        }
        branch.join(session);
        return XaAnswer.OK;
    }

    /** A session ends or suspends its work for a branch, and hands over what it did. */
    public void end(BranchId id, Object session, End how, Work work, Reply<XaAnswer> reply) {
        XaAnswer refused;
        synchronized (this) {
            refused = leave(id, session, how);
        }
        if (refused != null || how == End.FAIL) {
            work.messages().forEach(message -> message.abandon());
            work.taken().forEach(Work.Taken::giveBack);
            reply.ok(refused == null ? XaAnswer.OK : refused);
            return;
        }
        publisher.encoded(
                work.messages(),
                work.lane(),
                Reply.of(records -> add(id, new Part(session, records, work), reply), not -> {
                    work.taken().forEach(Work.Taken::giveBack);
                    XaAnswer failed = rolledBack(String.valueOf(not.getMessage()));
                    synchronized (this) {
                        ActiveBranch branch = active.get(id);
                        if (branch != null) {
                            branch.arrived(session);
                            branch.doom(failed);
                        }
                    }
                    reply.ok(failed);
                }));
    }

    /** Why this session may not end it like this; null if it has. */
    private @Nullable XaAnswer leave(BranchId id, Object session, End how) {
        ActiveBranch branch = active.get(id);
        if (branch == null) {
            return XaAnswer.unknown(id);
        }
        if (!branch.leave(session, how == End.SUSPEND)) {
            return XaAnswer.protocol(id, "is not worked for by this session");
        }
        if (how == End.FAIL) {
            branch.doom(rolledBack("a session ended its work for the branch as failed"));
            return null;
        }
        if (branch.doomed() == null) {
            branch.comes(session);
        }
        return branch.doomed();
    }

    private void add(BranchId id, Part part, Reply<XaAnswer> reply) {
        XaAnswer refused;
        synchronized (this) {
            ActiveBranch branch = active.get(id);
            refused = branch == null ? XaAnswer.unknown(id) : branch.doomed();
            if (branch != null) {
                branch.arrived(part.session());
            }
            if (branch != null && refused == null) {
                if (!part.work().isEmpty()) {
                    branch.add(part);
                }
                reply.ok(XaAnswer.OK);
                return;
            }
        }
        XaAnswer answer = refused == null ? XaAnswer.unknown(id) : refused;
        part.undo(publisher);
        reply.ok(answer);
    }

    private static XaAnswer rolledBack(String why) {
        return new XaAnswer(XAException.XA_RBROLLBACK, why);
    }

    /**
     * A session is over.
     *
     * @param lost whether its connection broke: branches that it worked for and that are not prepared are rolled back
     */
    public void left(Object session, boolean lost) {
        List<Part> undone = new ArrayList<>();
        synchronized (this) {
            for (ActiveBranch branch : active.values()) {
                if (lost && branch.concerns(session)) {
                    branch.doom(new XaAnswer(
                            XAException.XA_RBCOMMFAIL,
                            "the connection broke before branch " + branch.id() + " was prepared"));
                    undone.addAll(branch.takeParts());
                }
                branch.leave(session, false);
            }
        }
        ActiveBranch.each(undone, part -> part.undo(publisher), () -> {});
    }

    /** Rolls back what has taken too long. Called every second. */
    public void expire() {
        long now = clock.millis();
        List<Part> undone = new ArrayList<>();
        synchronized (this) {
            active.values().removeIf(branch -> {
                if (now >= branch.deadline()) {
                    branch.doom(new XaAnswer(
                            XAException.XA_RBTIMEOUT,
                            "the time for branch " + branch.id() + " was over before it was prepared"));
                    undone.addAll(branch.takeParts());
                }
                long kept = branch.id().isOfCluster() ? 0 : REMEMBERED; // Gateways do not ask later.
                return now >= branch.deadline() + kept && !branch.isInUse();
            });
        }
        ActiveBranch.each(undone, part -> part.undo(publisher), () -> {});
    }

    // ---- first phase

    /**
     * Whether a branch that has ended its work could be prepared: OK, READ_ONLY if it has no work here, or why not.
     *
     * @param owner the name of its user
     */
    public synchronized XaAnswer ask(BranchId id, String owner) {
        XaAnswer refused = checkEnded(id, owner);
        ActiveBranch branch = active.get(id);
        if (refused != null || branch == null) {
            return refused == null ? XaAnswer.unknown(id) : refused;
        }
        XaAnswer doomed = branch.doomed();
        if (doomed != null) {
            return doomed;
        }
        return branch.isEmpty() ? XaAnswer.READ_ONLY : XaAnswer.OK;
    }

    /** Makes a branch durable, undecided: what it sent is invisible, what it consumed locked. */
    public void prepare(BranchId id, String owner, Lane lane, Reply<XaAnswer> reply) {
        prepareAs(id, id, owner, lane, reply);
    }

    /** The same, and it has another name from then on: nobody who knows the first one can end it. */
    public void prepareAs(BranchId first, BranchId id, String owner, Lane lane, Reply<XaAnswer> reply) {
        ActiveBranch ended = takeEnded(first, owner, lane, reply);
        if (ended == null) {
            return;
        }
        ActiveBranch branch = ended;
        if (!first.equals(id)) {
            branch = ended.as(id);
            busy.add(id);
            busy.remove(first);
        }
        prepare(branch, lane, reply);
    }

    private void prepare(ActiveBranch branch, Lane lane, Reply<XaAnswer> reply) {
        BranchId id = branch.id();
        if (branch.isEmpty()) {
            busy.remove(id);
            reply.ok(XaAnswer.READ_ONLY);
            return;
        }
        long number = ThreadLocalRandom.current().nextLong();
        List<ByteBuffer> messages = branch.records();
        List<AcknowledgedRange> acknowledged = new ArrayList<>();
        branch.acknowledgements().forEach(record -> acknowledged.addAll(SubscriptionsView.rangesOf(record)));
        List<ByteBuffer> records = new ArrayList<>();
        messages.forEach(message -> records.add(XaRecord.of(number, message)));
        records.add(XaView.prepared(id, number, branch.owner(), messages.size(), acknowledged));
        append(
                committer,
                records,
                !messages.isEmpty(),
                lane,
                Reply.of(done -> prepared(branch, lane, reply), refused -> {
                    busy.remove(id);
                    if (refused.reason().leavesOpen()) {
                        reply.ok(new XaAnswer(XAException.XAER_RMFAIL, String.valueOf(refused.getMessage())));
                    } else {
                        undo(branch, lane, reply, rolledBack(String.valueOf(refused.getMessage())));
                    }
                }));
    }

    static void append(Committer committer, List<ByteBuffer> records, boolean messages, Lane lane, Reply<Done> reply) {
        if (messages) {
            committer.messages(records, false, lane, reply, results -> Done.DONE);
        } else {
            committer.control(records, lane, reply, results -> Done.DONE);
        }
    }

    private void prepared(ActiveBranch branch, Lane lane, Reply<XaAnswer> reply) {
        decisions.prepared(branch);
        ActiveBranch.each(
                branch.parts(),
                part -> part.work().taken().stream()
                        .filter(Work.Taken::isLogged)
                        .forEach(taken -> taken.settlement().stored().run()),
                () -> ActiveBranch.run(lane, () -> reply.ok(XaAnswer.OK)));
    }

    /**
     * Takes a branch that is to be prepared or committed; it is busy then. Null if it cannot be: the reply said why.
     */
    private @Nullable ActiveBranch takeEnded(BranchId id, String owner, Lane lane, Reply<XaAnswer> reply) {
        ActiveBranch branch;
        XaAnswer refused;
        synchronized (this) {
            refused = checkEnded(id, owner);
            branch = refused == null ? active.remove(id) : null;
            if (branch != null && branch.doomed() == null) {
                busy.add(id);
            }
        }
        if (branch == null) {
            reply.ok(refused == null ? XaAnswer.unknown(id) : refused);
            return null;
        }
        XaAnswer doomed = branch.doomed();
        if (doomed != null) {
            undo(branch, lane, reply, doomed);
            return null;
        }
        return branch;
    }

    /** Why a branch that is not prepared cannot be prepared or committed now; null if it can. */
    private @Nullable XaAnswer checkEnded(BranchId id, String owner) {
        ActiveBranch branch = active.get(id);
        if (branch == null) {
            PreparedBranch before = view.get(id);
            return before == null || !before.owner().equals(owner)
                    ? XaAnswer.unknown(id)
                    : XaAnswer.protocol(id, "is prepared already");
        }
        if (!branch.owner().equals(owner)) {
            return XaAnswer.unknown(id);
        }
        return branch.isInUse() ? XaAnswer.protocol(id, "has not ended: a session works for it") : null;
    }

    private void undo(ActiveBranch branch, Lane lane, Reply<XaAnswer> reply, XaAnswer answer) {
        List<Part> parts;
        synchronized (this) {
            parts = branch.takeParts();
        }
        ActiveBranch.each(parts, part -> part.undo(publisher), () -> ActiveBranch.run(lane, () -> reply.ok(answer)));
    }

    // ---- second phase

    /** Commits a prepared branch, or with {@code onePhase} one that is not prepared. */
    public void commit(BranchId id, boolean onePhase, String owner, Lane lane, Reply<XaAnswer> reply) {
        if (onePhase) {
            commitAtOnce(id, owner, lane, reply);
            return;
        }
        synchronized (this) {
            if (active.containsKey(id)) {
                reply.ok(XaAnswer.protocol(id, "is not prepared"));
                return;
            }
        }
        decisions.decide(id, owner, State.COMMITTED, lane, reply);
    }

    private void commitAtOnce(BranchId id, String owner, Lane lane, Reply<XaAnswer> reply) {
        ActiveBranch branch = takeEnded(id, owner, lane, reply);
        if (branch == null) {
            return;
        }
        publisher.store(
                branch.records(),
                List.of(new Settlement(branch.acknowledgements(), () -> {}, () -> {})),
                lane,
                Reply.<List<Stored>>of(stored -> finish(branch, lane, reply), refused -> {
                    busy.remove(id);
                    XaAnswer answer = refused.reason().leavesOpen()
                            ? new XaAnswer(XAException.XAER_RMFAIL, String.valueOf(refused.getMessage()))
                            : rolledBack(String.valueOf(refused.getMessage()));
                    undo(branch, lane, reply, answer);
                }));
    }

    /** Does what is in memory only of a branch that is committed. */
    private void finish(ActiveBranch branch, Lane lane, Reply<XaAnswer> reply) {
        busy.remove(branch.id());
        ActiveBranch.each(
                branch.parts(),
                part -> {
                    part.work()
                            .taken()
                            .forEach(taken -> taken.settlement().stored().run());
                    part.work().whenCommitted();
                },
                () -> ActiveBranch.run(lane, () -> reply.ok(XaAnswer.OK)));
    }

    /** Rolls a branch back, prepared or not. */
    public void rollback(BranchId id, String owner, Lane lane, Reply<XaAnswer> reply) {
        ActiveBranch branch;
        synchronized (this) {
            branch = active.get(id);
            if (branch != null && branch.owner().equals(owner)) {
                active.remove(id);
            }
        }
        if (branch == null) {
            decisions.decide(id, owner, State.ROLLED_BACK, lane, reply);
        } else if (branch.owner().equals(owner)) {
            undo(branch, lane, reply, XaAnswer.OK);
        } else {
            reply.ok(XaAnswer.unknown(id));
        }
    }

    // ---- prepared branches

    /** The branches that a user's transaction manager has to decide about or to forget, the oldest first. */
    public List<BranchId> recover(String owner) {
        return decisions.recover(owner);
    }

    /** The transaction manager knows how an administrator ended the branch. */
    public void forget(BranchId id, String owner, Lane lane, Reply<XaAnswer> reply) {
        decisions.forget(id, owner, lane, reply);
    }

    /** The branches of transactions over several groups of a cluster. */
    public ClusterBranches cluster() {
        return cluster;
    }

    /** All prepared branches, and those that an administrator ended and nobody has forgotten; the oldest first. */
    public List<PreparedBranch> all() {
        return decisions.all();
    }

    /** How many of them there are. */
    public int count() {
        return view.size();
    }

    /**
     * An administrator decides in place of the transaction manager, which hears of it as a heuristic outcome and then
     * forgets the branch. Fails with TRANSACTION_NOT_FOUND if it is not prepared or was decided about.
     */
    public void complete(BranchId id, boolean commit, Lane lane, Reply<Done> reply) {
        decisions.complete(id, commit, lane, reply);
    }

    /**
     * An administrator removes a branch that was {@linkplain #complete completed} and whose transaction manager is gone
     * for good. Fails with TRANSACTION_NOT_FOUND if there is none.
     */
    public void purge(BranchId id, Lane lane, Reply<Done> reply) {
        decisions.purge(id, lane, reply);
    }
}
