/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32;

/** Reads a native message the way RocketMQ's MessageDecoder does, and checks what that one may check. */
@SuppressWarnings({"ArrayRecordComponent", "StringSplitter"}) // its arrays are never compared or changed
record Image(
        int queueId,
        int flag,
        long queueOffset,
        long physicalOffset,
        int sysFlag,
        long bornTime,
        byte[] bornHost,
        long storeTime,
        byte[] storeHost,
        int reconsumeTimes,
        byte[] body,
        String topic,
        String propertyString) {

    static Image read(ByteBuf in) {
        int start = in.readerIndex();
        int size = in.readInt();
        assertThat(in.readInt()).isEqualTo(0xDAA320A7);
        int crc = in.readInt();
        int queueId = in.readInt();
        int flag = in.readInt();
        long queueOffset = in.readLong();
        long physicalOffset = in.readLong();
        int sysFlag = in.readInt();
        long bornTime = in.readLong();
        byte[] bornHost = bytes(in, (sysFlag & 0x10) == 0 ? 8 : 20);
        long storeTime = in.readLong();
        byte[] storeHost = bytes(in, (sysFlag & 0x20) == 0 ? 8 : 20);
        int reconsumeTimes = in.readInt();
        assertThat(in.readLong()).isZero();
        byte[] body = bytes(in, in.readInt());
        String topic = new String(bytes(in, in.readByte()), UTF_8);
        String properties = new String(bytes(in, in.readShort()), UTF_8);
        assertThat(in.readerIndex() - start).isEqualTo(size);
        CRC32 computed = new CRC32();
        computed.update(body);
        assertThat(crc).isEqualTo((int) (computed.getValue() & 0x7FFFFFFF));
        return new Image(
                queueId,
                flag,
                queueOffset,
                physicalOffset,
                sysFlag,
                bornTime,
                bornHost,
                storeTime,
                storeHost,
                reconsumeTimes,
                body,
                topic,
                properties);
    }

    private static byte[] bytes(ByteBuf in, int length) {
        byte[] bytes = new byte[length];
        in.readBytes(bytes);
        return bytes;
    }

    /** The properties as a RocketMQ client's map: the last of a repeated name. */
    Map<String, String> properties() {
        Map<String, String> map = new HashMap<>();
        for (String property : propertyString.split("\u0002")) {
            int end = property.indexOf('\u0001');
            if (end >= 0) {
                map.put(property.substring(0, end), property.substring(end + 1));
            }
        }
        return map;
    }
}
