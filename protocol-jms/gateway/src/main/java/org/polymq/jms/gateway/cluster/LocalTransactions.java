/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway.cluster;

import java.util.List;
import java.util.function.Consumer;
import org.polymq.broker.BrokerException;
import org.polymq.jms.gateway.Reasons;
import org.polymq.jms.gateway.cluster.Gathering.Message;
import org.polymq.jms.wire.Frame;
import org.polymq.jms.wire.Frame.BodyPart;
import org.polymq.jms.wire.Frame.Commit;
import org.polymq.jms.wire.Frame.Failed;
import org.polymq.jms.wire.Frame.Ok;
import org.polymq.jms.wire.Frame.Send;
import org.polymq.jms.wire.Frame.XaDecide;
import org.polymq.jms.wire.Frame.XaDecision;
import org.polymq.jms.wire.Frame.XaDone;
import org.polymq.jms.wire.Frame.XaEnd;
import org.polymq.jms.wire.Frame.XaEnding;
import org.polymq.jms.wire.Frame.XaStart;
import org.polymq.jms.wire.Frame.XaStarting;
import org.polymq.jms.wire.WireError;
import org.polymq.jms.wire.XaId;

/**
 * The commits of a client's sessions: one entry of the log where one group is concerned, else two phases. Confined to
 * the client's event loop.
 */
final class LocalTransactions {
    /** Until it is prepared in a group, s. */
    private static final int PREPARE_SECONDS = 60;

    private final Router router;
    private final Gathering gathering;
    private final ClientTransactions transactions;

    LocalTransactions(Router router, Gathering gathering, ClientTransactions transactions) {
        this.router = router;
        this.gathering = gathering;
        this.transactions = transactions;
    }

    /** Stores all messages and settles all deliveries, or none. */
    void commit(GatewaySession session, Commit commit, Consumer<Frame> reply) {
        Split split;
        try {
            List<Message> messages = gathering.take(session.id(), commit.messages());
            split = new Split(messages, session.translate(commit.ranges()), router);
        } catch (BrokerException refused) {
            reply.accept(Reasons.failed(refused));
            return;
        }
        if (session.isOfBefore(commit.ranges())) {
            reply.accept(new Failed(
                    WireError.TRANSACTION_ROLLED_BACK,
                    "the connection broke, and messages of the transaction went back to their places"));
            return;
        }
        commit(session, split, answer -> {
            if (answer instanceof Ok) {
                session.settled(commit.ranges());
                split.later().forEach(message -> hand(session, message));
            }
            reply.accept(answer);
        });
    }

    private void commit(GatewaySession session, Split split, Consumer<Frame> reply) {
        if (split.slots().isEmpty()) {
            reply.accept(new Ok());
        } else if (split.slots().size() == 1) {
            int slot = split.first();
            GroupStream stream = session.stream(slot);
            List<Message> messages = split.messages(slot);
            stream.request(
                    new Commit(
                            session.id(),
                            Gathering.sendAhead(stream, session.id(), messages),
                            split.ranges().of(slot)),
                    reply);
        } else {
            overSeveral(session, split, reply);
        }
    }

    /**
     * The coordinating group is that of the first message: a client whose connection breaks asks whether that one is
     * stored, and this group's entry is the decision.
     */
    private void overSeveral(GatewaySession session, Split split, Consumer<Frame> reply) {
        ClusterTransaction transaction = transactions.begin(split.first(), split.slots());
        XaCodes ended = new XaCodes(split.slots().size(), all -> twoPhase(session, transaction, all, reply));
        split.slots().forEach(slot -> {
            GroupStream stream = session.stream(slot);
            XaId branch = transaction.branch(slot);
            stream.request(new XaStart(session.id(), branch, XaStarting.NEW, PREPARE_SECONDS), started -> {});
            stream.request(
                    new XaEnd(
                            session.id(),
                            branch,
                            XaEnding.SUCCESS,
                            Gathering.sendAhead(stream, session.id(), split.messages(slot)),
                            split.ranges().of(slot)),
                    ended.of(slot));
        });
    }

    private void twoPhase(
            GatewaySession session, ClusterTransaction transaction, XaCodes ended, Consumer<Frame> reply) {
        TwoPhase.Preparing preparing = (slot, branch, answer) -> {
            if (ended.all(XaCodes::isOk)) {
                session.stream(slot).request(new XaDecide(XaDecision.PREPARE, branch), answer);
            } else {
                answer.accept(ended.first(code -> !XaCodes.isOk(code)));
            }
        };
        new TwoPhase(transaction, session::stream, preparing, transactions, new TwoPhase.Done() {
                    @Override
                    public void committed() {
                        finished(new Ok());
                    }

                    @Override
                    public void rolledBack(XaDone why) {
                        finished(new Failed(WireError.TRANSACTION_ROLLED_BACK, why.message()));
                    }

                    @Override
                    public void unknown(XaDone why) {
                        finished(new Failed(WireError.OUTCOME_UNKNOWN, why.message()));
                    }

                    private void finished(Frame answer) {
                        transactions.ended(transaction);
                        reply.accept(answer);
                    }
                })
                .run();
    }

    private void hand(GatewaySession session, Message message) {
        GroupStream stream = session.stream(router.slotOf(message.wire().destination()));
        message.pieces().forEach(piece -> stream.tell(new BodyPart(session.id(), 0, piece)));
        stream.tell(new Send(session.id(), message.wire(), false));
    }
}
