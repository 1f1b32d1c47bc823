/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import org.polymq.mqtt.wire.ReasonCode;

/** What the parts of a connection ask of the whole. Called on the connection's event loop. */
interface Connection extends Acceptor.Served {
    /**
     * Says why, where the protocol version can, and closes.
     *
     * @param message for the log and the reason string; names the thing, the value and the limit
     */
    void fail(ReasonCode reason, String message);

    /** The server cannot go on with it: says so, where the protocol version can, and closes. No fault of the client. */
    @Override
    void stop();

    /** Reads on after the receiver was full. */
    void resumeReading();
}
