/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import org.jspecify.annotations.Nullable;

/**
 * Chooses a message's queue: messages of one hash keep their order. Per group key where set, else per path, else per
 * producer session. Part of the stored format: it must never change.
 */
public final class OrderHash {
    private OrderHash() {}

    /** The hash of what is set first. */
    public static int of(@Nullable String groupKey, @Nullable String path, @Nullable String producer) {
        if (groupKey != null) {
            return mix(groupKey.hashCode());
        }
        if (path != null) {
            return mix(path.hashCode());
        }
        return producer == null ? 0 : mix(producer.hashCode());
    }

    /** The queue of a hash among {@code queues}: 0 to queues - 1. */
    public static int queue(int hash, int queues) {
        return Math.floorMod(hash, queues);
    }

    // String.hashCode of similar names differs in the low bits only by small steps: spread them (MurmurHash3's finish).
    private static int mix(int hash) {
        int h = hash;
        h ^= h >>> 16;
        h *= 0x85EBCA6B;
        h ^= h >>> 13;
        h *= 0xC2B2AE35;
        h ^= h >>> 16;
        return h;
    }
}
