/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import javax.transaction.xa.XAException;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.message.Destination;
import org.polymq.broker.publish.DirectDelivery;
import org.polymq.broker.publish.Outgoing;
import org.polymq.broker.publish.Publisher;
import org.polymq.broker.xa.BranchId;
import org.polymq.broker.xa.Work;
import org.polymq.broker.xa.XaAnswer;
import org.polymq.broker.xa.XaTransactions;
import org.polymq.jms.wire.Frame.Commit;
import org.polymq.jms.wire.Frame.MoreMessages;
import org.polymq.jms.wire.Frame.Xa;
import org.polymq.jms.wire.Frame.XaBranches;
import org.polymq.jms.wire.Frame.XaDecide;
import org.polymq.jms.wire.Frame.XaDone;
import org.polymq.jms.wire.Frame.XaEnd;
import org.polymq.jms.wire.Frame.XaList;
import org.polymq.jms.wire.Frame.XaStart;
import org.polymq.jms.wire.WireMessage;
import org.polymq.jms.wire.XaId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The transactions of one connection's sessions: local ones, and branches of others. Confined to its event loop. */
final class Transactions {
    private static final Logger LOG = LoggerFactory.getLogger(Transactions.class);

    /** What one session may have here before its commit, in bytes; bodies that are stored ahead do not count. */
    private static final long MAX_BYTES = 64L << 20;

    private final JmsConnection connection;
    private final XaTransactions branches;
    private final Publisher publisher;
    private final DirectDelivery direct;
    private final Uploading uploading;
    private final Function<WireMessage, Outgoing> translator;
    /** By session: what came before its commit. */
    private final Map<Integer, Gathered> gathered = new HashMap<>();

    /** Messages of one transaction, or why there can be none. */
    private static final class Gathered {
        private final List<Outgoing> stored = new ArrayList<>();
        /** For temporary destinations and waiting clients. */
        private final List<Outgoing> direct = new ArrayList<>(0);

        private long bytes;
        private @Nullable BrokerException refusal;

        void refuse(BrokerException reason) {
            refusal = reason;
            stored.forEach(Outgoing::abandon);
            stored.clear();
            direct.clear();
        }
    }

    Transactions(
            JmsConnection connection,
            XaTransactions branches,
            Publisher publisher,
            DirectDelivery direct,
            Uploading uploading,
            Function<WireMessage, Outgoing> translator) {
        this.connection = connection;
        this.branches = branches;
        this.publisher = publisher;
        this.direct = direct;
        this.uploading = uploading;
        this.translator = translator;
    }

    private Lane lane() {
        return connection.lane();
    }

    // ---- gathering

    /** Takes the first messages of a transaction; what is refused is said at its commit. */
    void more(MoreMessages more) {
        gather(more.sessionId(), more.messages());
    }

    /** All messages of a session's transaction, these the last. */
    private Gathered gather(int session, List<WireMessage> messages) {
        Gathered all = gathered.computeIfAbsent(session, each -> new Gathered());
        if (all.refusal == null) {
            try {
                for (int i = 0; i < messages.size(); i++) {
                    add(all, messages.get(i), session, i);
                }
            } catch (BrokerException refused) {
                all.refuse(refused);
            }
        }
        if (all.refusal != null) {
            uploading.end(session);
        }
        return all;
    }

    private void add(Gathered all, WireMessage message, int session, int number) {
        byte[] body = message.body();
        all.bytes += body == null ? 0 : body.length;
        if (all.bytes > MAX_BYTES) {
            throw new BrokerException(
                    Reason.LIMIT_EXCEEDED,
                    "a transaction's messages of less than 4 MB have at most " + MAX_BYTES + " bytes together");
        }
        Outgoing outgoing = uploading.withBody(translator.apply(message), session, number);
        Destination client = outgoing.direct();
        if (client == null) {
            all.stored.add(outgoing);
            return;
        }
        direct.check(client);
        if (outgoing.upload() != null) {
            outgoing.abandon();
            throw DirectDelivery.tooLarge(client);
        }
        all.direct.add(outgoing);
    }

    /** What was gathered for a session is not committed: it rolls back or closes. */
    void drop(int session) {
        Gathered dropped = gathered.remove(session);
        if (dropped != null) {
            dropped.stored.forEach(Outgoing::abandon);
        }
    }

    private void hand(Outgoing message) {
        publisher.publish(
                message,
                lane(),
                Reply.of(
                        delivered -> {},
                        refused -> LOG.warn(
                                "a message of a transaction did not reach {}: {}",
                                message.direct(),
                                refused.getMessage())));
    }

    // ---- local

