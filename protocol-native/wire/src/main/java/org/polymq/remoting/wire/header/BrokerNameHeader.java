/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.header;

import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;

/** Codes 205 and 327: a broker by name. */
public record BrokerNameHeader(String brokerName) {
    /**
     * Reads the header's fields.
     *
     * @throws BadRequestException when a required field is missing or no number
     */
    public static BrokerNameHeader of(ExtFields fields) {
        return new BrokerNameHeader(fields.string("brokerName"));
    }
}
