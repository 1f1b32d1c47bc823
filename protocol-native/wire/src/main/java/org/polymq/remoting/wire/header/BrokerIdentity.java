/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.header;

import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;

/** Codes 104, 322 and 904: which broker speaks. */
public record BrokerIdentity(String brokerName, String brokerAddr, String clusterName, long brokerId) {
    /**
     * Reads the header's fields.
     *
     * @throws BadRequestException when a required field is missing or no number
     */
    public static BrokerIdentity of(ExtFields fields) {
        return new BrokerIdentity(
                fields.string("brokerName"),
                fields.string("brokerAddr"),
                fields.string("clusterName"),
                fields.number("brokerId"));
    }

    /** The fields that carry this header. */
    public ExtFields toFields() {
        return new ExtFields()
                .with("brokerName", brokerName)
                .with("brokerAddr", brokerAddr)
                .with("clusterName", clusterName)
                .with("brokerId", brokerId);
    }
}
