/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.xa;

import java.nio.ByteBuffer;
import org.polymq.broker.message.MessageRecord;
import org.polymq.broker.state.RecordType;

/**
 * The record of a message of a prepared branch: nobody sees it; committing appends the message again.
 *
 * <pre>
 * 0 type 1   1 the branch's number 8   9 the message's record as it will be
 * </pre>
 */
public final class XaRecord {
    private static final int NUMBER = 1;
    private static final int MESSAGE = 9;

    private XaRecord() {}

    static ByteBuffer of(long number, ByteBuffer message) {
        return ByteBuffer.allocate(MESSAGE + message.remaining())
                .put(RecordType.XA_MESSAGE.code())
                .putLong(number)
                .put(message.duplicate())
                .flip();
    }

    static long number(ByteBuffer record) {
        return record.getLong(record.position() + NUMBER);
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
