/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.half;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.polymq.broker.message.MessageRecord;
import org.polymq.broker.state.ControlRecord;
import org.polymq.broker.state.RecordType;

/**
 * The record of a half message: what is known of the transaction, then the message's own record as it will be.
 *
 * <pre>
 * 0 type 1   1 head length 4   5 head: group, transaction id, immunity   then the message record
 * </pre>
 */
public final class HalfRecord {
    private static final int HEAD = 5;

    private HalfRecord() {}

    static ByteBuffer of(String group, String transactionId, long immunityMillis, ByteBuffer message) {
        ByteArrayOutputStream head = new ByteArrayOutputStream(128);
        try (DataOutputStream out = new DataOutputStream(head)) {
            ControlRecord.writeText(out, group);
            ControlRecord.writeText(out, transactionId);
            out.writeLong(immunityMillis);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot encode a half message", e);
        }
        byte[] bytes = head.toByteArray();
        return ByteBuffer.allocate(HEAD + bytes.length + message.remaining())
                .put(RecordType.HALF_MESSAGE.code())
                .putInt(bytes.length)
                .put(bytes)
                .put(message.duplicate())
                .flip();
    }

    /** Sets the store time of the message inside: for {@code AppendRequest.stamp}. */
    public static void stamp(ByteBuffer record, long storeTime) {
        MessageRecord.stamp(message(record), storeTime);
    }

    /** The message's own record: a view. */
    static ByteBuffer message(ByteBuffer record) {
        int at = record.position() + HEAD + record.getInt(record.position() + 1);
        return record.duplicate().position(at).slice();
    }

    static HalfMessage open(long position, long number, long storeTime, ByteBuffer record) throws IOException {
        byte[] head = new byte[record.getInt(record.position() + 1)];
        record.get(record.position() + HEAD, head);
        DataInput in = new DataInputStream(new ByteArrayInputStream(head));
        return new HalfMessage(
                position,
                number,
                ControlRecord.readText(in),
                ControlRecord.readText(in),
                storeTime,
                in.readLong(),
                0,
                0);
    }
}
