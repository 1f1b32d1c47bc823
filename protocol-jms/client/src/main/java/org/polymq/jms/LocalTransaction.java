/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.JMSException;
import jakarta.jms.TransactionRolledBackException;
import java.util.ArrayList;
import java.util.List;
import org.polymq.jms.wire.Frame.Commit;
import org.polymq.jms.wire.Frame.TagRange;
import org.polymq.jms.wire.WireError;
import org.polymq.jms.wire.WireMessage;

/** What a session has sent since its last commit, and its commit. Safe from any thread. */
final class LocalTransaction {
    private final PolyMQConnection connection;
    private final int sessionId;
    private final Deliveries deliveries;
    // Guarded by this.
    private final List<WireMessage> messages = new ArrayList<>();
    /** The connection broke meanwhile. */
    private boolean doomed;

    LocalTransaction(PolyMQConnection connection, int sessionId, Deliveries deliveries) {
        this.connection = connection;
        this.sessionId = sessionId;
        this.deliveries = deliveries;
    }

    synchronized void add(WireMessage message) {
        messages.add(message);
    }

    /** The messages so far; there are none any more. */
    synchronized List<WireMessage> take() {
        List<WireMessage> taken = List.copyOf(messages);
        messages.clear();
        return taken;
    }

    /** The connection broke: if something was done, or received, it has to be rolled back. */
    synchronized void interrupt(boolean received) {
        doomed |= received || !messages.isEmpty();
    }

    private synchronized boolean takeDoomed() {
        boolean was = doomed;
        doomed = false;
        return was;
    }

    /** Forgets what was sent. */
    void clear() {
        take();
        takeDoomed();
    }

    /** Stores what was sent and settles what was received, both or neither; rolls back if that is refused. */
    void commit() throws JMSException {
        List<TagRange> ranges = deliveries.unsettled();
        List<WireMessage> sent = take();
        if (takeDoomed()) {
            deliveries.recover();
            throw new TransactionRolledBackException(
                    "the connection broke during the transaction: it is rolled back", BrokenException.CODE);
        }
        if (sent.isEmpty() && ranges.isEmpty()) {
            return;
        }
        try {
            Link link = connection.line().now();
            link.request(new Commit(sessionId, Commits.sendAhead(link, sessionId, sent), ranges));
        } catch (BrokenException e) {
            takeDoomed();
            Commits.findOutcome(connection.line(), sent, e);
            return;
        } catch (JMSException e) {
            throw rolledBack(e);
        }
        deliveries.settled(ranges);
    }

    private JMSException rolledBack(JMSException refused) {
        try {
            deliveries.recover();
        } catch (JMSException second) {
            refused.addSuppressed(second);
        }
        if (refused instanceof TransactionRolledBackException
                || refused.getErrorCode() == null
                || refused.getErrorCode().equals(WireError.OUTCOME_UNKNOWN.name())) {
            return refused;
        }
        JMSException rolledBack = new TransactionRolledBackException(refused.getMessage(), refused.getErrorCode());
        rolledBack.initCause(refused);
        rolledBack.setLinkedException(refused);
        return rolledBack;
    }
}
