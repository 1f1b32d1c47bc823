/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.security.Access;
import org.polymq.broker.security.Credentials;
import org.polymq.broker.security.Origin;
import org.polymq.broker.security.Security;
import org.polymq.remoting.wire.RemotingCommand;

/**
 * Who sends the requests of one connection. RocketMQ's clients sign each request (its {@code AclClientRPCHook}), so
 * each is checked; what its principal may do is remembered. Confined to the connection's event loop.
 */
final class NativeLogin {
    /** One client may sign as several users, but not as many. */
    private static final int MOST_PRINCIPALS = 8;

    private final Security security;
    private final NativeConnection connection;
    private final Access.Watcher watcher;
    private final Map<String, Access> known = new HashMap<>();
    private @Nullable Access everything;

    NativeLogin(Security security, NativeConnection connection, Access.Watcher watcher) {
        this.security = security;
        this.connection = connection;
        this.watcher = watcher;
    }

    /**
     * What the sender of a request may do.
     *
     * @throws org.polymq.broker.BrokerException NOT_AUTHENTICATED when the signature is wrong, or missing where nobody
     *     may come without
     */
    Access of(RemotingCommand request) {
        if (!security.enabled()) {
            return unrestricted();
        }
        Access proved = security.authenticator().loginNow(NativeCredentials.of(request), origin());
        Access before = known.get(proved.principal().name());
        if (before != null) {
            return before;
        }
        if (known.size() >= MOST_PRINCIPALS) {
            closed();
        }
        known.put(proved.principal().name(), proved);
        proved.watch(connection, watcher);
        return proved;
    }

    private Access unrestricted() {
        Access all = everything;
        if (all == null) {
            all = security.authenticator().loginNow(new Credentials.Anonymous(), origin());
            everything = all;
        }
        return all;
    }

    private Origin origin() {
        return Origin.of(NativeProtocol.NAME, connection.channel());
    }

    /** The connection is gone. */
    void closed() {
        known.values().forEach(Access::close);
        known.clear();
    }
}
