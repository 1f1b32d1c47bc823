/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.disk;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/** Changes of a {@link DiskMap} that are in memory. One writer at a time; any number of readers. */
final class Overlay {
    /** Stands for a key that is gone, whatever lies below. */
    static final byte[] GONE = new byte[0];

    /** What an entry costs beside its bytes: map node, index, two array heads. */
    private static final int PER_ENTRY = 96;

    private final ConcurrentSkipListMap<byte[], byte[]> entries = new ConcurrentSkipListMap<>(Arrays::compareUnsigned);
    private long bytes;

    /** The value, {@link #GONE}, or null if nothing is known of the key. */
    byte @Nullable [] get(byte[] key) {
        return entries.get(key);
    }

    void put(byte[] key, byte[] value) {
        byte[] before = entries.put(key, value);
        bytes += before == null ? cost(key, value) : value.length - before.length;
    }

    /** Forgets the key: only right if nothing below knows it. Whether it was here. */
    boolean forget(byte[] key) {
        byte[] before = entries.remove(key);
        if (before != null) {
            bytes -= cost(key, before);
        }
        return before != null;
    }

    Map.@Nullable Entry<byte[], byte[]> atOrAfter(byte[] key) {
        return entries.ceilingEntry(key);
    }

    Map.@Nullable Entry<byte[], byte[]> after(byte[] key) {
        return entries.higherEntry(key);
    }

    Map<byte[], byte[]> entries() {
        return entries;
    }

    /** About how much memory it takes, bytes. The writer's. */
    long bytes() {
        return bytes;
    }

    private static int cost(byte[] key, byte[] value) {
        return PER_ENTRY + key.length + value.length;
    }
}
