/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.header;

import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;

/** Codes 38 and 40: the members of a group. */
public record ConsumerGroupHeader(String consumerGroup) {
    /**
     * Reads the header's fields.
     *
     * @throws BadRequestException when a required field is missing or no number
     */
    public static ConsumerGroupHeader of(ExtFields fields) {
        return new ConsumerGroupHeader(fields.string("consumerGroup"));
    }

    /** The fields that carry this header. */
    public ExtFields toFields() {
        return new ExtFields().with("consumerGroup", consumerGroup);
    }
}
