/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.publish;

/**
 * Where a message was stored.
 *
 * @param position its log position; -1 if it was a double of one that is stored already, or needed no storing
 * @param queueId the queue of its topic
 * @param queueOffset its offset there
 * @param storeTime ms since the epoch
 */
public record Stored(long position, int queueId, long queueOffset, long storeTime) {
    private static final long NOWHERE = -1;

    /** The answer for a QoS 2 message that was received before. */
    public static Stored duplicate(long storeTime) {
        return new Stored(NOWHERE, 0, NOWHERE, storeTime);
    }

    /** The answer for a message that went to online subscribers only. */
    public static Stored unstored() {
        return new Stored(NOWHERE, 0, NOWHERE, 0);
    }

    /** Whether the message is in the log under this position. */
    public boolean isStored() {
        return position != NOWHERE;
    }
}
