/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

/**
 * The limits of JMS connections.
 *
 * @param maxFrameSize the largest frame, a whole transaction included, in bytes
 * @param maxObjects sessions and consumers of one connection
 * @param requestRate most sends and consumers a second of a connection; 0 for any number
 * @param runId tells the connections of one run of the broker from those of another
 * @param autoCreate whether queues and topics are made when they are first used
 */
public record JmsSettings(int maxFrameSize, int maxObjects, int requestRate, long runId, boolean autoCreate) {
    private static final int SMALLEST_FRAME = 64 * 1024;

    public JmsSettings {
        if (maxFrameSize < SMALLEST_FRAME || maxObjects < 1) {
            throw new IllegalArgumentException("a JMS frame limit of " + maxFrameSize + " bytes (at least "
                    + SMALLEST_FRAME + ") or " + maxObjects + " objects (at least 1)");
        }
    }

    /** Frames of 16 MiB and 10,000 sessions and consumers. */
    public static JmsSettings defaults(long runId) {
        return new JmsSettings(16 << 20, 10_000, 0, runId, true);
    }
}
