/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.header;

import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;

/** Code 14: a group's committed offset of one queue. */
public record QueryConsumerOffsetHeader(String consumerGroup, String topic, int queueId, boolean setZeroIfNotFound) {
    /**
     * Reads the header's fields.
     *
     * @throws BadRequestException when a required field is missing or no number
     */
    public static QueryConsumerOffsetHeader of(ExtFields fields) {
        return new QueryConsumerOffsetHeader(
                fields.string("consumerGroup"),
                fields.string("topic"),
                fields.integer("queueId"),
                fields.flag("setZeroIfNotFound", true));
    }
}
