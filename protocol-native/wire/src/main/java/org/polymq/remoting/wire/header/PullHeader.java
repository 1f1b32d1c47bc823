/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.header;

import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;

/**
 * Codes 11 and 361: read from one queue. {@code sysFlag} is explained at the constants of {@link PullFlags}.
 * {@code subscription} is empty and {@code maxMsgBytes} 0 when not sent.
 */
public record PullHeader(
        String consumerGroup,
        String topic,
        int queueId,
        long queueOffset,
        int maxMsgNums,
        int sysFlag,
        long commitOffset,
        long suspendTimeoutMillis,
        String subscription,
        long subVersion,
        String expressionType,
        int maxMsgBytes) {
    /**
     * Reads the header's fields.
     *
     * @throws BadRequestException when a required field is missing or no number
     */
    public static PullHeader of(ExtFields fields) {
        return new PullHeader(
                fields.string("consumerGroup"),
                fields.string("topic"),
                fields.integer("queueId"),
                fields.number("queueOffset"),
                fields.integer("maxMsgNums"),
                fields.integer("sysFlag"),
                fields.number("commitOffset"),
                fields.number("suspendTimeoutMillis"),
                fields.string("subscription", ""),
                fields.number("subVersion"),
                fields.string("expressionType", "TAG"),
                fields.integer("maxMsgBytes", 0));
    }
}
