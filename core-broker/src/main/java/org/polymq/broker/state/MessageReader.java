/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.state;

import java.nio.ByteBuffer;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.message.LargeBody;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.timer.TimerRecord;
import org.polymq.storage.Log;
import org.polymq.storage.StorageException;

/** Reads stored messages by their log position. Safe from any thread. */
public final class MessageReader {
    /** A message read by its position does not say where in its queue it is. */
    private static final long NO_OFFSET = -1;

    private final Log log;
    private final LargeBody.Chunks chunks;

    public MessageReader(Log log, LargeBody.Chunks chunks) {
        this.log = log;
        this.chunks = chunks;
    }

    /**
     * The message that starts at this position; it may be one that is not due yet.
     *
     * @throws BrokerException UNAVAILABLE if it was removed by retention or is damaged; INVALID_REQUEST if no message
     *     starts there
     */
    public StoredMessage read(long position) {
        ByteBuffer record;
        try {
            record = log.read(position);
        } catch (StorageException e) {
            throw Committer.translate(e);
        }
        if (record.hasRemaining() && record.get(record.position()) == RecordType.TIMER_MESSAGE.code()) {
            record = TimerRecord.message(record);
        }
        if (!record.hasRemaining() || record.get(record.position()) != RecordType.MESSAGE.code()) {
            throw new BrokerException(Reason.INVALID_REQUEST, "no message starts at log position " + position);
        }
        return new StoredMessage(record, position, NO_OFFSET, chunks);
    }
}
