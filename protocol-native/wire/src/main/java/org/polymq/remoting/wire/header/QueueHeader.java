/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.header;

import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;

/** Codes 30, 31 and 32: a question about one queue. */
public record QueueHeader(String topic, int queueId) {
    /**
     * Reads the header's fields.
     *
     * @throws BadRequestException when a required field is missing or no number
     */
    public static QueueHeader of(ExtFields fields) {
        return new QueueHeader(fields.string("topic"), fields.integer("queueId"));
    }
}
