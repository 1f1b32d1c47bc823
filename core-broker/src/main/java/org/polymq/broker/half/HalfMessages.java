/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.half;

import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.message.MessageRecord;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.publish.Stored;
import org.polymq.broker.state.Committer;
import org.polymq.broker.state.QueueReader;

/**
 * Transactional messages: staged first, then made visible or dropped. Each half message is decided about once; whoever
 * comes later is refused with TRANSACTION_NOT_FOUND. Safe from any thread.
 */
public final class HalfMessages {
    private final HalfMessagesView view;
    private final Committer committer;
    private final QueueReader log;
    private final int maxMessageSize;

    /** {@code maxMessageSize} in bytes of a record. */
    public HalfMessages(HalfMessagesView view, Committer committer, QueueReader log, int maxMessageSize) {
        this.view = view;
        this.committer = committer;
        this.log = log;
        this.maxMessageSize = maxMessageSize;
    }

    /**
     * Stores a message that nobody sees yet.
     *
     * @param message its record, as it would be stored at once
     * @param reply gets the log position, and as an offset the number of the half message
     */
    public void stage(
            String group,
            String transactionId,
            long immunityMillis,
            ByteBuffer message,
            Lane lane,
            Reply<Stored> reply) {
        if (message.remaining() > maxMessageSize) {
            reply.failed(new BrokerException(
                    Reason.MESSAGE_TOO_LARGE,
                    "message of " + message.remaining() + " bytes with its properties exceeds the limit of "
                            + maxMessageSize));
            return;
        }
        ByteBuffer record = HalfRecord.of(group, transactionId, immunityMillis, message);
        committer.messages(List.of(record), false, lane, reply, results -> (Stored) results[0]);
    }

    /** The half message at a log position, or null if there is none or it was decided about. */
    public @Nullable HalfMessage find(long position) {
        return view.get(position);
    }

    /** All that nobody has decided about, the oldest first. */
    public Collection<HalfMessage> pending() {
        return view.all();
    }

    /**
     * The message itself, with its number for an offset. May wait for the disk.
     *
     * @throws BrokerException UNAVAILABLE if it is damaged
     */
    public StoredMessage read(HalfMessage half) {
        return new StoredMessage(HalfRecord.message(log.record(half.position())), half.position(), half.number());
    }

    /** Ends it with a message that everybody sees: both or neither, unless somebody decided before. */
    public void commit(HalfMessage half, ByteBuffer visible, Lane lane, Reply<Stored> reply) {
        MessageRecord.setFlags(visible, MessageRecord.flags(visible) | MessageRecord.CONDITIONAL);
        committer.messages(List.of(HalfMessagesView.ended(half.position()), visible), false, lane, reply, results ->
                (Stored) results[1]);
    }

    /** Drops it. */
    public void rollback(HalfMessage half, Lane lane, Reply<Done> reply) {
        committer.control(List.of(HalfMessagesView.ended(half.position())), lane, reply, results -> Done.DONE);
    }

    /** Notes that the producers of these were asked; nobody waits for it. */
    public void checked(List<HalfMessage> halves) {
        if (!halves.isEmpty()) {
            committer.<Done>control(
                    List.of(HalfMessagesView.checked(halves)),
                    Lane.direct(),
                    Reply.of(done -> {}, refused -> {}),
                    results -> Done.DONE);
        }
    }
}
