/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.nio.file.Path;
import java.time.Duration;

/**
 * The settings of one log.
 *
 * @param directory where all its files are; created when missing
 * @param segmentSize size of a segment file, bytes; from 4 KiB
 * @param flush what a reply waits for
 * @param flushInterval how often an async log is forced
 * @param maxEntrySize largest entry, bytes; a request with its frames must fit into one entry, an entry into a segment
 * @param fullBelow free space below which messages are refused, bytes; 0 or more
 */
public record LogConfig(
        Path directory, int segmentSize, FlushMode flush, Duration flushInterval, int maxEntrySize, long fullBelow) {
    private static final int MIB = 1 << 20;

    public LogConfig {
        if (segmentSize < 4096) {
            throw new IllegalArgumentException("segment size of " + segmentSize + " bytes is below 4096");
        }
        if (maxEntrySize < 256 || maxEntrySize > segmentSize - 256) {
            throw new IllegalArgumentException("largest entry of " + maxEntrySize
                    + " bytes is not between 256 and the segment size less 256, " + (segmentSize - 256));
        }
        if (flushInterval.isNegative() || flushInterval.isZero()) {
            throw new IllegalArgumentException("flush interval of " + flushInterval + " is not above 0");
        }
        if (fullBelow < 0) {
            throw new IllegalArgumentException("free space limit of " + fullBelow + " bytes is below 0");
        }
    }

    /** 128 MiB segments, async with 200 ms, entries up to 8 MiB, full below 256 MiB. */
    public static LogConfig defaults(Path directory) {
        return new LogConfig(directory, 128 * MIB, FlushMode.ASYNC, Duration.ofMillis(200), 8 * MIB, 256L * MIB);
    }
}
