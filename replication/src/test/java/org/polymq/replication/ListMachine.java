/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.polymq.storage.AppendRequest;
import org.polymq.storage.Log;
import org.polymq.storage.StateMachine;

/** Puts every record into queue 1, but for those that remove a segment: -1 and its number. */
final class ListMachine implements StateMachine {
    private @Nullable Log log;
    private long digest;

    @Override
    public void attach(Log attached) {
        log = attached;
    }

    @Override
    public void apply(long position, long storeTime, ByteBuffer record, @Nullable AppendRequest origin, int index) {
        Log attached = log;
        if (attached == null) {
            throw new IllegalStateException("applied before it was attached");
        }
        digest = (digest * 31 + position) * 31 + storeTime + record.duplicate().hashCode();
        if (record.getLong(0) == -1) {
            attached.removeSegment(record.getLong(8));
        } else {
            attached.index().append(1, position, record.remaining(), 0, 0, 0);
        }
    }

    long digest() {
        return digest;
    }

    @Override
    public void entryApplied() {
        // Nobody waits.
    }

    @Override
    public void save(DataOutput out) throws IOException {
        out.writeLong(digest);
    }

    @Override
    public void load(DataInput in) throws IOException {
        digest = in.readLong();
    }
}
