/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A mapped file that is unmapped when it is closed and its last reader has left. Safe from any thread.
 *
 * <p>Readers stand between {@link #acquire} and {@link #release} whenever they touch the bytes.
 */
final class Mapping {
    private final Disk disk;
    private final ByteBuffer bytes;
    private final AtomicInteger users = new AtomicInteger(1);

    Mapping(Disk disk, ByteBuffer bytes) {
        this.disk = disk;
        this.bytes = bytes;
    }

    /** Whether it is still open; if so, {@link #release} must follow. */
    boolean acquire() {
        int before;
        do {
            before = users.get();
            if (before == 0) {
                return false;
            }
        } while (!users.compareAndSet(before, before + 1));
        return true;
    }

    void release() {
        if (users.decrementAndGet() == 0) {
            disk.unmap(bytes);
        }
    }

    /** Only while acquired; absolute reads only. */
    ByteBuffer bytes() {
        return bytes;
    }

    /** Called once. */
    void close() {
        release();
    }
}
