/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.timer;

import java.nio.ByteBuffer;
import org.polymq.broker.message.MessageRecord;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.state.RecordType;

/**
 * The record of a message that waits.
 *
 * <pre>
 * 0 type 1   1 due 8 (ms since the epoch)   9 hash of the message's id 4   13 the message's record as it will be
 * </pre>
 */
public final class TimerRecord {
    private static final int DUE = 1;
    private static final int ID_HASH = 9;
    private static final int MESSAGE = 13;

    private TimerRecord() {}

    static ByteBuffer of(long due, ByteBuffer message) {
        return ByteBuffer.allocate(MESSAGE + message.remaining())
                .put(RecordType.TIMER_MESSAGE.code())
                .putLong(due)
                .putInt(idHash(String.valueOf(new StoredMessage(message, 0, 0).id())))
                .put(message.duplicate())
                .flip();
    }

    /** What a message of this id is found by. */
    static int idHash(String id) {
        return id.hashCode();
    }

    /** When it is due, ms since the epoch. */
    public static long due(ByteBuffer record) {
        return record.getLong(record.position() + DUE);
    }

    static int idHash(ByteBuffer record) {
        return record.getInt(record.position() + ID_HASH);
    }

    /** The message's own record: a view. */
    public static ByteBuffer message(ByteBuffer record) {
        return record.duplicate().position(record.position() + MESSAGE).slice();
    }

    /** Sets the store time of the message inside: for {@code AppendRequest.stamp}. */
    public static void stamp(ByteBuffer record, long storeTime) {
        MessageRecord.stamp(message(record), storeTime);
    }
}
