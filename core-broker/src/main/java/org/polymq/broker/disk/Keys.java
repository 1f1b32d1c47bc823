/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.disk;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Keys of a {@link DiskMap}: a byte that says whose they are, then the owner's own bytes. Numbers never change. */
public final class Keys {
    /** A retained message: its name. */
    public static final byte RETAINED = 1;
    /** A log position that something here needs: the position. */
    public static final byte NEEDED = 2;
    /** A message that waits: when it is due, its position. */
    public static final byte TIMER = 3;

    private Keys() {}

    public static byte[] of(byte owner, byte[] rest) {
        byte[] key = new byte[1 + rest.length];
        key[0] = owner;
        System.arraycopy(rest, 0, key, 1, rest.length);
        return key;
    }

    /** Numbers that are not negative sort as numbers. */
    public static byte[] of(byte owner, long number) {
        return ByteBuffer.allocate(9).put(owner).putLong(number).array();
    }

    public static byte[] of(byte owner, long first, long second) {
        return ByteBuffer.allocate(17).put(owner).putLong(first).putLong(second).array();
    }

    /** The number at a place of a key or value. */
    public static long number(byte[] bytes, int at) {
        return ByteBuffer.wrap(bytes).getLong(at);
    }

    public static byte[] value(long number) {
        return ByteBuffer.allocate(8).putLong(number).array();
    }

    public static boolean startsWith(byte[] key, byte[] prefix) {
        return key.length >= prefix.length && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
    }
}
