/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import java.nio.ByteBuffer;

/** Where the parts of a message record lie, given their lengths. */
record RecordLayout(int sysFlag, int bodyLength, int topicLength, int propertiesLength, int extensionLength) {
    int body() {
        return MessageRecord.PREFIX + NativeImage.bodyLength(sysFlag) + 4;
    }

    int properties() {
        return body() + bodyLength + 1 + topicLength + 2;
    }

    int extension() {
        return properties() + propertiesLength;
    }

    /** A record with format, offsets and "no path" filled in. */
    ByteBuffer allocate() {
        ByteBuffer record = ByteBuffer.allocate(extension() + extensionLength);
        record.put(0, MessageRecord.TYPE);
        record.put(1, MessageRecord.FORMAT);
        record.putInt(MessageRecord.BODY_OFFSET, body());
        record.putInt(MessageRecord.BODY_LENGTH, bodyLength);
        record.putInt(MessageRecord.PROPERTIES_OFFSET, properties());
        record.putInt(MessageRecord.PATH_LENGTH, -1);
        record.putInt(MessageRecord.EXTENSION_OFFSET, extension());
        return record;
    }

    void path(ByteBuffer record, int offset, int length) {
        record.putInt(MessageRecord.PATH_OFFSET, offset);
        record.putInt(MessageRecord.PATH_LENGTH, length);
    }

    /** Writes the image around body and property string; the body must be in its place. */
    void image(
            ByteBuffer record,
            int queueId,
            int flag,
            long bornTime,
            byte[] bornHost,
            int reconsumeTimes,
            byte[] topic) {
        int image = MessageRecord.PREFIX;
        record.putInt(image, extension() - image);
        record.putInt(image + 4, NativeImage.MAGIC);
        record.putInt(image + NativeImage.BODY_CRC, NativeImage.crc(record.slice(body(), bodyLength)));
        record.putInt(image + NativeImage.QUEUE_ID, queueId);
        record.putInt(image + NativeImage.FLAG, flag);
        record.putInt(image + NativeImage.SYS_FLAG, sysFlag);
        record.putLong(image + NativeImage.BORN_TIME, bornTime);
        record.put(image + NativeImage.BORN_HOST, bornHost);
        record.putInt(image + NativeImage.reconsumeTimes(sysFlag), reconsumeTimes);
        record.putInt(image + NativeImage.bodyLength(sysFlag), bodyLength);
        int at = body() + bodyLength;
        record.put(at, (byte) topicLength);
        record.put(at + 1, topic);
        record.putShort(at + 1 + topicLength, (short) propertiesLength);
    }
}
