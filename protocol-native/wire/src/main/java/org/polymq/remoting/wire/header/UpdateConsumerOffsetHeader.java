/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.header;

import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;

/** Code 15: commit a group's offset of one queue. */
public record UpdateConsumerOffsetHeader(String consumerGroup, String topic, int queueId, long commitOffset) {
    /**
     * Reads the header's fields.
     *
     * @throws BadRequestException when a required field is missing or no number
     */
    public static UpdateConsumerOffsetHeader of(ExtFields fields) {
        return new UpdateConsumerOffsetHeader(
                fields.string("consumerGroup"),
                fields.string("topic"),
                fields.integer("queueId"),
                fields.number("commitOffset"));
    }
}
