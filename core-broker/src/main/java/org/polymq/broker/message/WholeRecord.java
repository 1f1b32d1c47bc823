/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import java.nio.ByteBuffer;

/** Puts a body that was stored in chunks into its message's record, as if it had been small. */
final class WholeRecord {
    private WholeRecord() {}

    /** @param record from position 0 to its limit; its own body is empty */
    static ByteBuffer of(ByteBuffer record, ByteBuffer body) {
        int at = record.getInt(MessageRecord.BODY_OFFSET);
        int length = body.remaining();
        ByteBuffer whole = ByteBuffer.allocate(record.limit() + length);
        whole.put(record.slice(0, at)).put(body.duplicate());
        whole.put(record.slice(at, record.limit() - at)).flip();
        whole.putShort(MessageRecord.FLAGS, (short) (record.getShort(MessageRecord.FLAGS) & ~MessageRecord.CHUNKED));
        whole.putInt(MessageRecord.BODY_LENGTH, length);
        move(whole, MessageRecord.PROPERTIES_OFFSET, length);
        move(whole, MessageRecord.EXTENSION_OFFSET, length);
        if (whole.getInt(MessageRecord.PATH_LENGTH) >= 0) {
            move(whole, MessageRecord.PATH_OFFSET, length);
        }
        int image = MessageRecord.PREFIX;
        move(whole, image, length);
        whole.putInt(at - 4, length);
        whole.putInt(image + NativeImage.BODY_CRC, NativeImage.crc(body.duplicate()));
        return whole;
    }

    private static void move(ByteBuffer whole, int field, int by) {
        whole.putInt(field, whole.getInt(field) + by);
    }
}
