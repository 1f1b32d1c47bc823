/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.header;

import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;

/** Code 36: a consumer could not process the message at log position {@code offset} and wants it again. */
public record SendBackHeader(
        long offset, String group, int delayLevel, String originMsgId, String originTopic, int maxReconsumeTimes) {
    /**
     * Reads the header's fields.
     *
     * @throws BadRequestException when a required field is missing or no number
     */
    public static SendBackHeader of(ExtFields fields) {
        return new SendBackHeader(
                fields.number("offset"),
                fields.string("group"),
                fields.integer("delayLevel"),
                fields.string("originMsgId", ""),
                fields.string("originTopic", ""),
                fields.integer("maxReconsumeTimes", -1));
    }
}
