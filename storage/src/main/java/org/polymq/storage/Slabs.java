/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/** Off-heap blocks for index entries that are used again and again. Safe from any thread. */
final class Slabs {
    static final int BLOCK_ENTRIES = 4096;
    private static final int KEPT = 512;

    private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>();

    synchronized ByteBuffer take() {
        ByteBuffer block = free.poll();
        return block != null ? block : ByteBuffer.allocateDirect(BLOCK_ENTRIES * IndexEntry.SIZE);
    }

    /** Gives blocks back. Readers may still look at them and then find that they are stale. */
    synchronized void give(ByteBuffer[] blocks) {
        for (ByteBuffer block : blocks) {
            if (free.size() < KEPT) {
                free.add(block);
            }
        }
    }
}
