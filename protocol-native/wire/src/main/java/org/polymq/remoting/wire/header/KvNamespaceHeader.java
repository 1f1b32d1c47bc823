/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.header;

import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;

/** Code 219: all entries of a namespace. */
public record KvNamespaceHeader(String namespace) {
    /**
     * Reads the header's fields.
     *
     * @throws BadRequestException when a required field is missing or no number
     */
    public static KvNamespaceHeader of(ExtFields fields) {
        return new KvNamespaceHeader(fields.string("namespace"));
    }
}
