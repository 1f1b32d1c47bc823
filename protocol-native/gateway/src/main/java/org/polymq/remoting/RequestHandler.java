/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import org.polymq.remoting.wire.RemotingCommand;

/** Serves one request code. */
interface RequestHandler {
    /**
     * Serves a request; answers through the connection now or later. Called on the connection's event loop; the
     * request's body is valid during the call only.
     *
     * @throws org.polymq.remoting.wire.BadRequestException when the request makes no sense; answered with its code
     * @throws org.polymq.broker.BrokerException when the core refuses; answered as {@link ErrorCodes} says
     */
    void handle(RemotingCommand request, NativeConnection from);
}
