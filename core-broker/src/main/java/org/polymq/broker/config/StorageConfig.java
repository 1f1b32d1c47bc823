/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import java.nio.file.Path;
import java.time.Duration;
import org.polymq.storage.FlushMode;
import org.polymq.storage.LogConfig;

/**
 * The settings of the log and of what is kept in it.
 *
 * @param directory {@code data}
 * @param flush {@code storage.flush}
 * @param flushInterval {@code storage.flush-interval}
 * @param segmentSize {@code storage.segment-size}, at most 1 GB
 * @param retention {@code storage.retention}
 * @param fullBelow {@code storage.full-below}
 * @param viewsMemory {@code storage.views-memory}
 * @param backupDirectory {@code storage.backup-directory}
 */
public record StorageConfig(
        Path directory,
        FlushMode flush,
        Duration flushInterval,
        DataSize segmentSize,
        Duration retention,
        DataSize fullBelow,
        DataSize viewsMemory,
        Path backupDirectory) {
    /** RocketMQ's limit for a message. */
    private static final int LARGEST_WHOLE = 4 << 20;

    private static final long LARGEST_ENTRY = 8L << 20;
    // An entry must fit a segment beside the segment's header.
    private static final int SEGMENT_OVERHEAD = 4096;
    // What a record adds to a message, and an entry to a record.
    private static final int ENTRY_OVERHEAD = 8192;

    /** The largest entry of the log in bytes: 8 MB, or less where segments are small. */
    public int maxEntry() {
        return (int) Math.min(LARGEST_ENTRY, segmentSize.bytes() - SEGMENT_OVERHEAD);
    }

    /** The largest message that is stored in one record, in bytes: 4 MB, or less where segments are small. */
    public int maxWholeMessage() {
        return Math.min(LARGEST_WHOLE, maxEntry() - ENTRY_OVERHEAD);
    }

    /** These settings as the log takes them. */
    public LogConfig log() {
        return new LogConfig(directory, segmentSize.toInt(), flush, flushInterval, maxEntry(), fullBelow.bytes());
    }
}
