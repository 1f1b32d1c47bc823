/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway.cluster;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.xa.BranchId;
import org.polymq.jms.gateway.Reasons;
import org.polymq.jms.gateway.cluster.Gathering.Message;
import org.polymq.jms.wire.Frame;
import org.polymq.jms.wire.Frame.Branch;
import org.polymq.jms.wire.Frame.BranchStep;
import org.polymq.jms.wire.Frame.Failed;
import org.polymq.jms.wire.Frame.Ok;
import org.polymq.jms.wire.Frame.Xa;
import org.polymq.jms.wire.Frame.XaBranches;
import org.polymq.jms.wire.Frame.XaDecide;
import org.polymq.jms.wire.Frame.XaDecision;
import org.polymq.jms.wire.Frame.XaDone;
import org.polymq.jms.wire.Frame.XaEnd;
import org.polymq.jms.wire.Frame.XaEnding;
import org.polymq.jms.wire.Frame.XaList;
import org.polymq.jms.wire.Frame.XaStart;
import org.polymq.jms.wire.Frame.XaStarting;
import org.polymq.jms.wire.WireMessage;
import org.polymq.jms.wire.XaId;

/**
 * The branches of transaction managers: each is one of its name in every group, from its start on, so that a group that
 * does not know it any more has lost its part. Confined to the client's event loop.
 */
final class GlobalBranches {
    private final Streams streams;
    private final Router router;
    private final Gathering gathering;
    private final ClientTransactions transactions;
    private final IntFunction<@Nullable GatewaySession> sessions;

    GlobalBranches(
            Streams streams,
            Router router,
            Gathering gathering,
            ClientTransactions transactions,
            IntFunction<@Nullable GatewaySession> sessions) {
        this.streams = streams;
        this.router = router;
        this.gathering = gathering;
        this.transactions = transactions;
        this.sessions = sessions;
    }

    /** Does what a transaction manager asks for. */
    void handle(Xa frame, Consumer<Frame> reply) {
        if (frame instanceof XaStart start) {
            start(start, reply);
        } else if (frame instanceof XaEnd end) {
            end(end, reply);
        } else if (frame instanceof XaDecide decide) {
            if (isAllowed(decide.id(), reply)) {
                decide(decide, reply);
            }
        } else if (frame instanceof XaList) {
            list(reply);
        } else {
            throw new BrokerException(Reason.INVALID_REQUEST, "a frame that only a broker sends");
        }
    }

    private static boolean isAllowed(XaId id, Consumer<Frame> reply) {
        boolean allowed = id.format() != BranchId.OF_CLUSTER;
        if (!allowed) {
            reply.accept(new XaDone(XAException.XAER_INVAL, "the format id is that of the cluster's own branches"));
        }
        return allowed;
    }

    private GatewaySession session(int id) {
        GatewaySession session = sessions.apply(id);
        if (session == null) {
            throw new BrokerException(Reason.INVALID_REQUEST, "there is no session " + id);
        }
        return session;
    }

    // ---- work

    private void start(XaStart start, Consumer<Frame> reply) {
        GatewaySession session = session(start.sessionId());
        if (!isAllowed(start.id(), reply)) {
            return;
        }
        XaCodes codes = new XaCodes(streams.groups(), all -> {
            if (all.all(XaCodes::isOk)) {
                reply.accept(all.first(XaCodes::isOk));
                return;
            }
            all.slots(XaCodes::isOk).forEach(slot -> undo(session, start, slot));
            reply.accept(all.first(code -> !XaCodes.isOk(code)));
        });
        for (int slot = 0; slot < streams.groups(); slot++) {
            session.stream(slot).request(start, codes.of(slot));
        }
    }

