/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.JMSException;
import jakarta.jms.TransactionRolledBackException;
import java.util.List;
import java.util.Optional;
import org.polymq.jms.wire.Frame;
import org.polymq.jms.wire.Frame.Find;
import org.polymq.jms.wire.Frame.Found;
import org.polymq.jms.wire.Frame.MoreMessages;
import org.polymq.jms.wire.WireError;
import org.polymq.jms.wire.WireMessage;

/** How a transaction's messages go to the broker, and what is learned of a commit whose answer was lost. */
final class Commits {
    /** About this many bytes of a transaction's messages go into one frame. */
    private static final long TRANSACTION_FRAME = 2 << 20;

    private Commits() {}

    /** Sends what does not fit one frame with the rest, on the network connection of the rest; answers the rest. */
    static List<WireMessage> sendAhead(Link link, int session, List<WireMessage> messages) throws JMSException {
        int from = 0;
        long bytes = 0;
        for (int i = 0; i < messages.size(); i++) {
            long size = messages.get(i).roughSize();
            if (bytes > 0 && bytes + size > TRANSACTION_FRAME) {
                link.tell(new MoreMessages(session, messages.subList(from, i)));
                from = i;
                bytes = 0;
            }
            bytes += size;
        }
        return messages.subList(from, messages.size());
    }

    /** Whether the commit whose answer was lost was done: one of its messages tells of all. */
    static void findOutcome(Line line, List<WireMessage> messages, BrokenException broken) throws JMSException {
        Optional<WireMessage> witness = messages.stream()
                .filter(message -> !message.destination().kind().isTemporary())
                .findFirst();
        if (witness.isEmpty()) {
            throw outcomeUnknown(broken);
        }
        Frame answer;
        try {
            WireMessage sent = witness.get();
            long later = sent.deliveryTime() > sent.timestamp() ? sent.deliveryTime() : 0;
            answer = line.ask(new Find(sent.destination(), sent.id(), later));
        } catch (JMSException e) {
            broken.addSuppressed(e);
            throw outcomeUnknown(broken);
        }
        if (!(answer instanceof Found found && found.stored())) {
            JMSException rolledBack = new TransactionRolledBackException(
                    "the connection broke before the transaction was committed: it is rolled back",
                    BrokenException.CODE);
            rolledBack.initCause(broken);
            throw rolledBack;
        }
    }

    private static JMSException outcomeUnknown(BrokenException broken) {
        JMSException unknown = new JMSException(
                "the connection broke during the commit; whether it was done is unknown: "
                        + "if it was not, its messages come again",
                WireError.OUTCOME_UNKNOWN.name());
        unknown.initCause(broken);
        unknown.setLinkedException(broken);
        return unknown;
    }
}
