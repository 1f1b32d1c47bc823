/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.nameserver;

import java.io.IOException;
import org.polymq.remoting.wire.RemotingCommand;

/** Answers the requests of one code. */
interface RequestHandler {
    /**
     * The answer to a request.
     *
     * @param connection stands for the peer: equal for requests of the same connection
     * @throws org.polymq.remoting.wire.BadRequestException when the request makes no sense
     * @throws IOException when the disk refuses
     */
    RemotingCommand answer(RemotingCommand request, Object connection) throws IOException;
}
