/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The layout of a message as RocketMQ's clients read it: total size, magic, body CRC, queue id, flag, queue offset,
 * physical offset, sys flag, born time and host, store time and host, reconsume times, prepared transaction offset,
 * body, topic, properties.
 *
 * <p>In a record the queue offset, the physical offset and the store host (then always in its short form) are zero.
 */
final class NativeImage {
    static final int MAGIC = 0xDAA320A7;

    static final int BODY_CRC = 8;
    static final int QUEUE_ID = 12;
    static final int FLAG = 16;
    static final int QUEUE_OFFSET = 20;
    static final int PHYSICAL_OFFSET = 28;
    static final int SYS_FLAG = 36;
    static final int BORN_TIME = 40;
    static final int BORN_HOST = 48;

    static final int SYS_BORN_V6 = 0x10;
    static final int SYS_STORE_V6 = 0x20;

    static final int V4 = 8;
    static final int V6 = 20;

    private NativeImage() {}

    static int bornHostLength(int sysFlag) {
        return (sysFlag & SYS_BORN_V6) == 0 ? V4 : V6;
    }

    static int storeTime(int sysFlag) {
        return BORN_HOST + bornHostLength(sysFlag);
    }

    /** Where the stored image's store host starts; it has 8 bytes there. */
    static int storeHost(int sysFlag) {
        return storeTime(sysFlag) + 8;
    }

    static int reconsumeTimes(int sysFlag) {
        return storeHost(sysFlag) + V4;
    }

    static int preparedOffset(int sysFlag) {
        return reconsumeTimes(sysFlag) + 4;
    }

    /** Where the stored image's body length is; the body follows. */
    static int bodyLength(int sysFlag) {
        return preparedOffset(sysFlag) + 8;
    }

    /** The CRC as RocketMQ's clients check it. */
    static int crc(ByteBuffer body) {
        CRC32 crc = new CRC32();
        crc.update(body);
        return (int) crc.getValue() & 0x7FFF_FFFF;
    }

    /** An address and port as 8 or 20 bytes; null is 8 zero bytes. */
    static byte[] host(@Nullable InetSocketAddress address) {
        InetAddress ip = address == null ? null : address.getAddress();
        if (address == null || ip == null) {
            return new byte[V4];
        }
        byte[] bytes = ip.getAddress();
        return ByteBuffer.allocate(bytes.length + 4)
                .put(bytes)
                .putInt(address.getPort())
                .array();
    }

    /** The inverse of {@link #host}: null for zeroes. */
    static @Nullable InetSocketAddress host(ByteBuffer from, int at, int length) {
        byte[] ip = new byte[length - 4];
        from.get(at, ip);
        int port = from.getInt(at + ip.length);
        boolean zero = port == 0;
        for (byte b : ip) {
            zero &= b == 0;
        }
        try {
            return zero || port < 0 || port > 0xFFFF ? null : new InetSocketAddress(InetAddress.getByAddress(ip), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of " + ip.length + " bytes", e);
        }
    }
}
