/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.header;

import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;

/** Code 904: a broker is alive. Times are in ms; -1 means the name server's own. */
public record BrokerHeartbeatHeader(
        String clusterName, String brokerAddr, String brokerName, long brokerId, long heartbeatTimeoutMills) {
    /**
     * Reads the header's fields.
     *
     * @throws BadRequestException when a required field is missing or no number
     */
    public static BrokerHeartbeatHeader of(ExtFields fields) {
        return new BrokerHeartbeatHeader(
                fields.string("clusterName"),
                fields.string("brokerAddr"),
                fields.string("brokerName"),
                fields.number("brokerId", 0),
                fields.number("heartbeatTimeoutMills", -1));
    }
}
