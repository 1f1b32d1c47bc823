/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The settings of the name server and of registering with name servers.
 *
 * @param embedded {@code nameserver.embedded}
 * @param port {@code nameserver.port}; 0 picks a free port
 * @param addresses {@code nameserver.addresses}: host:port each
 * @param secretFile {@code nameserver.secret-file}
 */
public record NameServerOptions(boolean embedded, int port, List<String> addresses, Optional<Path> secretFile) {
    public NameServerOptions {
        addresses = List.copyOf(addresses);
    }
}