    /** What goes to temporary destinations and waiting clients is in no log: it goes when the rest is stored. */
    void commit(int correlation, Commit commit) {
        Gathered all = gather(commit.sessionId(), commit.messages());
        gathered.remove(commit.sessionId());
        if (all.refusal != null) {
            connection.reply(correlation, Reasons.failed(all.refusal));
            return;
        }
        connection
                .session(commit.sessionId())
                .commit(all.stored, commit.ranges(), correlation, () -> all.direct.forEach(this::hand));
    }

    // ---- of others

    void xa(int correlation, Xa frame) {
        if (!connection.isOfGateway()
                && idOf(frame).filter(id -> id.format() == BranchId.OF_CLUSTER).isPresent()) {
            connection.reply(
                    correlation,
                    new XaDone(XAException.XAER_INVAL, "the format id is that of the cluster's own branches"));
            return;
        }
        if (frame instanceof XaStart start) {
            start(correlation, start);
        } else if (frame instanceof XaEnd end) {
            end(correlation, end);
        } else if (frame instanceof XaDecide decide) {
            BranchId id = branch(decide.id()); // refuses a malformed one before it counts
            decide(decide, id, owner(), onItsWay(correlation));
        } else if (frame instanceof XaList) {
            List<XaId> ids = new ArrayList<>();
            for (BranchId id : branches.recover(owner())) {
                ids.add(new XaId(id.format(), id.globalBytes(), id.qualifierBytes()));
            }
            connection.reply(correlation, new XaBranches(ids));
        } else {
            throw new BrokerException(Reason.INVALID_REQUEST, "a frame that only a broker sends");
        }
    }

    private static Optional<XaId> idOf(Xa frame) {
        if (frame instanceof XaStart start) {
            return Optional.of(start.id());
        } else if (frame instanceof XaEnd end) {
            return Optional.of(end.id());
        }
        return frame instanceof XaDecide decide ? Optional.of(decide.id()) : Optional.empty();
    }

    private String owner() {
        return connection.access().principal().name();
    }

    static BranchId branch(XaId id) {
        return BranchId.of(id.format(), id.global(), id.qualifier());
    }

    private Reply<XaAnswer> answer(int correlation) {
        return Reply.of(
                answer -> connection.reply(correlation, new XaDone(answer.code(), answer.message())),
                refused -> connection.refuse(correlation, refused));
    }

    /** The same for what goes to the log: a connection that takes this one's place waits for it. */
    Reply<XaAnswer> onItsWay(int correlation) {
        connection.sendBegins();
        Reply<XaAnswer> reply = answer(correlation);
        return Reply.of(
                answer -> {
                    connection.sendDone();
                    reply.ok(answer);
                },
                refused -> {
                    connection.sendDone();
                    reply.failed(refused);
                });
    }

    private void start(int correlation, XaStart start) {
        JmsSession session = connection.session(start.sessionId());
        XaTransactions.Start how = switch (start.how()) {
            case NEW -> XaTransactions.Start.NEW;
            case JOIN -> XaTransactions.Start.JOIN;
            case RESUME -> XaTransactions.Start.RESUME;
        };
        Duration limit = Duration.ofSeconds(Math.max(0, start.timeoutSeconds()));
        answer(correlation).ok(branches.start(branch(start.id()), session, how, owner(), limit));
    }

    private void end(int correlation, XaEnd end) {
        JmsSession session = connection.session(end.sessionId());
        XaTransactions.End how = switch (end.how()) {
            case SUCCESS -> XaTransactions.End.SUCCESS;
            case FAIL -> XaTransactions.End.FAIL;
            case SUSPEND -> XaTransactions.End.SUSPEND;
        };
        BranchId id = branch(end.id());
        Gathered all = gather(end.sessionId(), end.messages());
        gathered.remove(end.sessionId());
        Runnable committed = all.direct.isEmpty() ? null : () -> all.direct.forEach(this::hand);
        Work work = new Work(all.stored, session.taken(end.ranges()), committed, lane());
        BrokerException refusal = all.refusal;
        if (refusal == null) {
            branches.end(id, session, how, work, onItsWay(correlation));
        } else {
            branches.end(
                    id,
                    session,
                    XaTransactions.End.FAIL,
                    work,
                    Reply.of(answer -> connection.reply(correlation, Reasons.failed(refusal)), failed -> {}));
        }
    }

    private void decide(XaDecide decide, BranchId id, String owner, Reply<XaAnswer> reply) {
        switch (decide.decision()) {
            case PREPARE -> branches.prepare(id, owner, lane(), reply);
            case COMMIT -> branches.commit(id, false, owner, lane(), reply);
            case COMMIT_ONE_PHASE -> branches.commit(id, true, owner, lane(), reply);
            case ROLLBACK -> branches.rollback(id, owner, lane(), reply);
            case FORGET -> branches.forget(id, owner, lane(), reply);
        }
    }

    /** A session has ended; with {@code lost} because the connection broke. */
    void left(int number, JmsSession session, boolean lost) {
        drop(number);
        branches.left(session, lost);
    }
}