    private static void undo(GatewaySession session, XaStart start, int slot) {
        GroupStream stream = session.stream(slot);
        stream.request(new XaEnd(session.id(), start.id(), XaEnding.FAIL, List.of(), List.of()), answer -> {});
        if (start.how() == XaStarting.NEW) {
            stream.request(new XaDecide(XaDecision.ROLLBACK, start.id()), answer -> {});
        }
    }

    private void end(XaEnd end, Consumer<Frame> reply) {
        GatewaySession session = session(end.sessionId());
        RangesBySlot ranges = session.translate(end.ranges());
        List<Message> messages;
        XaEnding how = end.how();
        Frame refusal;
        try {
            messages = gathering.take(session.id(), end.messages());
            refusal = new Ok();
        } catch (BrokerException refused) {
            messages = List.of();
            how = XaEnding.FAIL;
            refusal = Reasons.failed(refused);
        }
        Frame why = refusal;
        XaCodes codes = new XaCodes(streams.groups(), all -> {
            session.settled(end.ranges());
            if (why instanceof Failed) {
                reply.accept(why);
            } else {
                reply.accept(
                        all.all(XaCodes::isOk) ? all.first(XaCodes::isOk) : all.first(code -> !XaCodes.isOk(code)));
            }
        });
        for (int slot = 0; slot < streams.groups(); slot++) {
            GroupStream stream = session.stream(slot);
            int at = slot;
            List<Message> its = messages.stream()
                    .filter(message -> router.slotOf(message.wire().destination()) == at)
                    .toList();
            List<WireMessage> last = Gathering.sendAhead(stream, session.id(), its);
            stream.request(new XaEnd(session.id(), end.id(), how, last, ranges.of(slot)), codes.of(slot));
        }
    }

    // ---- decisions

    private void decide(XaDecide decide, Consumer<Frame> reply) {
        if (decide.decision() == XaDecision.COMMIT_ONE_PHASE) {
            commitAtOnce(decide, reply);
            return;
        }
        everywhere(decide, all -> {
            if (all.all(XaCodes::isUnknownBranch)) {
                reply.accept(all.first(XaCodes::isUnknownBranch));
            } else if (decide.decision() == XaDecision.PREPARE) {
                prepared(decide.id(), all, reply);
            } else {
                ended(all, reply);
            }
        });
    }

    private void everywhere(Frame frame, Consumer<XaCodes> whole) {
        XaCodes codes = new XaCodes(streams.groups(), whole);
        streams.all().forEach(stream -> stream.request(frame, codes.of(stream.slot())));
    }

    private void prepared(XaId id, XaCodes all, Consumer<Frame> reply) {
        if (all.all(XaCodes::isOk)) {
            boolean some = all.any(code -> code == XAResource.XA_OK);
            reply.accept(new XaDone(some ? XAResource.XA_OK : XAResource.XA_RDONLY, ""));
        } else {
            refused(id, all, reply);
        }
    }

    /** A branch that some groups have lost is over in all; one that is prepared, or worked for, is not touched. */
    private void refused(XaId id, XaCodes all, Consumer<Frame> reply) {
        if (all.any(GlobalBranches::isStanding)) {
            reply.accept(all.first(GlobalBranches::isStanding));
        } else {
            rollback(id, all.any(XaCodes::isRolledBack) ? all.first(XaCodes::isRolledBack) : lost(), reply);
        }
    }

    private static boolean isStanding(int code) {
        return !XaCodes.isOk(code) && !XaCodes.isUnknownBranch(code) && !XaCodes.isRolledBack(code);
    }

    private static XaDone lost() {
        return new XaDone(
                XAException.XA_RBCOMMFAIL,
                "a group changed its leader before the branch was prepared: it lost its part");
    }

    private void rollback(XaId id, XaDone why, Consumer<Frame> reply) {
        everywhere(new XaDecide(XaDecision.ROLLBACK, id), all -> reply.accept(why));
    }

