/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.disk;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/**
 * Goes through the entries of a {@link DiskMap} in order. It sees what was there when it was made, and perhaps later
 * changes. Confined to the thread that made it; to be closed soon, as the map waits for it when it closes.
 */
public final class Cursor implements AutoCloseable {
    private final List<Overlay> overlays;
    private final Map.@Nullable Entry<byte[], byte[]>[] heads;
    private final @Nullable RocksIterator below;
    private final Lock lock;
    private byte @Nullable [] belowKey;
    private byte @Nullable [] key;
    private byte[] value = Overlay.GONE;

    @SuppressWarnings({"unchecked", "rawtypes"}) // there are no arrays of a generic type
    Cursor(List<Overlay> overlays, @Nullable RocksIterator below, Lock lock) {
        this.overlays = overlays;
        this.heads = new Map.Entry[overlays.size()];
        this.below = below;
        this.lock = lock;
    }

    /** Goes to the first entry at or after a key. Whether there is one. */
    public boolean seek(byte[] from) {
        for (int i = 0; i < heads.length; i++) {
            heads[i] = overlays.get(i).atOrAfter(from);
        }
        if (below != null) {
            below.seek(from);
            readBelow(below);
        }
        return settle();
    }

    /** Goes to the next entry. Whether there is one. */
    public boolean next() {
        return settle();
    }

    /** The entry's key. Only after {@link #seek} or {@link #next} was true. */
    public byte[] key() {
        if (key == null) {
            throw new IllegalStateException("the cursor is at no entry");
        }
        return key;
    }

    /** The entry's value; likewise. */
    public byte[] value() {
        return value;
    }

    /** Takes the smallest key of all layers; the newest layer has its value. */
    private boolean settle() {
        while (true) {
            byte[] least = belowKey;
            for (Map.Entry<byte[], byte[]> head : heads) {
                if (head != null && (least == null || Arrays.compareUnsigned(head.getKey(), least) < 0)) {
                    least = head.getKey();
                }
            }
            if (least == null) {
                key = null;
                return false;
            }
            byte[] found = take(least);
            if (found != Overlay.GONE) {
                key = least;
                value = found;
                return true;
            }
        }
    }

    /** Moves every layer that is at the key on; gives the newest value. */
    private byte[] take(byte[] least) {
        byte[] found = null;
        for (int i = 0; i < heads.length; i++) {
            Map.Entry<byte[], byte[]> head = heads[i];
            if (head != null && Arrays.equals(head.getKey(), least)) {
                found = found == null ? head.getValue() : found;
                heads[i] = overlays.get(i).after(least);
            }
        }
        if (below != null && Arrays.equals(belowKey, least)) {
            found = found == null ? below.value() : found;
            below.next();
            readBelow(below);
        }
        return found == null ? Overlay.GONE : found;
    }

    private void readBelow(RocksIterator iterator) {
        if (iterator.isValid()) {
            belowKey = iterator.key();
            return;
        }
        belowKey = null;
        try {
            iterator.status();
        } catch (RocksDBException e) {
            throw new DiskMapException("the large views cannot be read", e);
        }
    }

    @Override
    public void close() {
        if (below != null) {
            below.close();
        }
        lock.unlock();
    }
}
