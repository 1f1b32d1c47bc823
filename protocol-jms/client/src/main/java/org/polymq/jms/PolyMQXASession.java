/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.JMSException;
import jakarta.jms.TransactionInProgressException;
import jakarta.jms.XAQueueSession;
import jakarta.jms.XASession;
import jakarta.jms.XATopicSession;
import java.util.List;
import javax.transaction.xa.XAException;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.wire.Frame.TagRange;
import org.polymq.jms.wire.Frame.XaEnd;
import org.polymq.jms.wire.Frame.XaEnding;
import org.polymq.jms.wire.Frame.XaStart;
import org.polymq.jms.wire.XaId;

/**
 * A session whose work a transaction manager coordinates. While it works for no branch it sends at once and
 * acknowledges each message by itself.
 */
final class PolyMQXASession extends PolyMQSession implements XASession, XAQueueSession, XATopicSession {
    private final PolyMQXAConnection xaConnection;
    private final PolyMQXAResource resource;
    /** The branch it works for. */
    private volatile @Nullable XaId branch;
    /** The branch it worked for when it was closed: its end has been told already. */
    private volatile @Nullable XaId endedByClose;

    private PolyMQXASession(PolyMQXAConnection connection, int id) {
        super(connection, id, SESSION_TRANSACTED);
        this.xaConnection = connection;
        this.resource = new PolyMQXAResource(this);
    }

    static PolyMQXASession open(PolyMQXAConnection connection) throws JMSException {
        PolyMQXASession session = new PolyMQXASession(connection, connection.nextNumber());
        session.open();
        return session;
    }

    PolyMQXAConnection xaConnection() {
        return xaConnection;
    }

    @Override
    int acknowledging() {
        return branch == null ? AUTO_ACKNOWLEDGE : SESSION_TRANSACTED;
    }

    @Override
    boolean isBuffering() {
        return branch != null;
    }

    // ---- what the transaction manager calls

    /** Works for a branch from now on. */
    void begin(XaStart start) throws XAException {
        if (branch != null) {
            throw PolyMQXAResource.failure(XAException.XAER_PROTO, "the session works for branch " + branch);
        }
        resource.call(start);
        branch = start.id();
    }

    boolean worksFor(XaId id) {
        return id.equals(branch);
    }

    /** Whether the end of this branch has been told when the session was closed; true once. */
    boolean takeEndedByClose(XaId id) {
        boolean ended = id.equals(endedByClose);
        if (ended) {
            endedByClose = null;
        }
        return ended;
    }

    /** Hands over what it did for its branch, and works for none any more. */
    void finish(XaId id, XaEnding how) throws XAException {
        List<TagRange> ranges;
        Link link;
        XaEnd end;
        try {
            completions().await();
            ranges = deliveries().unsettled();
            link = connection().line().now();
            end = new XaEnd(id(), id, how, Commits.sendAhead(link, id(), takeTransaction()), ranges);
        } catch (JMSException e) {
            branch = null;
            throw PolyMQXAResource.failure(e);
        }
        branch = null;
        try {
            PolyMQXAResource.call(link::ask, end);
        } catch (XAException e) {
            giveBack(e);
            throw e;
        }
        deliveries().settled(ranges);
        if (how == XaEnding.FAIL) {
            giveBack(null);
        }
    }

    /** What it consumed has gone back already: what it prefetched has to follow, so that all come in order. */
    private void giveBack(@Nullable XAException reason) {
        try {
            deliveries().recover();
        } catch (JMSException e) {
            if (reason != null) {
                reason.addSuppressed(e);
            }
        }
    }

    /** Runs a rollback of a branch, so that messages that come back are before those prefetched. */
    void rollback(Deliveries.Step rollback) throws JMSException {
        if (isClosed() || branch != null) {
            rollback.run();
        } else {
            deliveries().recover(rollback);
        }
    }

    // ---- the rest

    @Override
    public PolyMQXASession getSession() throws JMSException {
        checkOpen();
        return this;
    }

    @Override
    public PolyMQXASession getQueueSession() throws JMSException {
        return getSession();
    }

    @Override
    public PolyMQXASession getTopicSession() throws JMSException {
        return getSession();
    }

    @Override
    public PolyMQXAResource getXAResource() {
        return resource;
    }

    @Override
    public void commit() throws JMSException {
        throw coordinated();
    }

    @Override
    public void rollback() throws JMSException {
        throw coordinated();
    }

    private JMSException coordinated() throws JMSException {
        checkOpen();
        return new TransactionInProgressException("the session's transaction is its transaction manager's to end");
    }

    /** What it did for its branch stays the transaction manager's to decide about. */
    @Override
    void closing() throws JMSException {
        XaId working = branch;
        if (working == null) {
            return;
        }
        try {
            finish(working, XaEnding.SUCCESS);
            endedByClose = working;
        } catch (XAException e) {
            throw Errors.chained("the session was closed while it worked for a transaction, which will fail", e);
        }
    }
}
