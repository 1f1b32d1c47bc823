/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.header;

import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;

/**
 * Code 29: the first offset stored at or after a time (ms), or the last before it where {@code boundaryType} is
 * {@code UPPER}.
 */
public record SearchOffsetHeader(String topic, int queueId, long timestamp, String boundaryType) {
    /**
     * Reads the header's fields.
     *
     * @throws BadRequestException when a required field is missing or no number
     */
    public static SearchOffsetHeader of(ExtFields fields) {
        return new SearchOffsetHeader(
                fields.string("topic"),
                fields.integer("queueId"),
                fields.number("timestamp"),
                fields.string("boundaryType", "LOWER"));
    }
}
