/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.header;

import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;

/** Code 33: the message at a log position. */
public record ViewMessageHeader(long offset) {
    /**
     * Reads the header's fields.
     *
     * @throws BadRequestException when a required field is missing or no number
     */
    public static ViewMessageHeader of(ExtFields fields) {
        return new ViewMessageHeader(fields.number("offset"));
    }
}
