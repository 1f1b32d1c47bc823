/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A group of records that is stored, applied and answered as one. The log calls the three callbacks at most once each,
 * on whichever thread holds the append lock or flushes; they must not block and must not append to the log inline.
 */
public abstract class AppendRequest {
    private final List<ByteBuffer> records;
    private final boolean sync;
    private final boolean control;

    /** Links the requests of a {@link RequestQueue}. */
    @Nullable
    AppendRequest next;

    /**
     * @param records the records' bytes, position to limit; not changed by the caller afterwards. A request without any
     *     is answered once those before it are stored and applied, and in a group once most nodes have it
     * @param sync whether {@link #completed} waits for the disk even if the log's own mode is async
     * @param control whether the request may use the reserve when the disk is full (acknowledgements, offsets,
     *     deletions), so that consuming and cleaning always work
     */
    protected AppendRequest(List<ByteBuffer> records, boolean sync, boolean control) {
        this.records = List.copyOf(records);
        this.sync = sync;
        this.control = control;
    }

    public final List<ByteBuffer> records() {
        return records;
    }

    public final boolean sync() {
        return sync;
    }

    public final boolean control() {
        return control;
    }

    /**
     * Called once under the append lock just before a record is written, so that a field inside it can hold the store
     * time. The default does nothing.
     *
     * @param record the record's bytes, position to limit; absolute puts only
     */
    protected void stamp(ByteBuffer record, int index, long storeTime) {}

    /** The records are stored as durably as asked and applied. */
    protected abstract void completed();

    /** The records are not stored (refused, disk full, log closed), or it is unknown whether they are. */
    protected abstract void failed(StorageException cause);
}
