/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.List;

/** One append-only log of records. Safe from any thread. */
@SuppressWarnings("DoNotCallSuggester")
public final class Log implements AutoCloseable {
    private Log() {}

    /** Opens and recovers the log. */
    public static Log open(
            LogConfig config, Disk disk, InstantSource clock, Failpoints failpoints, StateMachine machine)
            throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Stores and applies the request's records; its callbacks tell the outcome. */
    public void append(AppendRequest request) {
        throw new UnsupportedOperationException();
    }

    public QueueIndex index() {
        throw new UnsupportedOperationException();
    }

    /** The record that starts at the position. */
    public ByteBuffer read(long position) {
        throw new UnsupportedOperationException();
    }

    /** First position kept. */
    public long start() {
        throw new UnsupportedOperationException();
    }

    /** The next entry's position. */
    public long end() {
        throw new UnsupportedOperationException();
    }

    /** Oldest first. */
    public List<SegmentInfo> sealedSegments() {
        throw new UnsupportedOperationException();
    }

    /** Segments that end at or below this position may be removed. */
    public long removableBelow() {
        throw new UnsupportedOperationException();
    }

    /** Forgets a segment. For the state machine's apply only. */
    public void removeSegment(long number) {
        throw new UnsupportedOperationException();
    }

    /** Whether a write or force failed; final. */
    public boolean failed() {
        throw new UnsupportedOperationException();
    }

    /** Whether messages are refused for want of space. */
    public boolean full() {
        throw new UnsupportedOperationException();
    }

    public RecoveryInfo recovery() {
        throw new UnsupportedOperationException();
    }

    /** Seals the open segment now and takes a snapshot. */
    public void roll() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
