/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.header;

import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;

/**
 * Codes 200051 and 200053: a message got by POP is done with, or is to stay hidden for another time.
 *
 * @param invisibleTime ms from now; 0 in code 200051
 */
public record AckHeader(
        String consumerGroup, String topic, int queueId, Receipt receipt, long offset, long invisibleTime) {
    /**
     * Reads the header's fields.
     *
     * @throws BadRequestException when a required field is missing or malformed
     */
    public static AckHeader of(ExtFields fields) {
        return new AckHeader(
                fields.string("consumerGroup"),
                fields.string("topic"),
                fields.integer("queueId"),
                Receipt.parse(fields.string("extraInfo")),
                fields.number("offset"),
                fields.number("invisibleTime", 0));
    }
}
