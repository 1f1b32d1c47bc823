/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.util.function.Supplier;
import org.polymq.broker.config.ServerConfig;
import org.polymq.broker.net.BadInput;
import org.polymq.broker.security.Security;
import org.polymq.nameserver.BrokerProof;
import org.polymq.nameserver.NameServer;
import org.polymq.nameserver.NameServerConfig;

/** Makes the name server inside a broker. */
final class NameServers {
    private NameServers() {}

    /** @param security the users that hold right now */
    static NameServer open(ServerConfig config, MeterRegistry registry, Supplier<Security> security, BrokerProof proof)
            throws IOException {
        BadInput badInput = new BadInput(registry);
        return NameServer.open(
                NameServerConfig.of(config.storage().directory().resolve("nameserver.json")),
                (channel, reason) -> badInput.close(channel, "nameserver", reason),
                new NameServerGuard(
                        security, proof, config.nameServer().secretFile().isPresent()));
    }
}
