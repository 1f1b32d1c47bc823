/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.nameserver;

import io.netty.channel.Channel;
import org.polymq.remoting.wire.RemotingCommand;

/** Decides who may ask a name server for what. Called on the connection's event loop; must not block. */
@FunctionalInterface
public interface RequestGuard {
    /** Lets everybody do everything. */
    RequestGuard OPEN = (need, request, from) -> {};

    /** What a request code needs. */
    enum Need {
        /** Routes and lists: every client. */
        READ,
        /** A broker says what it serves: only a broker that proves who it is. */
        BROKER,
        /** Key-values, settings, permissions, deletions: administrators. */
        MANAGE
    }

    /**
     * Checks one request.
     *
     * @throws org.polymq.remoting.wire.BadRequestException NO_PERMISSION if the sender may not make it
     */
    void check(Need need, RemotingCommand request, Channel from);
}
