/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/** Copies a record's native image into a response, filling in what only the reader knows. */
final class NativeCopy {
    private NativeCopy() {}

    static int size(ByteBuffer record, byte[] storeHost) {
        int stored = record.getInt(MessageRecord.EXTENSION_OFFSET) - MessageRecord.PREFIX;
        int size = stored + storeHost.length - NativeImage.V4;
        return isJson(record)
                ? size
                        - record.getInt(MessageRecord.BODY_LENGTH)
                        + jsonBody(record).remaining()
                : size;
    }

    static int copy(ByteBuffer view, ByteBuf out, long queueOffset, long physicalOffset, byte[] storeHost) {
        ByteBuffer record = view.position() == 0 ? view : view.slice();
        int image = MessageRecord.PREFIX;
        int sysFlag = record.getInt(image + NativeImage.SYS_FLAG);
        int start = out.writerIndex();
        int end = record.getInt(MessageRecord.EXTENSION_OFFSET);
        if (isJson(record)) {
            copyWithJson(record, out, image, end, sysFlag, storeHost.length);
        } else if (storeHost.length == NativeImage.V4) {
            out.writeBytes(record.limit(end).position(image));
        } else {
            int host = image + NativeImage.storeHost(sysFlag);
            out.writeBytes(record.limit(host).position(image));
            out.writeZero(NativeImage.V6 - NativeImage.V4);
            out.writeBytes(record.limit(end).position(host));
        }
        if (storeHost.length != NativeImage.V4) {
            out.setInt(start + NativeImage.SYS_FLAG, sysFlag | NativeImage.SYS_STORE_V6);
        }
        out.setLong(start + NativeImage.QUEUE_OFFSET, queueOffset);
        out.setLong(start + NativeImage.PHYSICAL_OFFSET, physicalOffset);
        out.setBytes(start + NativeImage.storeHost(sysFlag), storeHost);
        out.setInt(start, out.writerIndex() - start);
        return out.writerIndex() - start;
    }

    private static boolean isJson(ByteBuffer record) {
        int kind = record.get(MessageRecord.BODY_KIND);
        return (kind == BodyKind.MAP.code() || kind == BodyKind.STREAM.code())
                && record.getInt(MessageRecord.BODY_LENGTH) > 0;
    }

    private static ByteBuffer jsonBody(ByteBuffer record) {
        ByteBuffer body = record.duplicate().clear();
        return Bodies.outsideJms(
                BodyKind.of(record.get(MessageRecord.BODY_KIND)),
                body.slice(record.getInt(MessageRecord.BODY_OFFSET), record.getInt(MessageRecord.BODY_LENGTH)));
    }

    // JMS map and stream bodies are rare here: the image is put together anew.
    private static void copyWithJson(
            ByteBuffer record, ByteBuf out, int image, int end, int sysFlag, int storeHostLength) {
        ByteBuffer json = jsonBody(record);
        int start = out.writerIndex();
        int host = image + NativeImage.storeHost(sysFlag);
        int body = record.getInt(MessageRecord.BODY_OFFSET);
        int afterBody = body + record.getInt(MessageRecord.BODY_LENGTH);
        out.writeBytes(record.limit(host).position(image));
        out.writeZero(storeHostLength - NativeImage.V4);
        out.writeBytes(record.limit(body - 4).position(host));
        out.writeInt(json.remaining());
        out.setInt(start + NativeImage.BODY_CRC, NativeImage.crc(json.duplicate()));
        out.writeBytes(json);
        out.writeBytes(record.limit(end).position(afterBody));
    }
}
