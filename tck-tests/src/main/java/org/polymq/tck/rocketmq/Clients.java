/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.rocketmq;

import java.util.UUID;
import org.apache.rocketmq.client.ClientConfig;
import org.polymq.tck.server.Endpoints;

/** What every client of RocketMQ is told before it starts. */
final class Clients {
    /** How long a client waits for an answer of name server or broker: its own 3 s are short on a busy machine. */
    static final int PATIENCE_MILLIS = 20_000;

    private Clients() {}

    /** A client of this server, apart from all others in this process. */
    static <C extends ClientConfig> C of(Endpoints server, C client) {
        return of(server.nameServer(), UUID.randomUUID().toString(), client);
    }

    static <C extends ClientConfig> C of(String nameServer, String instance, C client) {
        client.setNamesrvAddr(nameServer);
        client.setInstanceName(instance);
        client.setMqClientApiTimeout(PATIENCE_MILLIS);
        return client;
    }
}
