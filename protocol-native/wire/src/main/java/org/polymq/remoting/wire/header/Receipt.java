/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.header;

import org.polymq.remoting.wire.BadRequestException;

/**
 * What a consumer shows to acknowledge a message it got by POP, RocketMQ's {@code extraInfo}: check-point offset, pop
 * time, invisible time, revive queue, retry flag, broker, queue and offset, separated by spaces.
 *
 * @param popTime ms since the epoch
 * @param invisibleTime ms
 * @param reviveQueue {@link #ORDERLY} for an orderly consumer's
 */
public record Receipt(long popTime, long invisibleTime, int reviveQueue, int queueId) {
    /** The revive queue that marks orderly consumption. */
    public static final int ORDERLY = 999;

    private static final int LEAST_PARTS = 7;

    /**
     * Reads a receipt.
     *
     * @throws BadRequestException if it is none
     */
    public static Receipt parse(String extraInfo) {
        String[] parts = extraInfo.split(" ", -1);
        if (parts.length < LEAST_PARTS) {
            throw malformed(extraInfo);
        }
        try {
            return new Receipt(
                    Long.parseLong(parts[1]),
                    Long.parseLong(parts[2]),
                    Integer.parseInt(parts[3]),
                    Integer.parseInt(parts[6]));
        } catch (NumberFormatException e) {
            throw malformed(extraInfo);
        }
    }

    private static BadRequestException malformed(String extraInfo) {
        return BadRequestException.field("the receipt handle \""
                + (extraInfo.length() > 128 ? extraInfo.substring(0, 128) : extraInfo)
                + "\" is none: send extraInfo as the property POP_CK of the message has it");
    }
}
