/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.nio.ByteBuffer;

/**
 * The 24 bytes of an index entry.
 *
 * <pre>
 *  0 position, relative to the segment's start   4 size   8 tag hash   12 flags (2)   14 expires at (6)   20 check
 * </pre>
 *
 * The check is zero in memory and set in files.
 */
final class IndexEntry {
    static final int SIZE = 24;
    private static final long EXPIRES_MASK = (1L << 48) - 1;

    private IndexEntry() {}

    static void write(ByteBuffer into, int at, int position, int size, int tagHash, int flags, long expiresAt) {
        into.putInt(at, position);
        into.putInt(at + 4, size);
        into.putInt(at + 8, tagHash);
        into.putLong(at + 12, (long) flags << 48 | (expiresAt & EXPIRES_MASK));
        into.putInt(at + 20, 0);
    }

    static void read(ByteBuffer from, int at, long segmentStart, QueueIndex.Entry into) {
        into.position = segmentStart + from.getInt(at);
        into.size = from.getInt(at + 4);
        into.tagHash = from.getInt(at + 8);
        long last = from.getLong(at + 12);
        into.flags = (int) (last >>> 48);
        into.expiresAt = last & EXPIRES_MASK;
    }

    /** What the check of an entry in a file must be. */
    static int check(ByteBuffer from, int at, long queue, long offset) {
        long h = mix(queue ^ offset * 0x9e3779b97f4a7c15L);
        h = mix(h ^ from.getLong(at));
        h = mix(h ^ from.getInt(at + 8));
        h = mix(h ^ from.getLong(at + 12));
        return (int) h;
    }

    private static long mix(long value) {
        long h = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        h = (h ^ (h >>> 27)) * 0x94d049bb133111ebL;
        return h ^ (h >>> 31);
    }
}
