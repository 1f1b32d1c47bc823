/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.header;

import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;

/**
 * Codes 100, 101 and 102: an entry of the name server's small key-value store. {@code value} is empty for 101 and 102.
 */
public record KvHeader(String namespace, String key, String value) {
    /**
     * Reads the header's fields.
     *
     * @throws BadRequestException when a required field is missing or no number
     */
    public static KvHeader of(ExtFields fields) {
        return new KvHeader(fields.string("namespace"), fields.string("key"), fields.string("value", ""));
    }
}
