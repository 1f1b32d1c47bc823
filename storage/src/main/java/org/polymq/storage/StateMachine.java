/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What the log's records do: the views of the broker. Apply is deterministic; it sees no clock, configuration or
 * randomness.
 *
 * <p>All methods are called under the log's append lock, or by the one recovery thread: never two at a time.
 */
public interface StateMachine {
    /**
     * Called once by {@link Log#open}, before recovery: apply may use {@link Log#index} and {@link Log#removeSegment}
     * from then on, in recovery too.
     */
    void attach(Log log);

    /**
     * Applies one record.
     *
     * @param position the record's log position (bytes), its locator for its whole life
     * @param storeTime when its entry was written, ms since the epoch; never goes backwards
     * @param record the record's bytes, position 0 to limit; valid during the call only
     * @param origin the request that brought the record, or null in recovery
     * @param index the record's place in its request, from 0; meaningless in recovery
     */
    void apply(long position, long storeTime, ByteBuffer record, @Nullable AppendRequest origin, int index);

    /** Called after the last record of an entry was applied, before its requests complete: wake-ups belong here. */
    void entryApplied();

    /**
     * Tells the hash of each key by which a record is found, see {@link Log#findKey}. Unlike the other methods this is
     * called on any thread, at any time after the record was stored.
     */
    default void keys(ByteBuffer record, IntConsumer hashes) {
        // A state machine without keys.
    }

    /** Writes the whole state as of the last applied record. Must not keep references to {@code out}. */
    void save(DataOutput out) throws IOException;

    /** What {@link #save} writes, taken now and written later: the log stands still meanwhile. */
    default StateImage image() throws IOException {
        return StateImage.of(this::save);
    }

    /**
     * The part of the state that {@link #save} leaves to files. Called right after {@link #image}, with the append lock
     * still held: both are of the same record.
     */
    default StateFiles saveFiles() {
        return StateFiles.NONE;
    }

    /**
     * Called once in recovery, before {@link #load} and any apply. What was there before of the state machine's files
     * counts no more: it may know more than the log.
     *
     * @param directory what {@link #saveFiles} wrote for this snapshot, not to be changed; null if there is nothing
     */
    default void loadFiles(@Nullable Path directory) throws IOException {
        // A state machine without files has nothing to do.
    }

    /** Replaces the whole state by what {@link #save} wrote. */
    void load(DataInput in) throws IOException;
}
