/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.header;

import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;

/** Code 103: a broker says what it serves. Times are in ms; -1 means the name server's own. */
public record RegisterBrokerHeader(
        String brokerName,
        String brokerAddr,
        String clusterName,
        String haServerAddr,
        long brokerId,
        long heartbeatTimeoutMillis,
        boolean enableActingMaster,
        boolean compressed,
        int bodyCrc32) {
    /**
     * Reads the header's fields.
     *
     * @throws BadRequestException when a required field is missing or no number
     */
    public static RegisterBrokerHeader of(ExtFields fields) {
        return new RegisterBrokerHeader(
                fields.string("brokerName"),
                fields.string("brokerAddr"),
                fields.string("clusterName"),
                fields.string("haServerAddr"),
                fields.number("brokerId"),
                fields.number("heartbeatTimeoutMillis", -1),
                fields.flag("enableActingMaster", false),
                fields.flag("compressed", false),
                fields.integer("bodyCrc32", 0));
    }

    /** The fields that carry this header. */
    public ExtFields toFields() {
        return new ExtFields()
                .with("brokerName", brokerName)
                .with("brokerAddr", brokerAddr)
                .with("clusterName", clusterName)
                .with("haServerAddr", haServerAddr)
                .with("brokerId", brokerId)
                .with("heartbeatTimeoutMillis", heartbeatTimeoutMillis)
                .with("enableActingMaster", enableActingMaster)
                .with("compressed", compressed)
                .with("bodyCrc32", bodyCrc32);
    }
}
