/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.header;

import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;

/**
 * Code 200050: messages for a member of a group, hidden from the others for a time.
 *
 * @param queueId -1 for any queue
 * @param invisibleTime ms
 * @param pollTime how long to wait for a message, ms
 * @param initMode where a new group starts: 0 at the oldest message, 1 at the end
 * @param expression a filter, empty for none; its type may be empty
 * @param attemptId names a try, so that an orderly consumer that lost the answer gets it again; empty if not sent
 */
public record PopHeader(
        String consumerGroup,
        String topic,
        int queueId,
        int maxMsgNums,
        long invisibleTime,
        long pollTime,
        int initMode,
        String expressionType,
        String expression,
        boolean order,
        String attemptId) {
    /**
     * Reads the header's fields.
     *
     * @throws BadRequestException when a required field is missing or no number
     */
    public static PopHeader of(ExtFields fields) {
        return new PopHeader(
                fields.string("consumerGroup"),
                fields.string("topic"),
                fields.integer("queueId"),
                fields.integer("maxMsgNums"),
                fields.number("invisibleTime"),
                fields.number("pollTime"),
                fields.integer("initMode"),
                fields.string("expType", ""),
                fields.string("exp", ""),
                fields.flag("order", false),
                fields.string("attemptId", ""));
    }

    /** Code 200054: the same question without taking anything. */
    public static PopHeader ofNotification(ExtFields fields) {
        return new PopHeader(
                fields.string("consumerGroup"),
                fields.string("topic"),
                fields.integer("queueId"),
                1,
                0,
                fields.number("pollTime"),
                1,
                fields.string("expType", ""),
                fields.string("exp", ""),
                fields.flag("order", false),
                fields.string("attemptId", ""));
    }
}