    /** Groups that had no work, or have ended it the last time this was asked, do not know the branch. */
    private static void ended(XaCodes all, Consumer<Frame> reply) {
        boolean committed = all.any(code -> code == XAException.XA_HEURCOM);
        boolean rolledBack = all.any(code -> code == XAException.XA_HEURRB);
        boolean asTold = all.any(XaCodes::isOk);
        if (all.any(GlobalBranches::isTrouble)) {
            reply.accept(all.first(GlobalBranches::isTrouble));
        } else if ((committed && (rolledBack || asTold)) || (rolledBack && asTold)) {
            reply.accept(new XaDone(
                    XAException.XA_HEURMIX,
                    "an administrator has ended the branch in some groups, otherwise in others"));
        } else if (committed || rolledBack) {
            int code = committed ? XAException.XA_HEURCOM : XAException.XA_HEURRB;
            reply.accept(all.first(each -> each == code));
        } else {
            reply.accept(all.first(XaCodes::isOk));
        }
    }

    private static boolean isTrouble(int code) {
        return !XaCodes.isOk(code)
                && !XaCodes.isUnknownBranch(code)
                && code != XAException.XA_HEURCOM
                && code != XAException.XA_HEURRB;
    }

    // ---- one phase

    private void commitAtOnce(XaDecide decide, Consumer<Frame> reply) {
        XaId id = decide.id();
        everywhere(new Branch(BranchStep.ASK, id, id), all -> {
            if (all.all(XaCodes::isUnknownBranch)) {
                reply.accept(all.first(XaCodes::isUnknownBranch));
            } else if (all.all(XaCodes::isOk)) {
                commitAtOnce(decide, all, reply);
            } else {
                refused(id, all, reply);
            }
        });
    }

    private void commitAtOnce(XaDecide decide, XaCodes asked, Consumer<Frame> reply) {
        List<Integer> working = new ArrayList<>();
        asked.slots(code -> code == XAResource.XA_OK).forEach(working::add);
        // Where there is no work the branch is over at once.
        asked.slots(code -> code == XAResource.XA_RDONLY)
                .forEach(slot -> streams.get(slot).request(decide, answer -> {}));
        if (working.isEmpty()) {
            reply.accept(new XaDone(XAResource.XA_OK, ""));
        } else if (working.size() == 1) {
            streams.get(working.get(0)).request(decide, reply);
        } else {
            twoPhase(decide.id(), working, reply);
        }
    }

    private void twoPhase(XaId id, List<Integer> working, Consumer<Frame> reply) {
        ClusterTransaction transaction = transactions.begin(working.get(0), working);
        TwoPhase.Preparing preparing = (slot, branch, answer) ->
                streams.get(slot).request(new Branch(BranchStep.PREPARE_AS, id, branch), answer);
        new TwoPhase(transaction, streams::get, preparing, transactions, new TwoPhase.Done() {
                    @Override
                    public void committed() {
                        finished(new XaDone(XAResource.XA_OK, ""));
                    }

                    @Override
                    public void rolledBack(XaDone why) {
                        // What was not prepared has its first name still.
                        rollback(id, new XaDone(XAException.XA_RBROLLBACK, why.message()), this::finished);
                    }

                    @Override
                    public void unknown(XaDone why) {
                        finished(new XaDone(XAException.XAER_RMFAIL, why.message()));
                    }

                    private void finished(Frame answer) {
                        transactions.ended(transaction);
                        reply.accept(answer);
                    }
                })
                .run();
    }

    // ---- recovery

    private void list(Consumer<Frame> reply) {
        Set<XaId> ids = new LinkedHashSet<>();
        Answers answers = new Answers(
                streams.groups(),
                answer -> reply.accept(answer instanceof Ok ? new XaBranches(List.copyOf(ids)) : answer));
        streams.all()
                .forEach(stream -> stream.request(new XaList(), answer -> {
                    if (answer instanceof XaBranches branches) {
                        ids.addAll(branches.ids());
                    }
                    answers.accept(answer);
                }));
    }
}
