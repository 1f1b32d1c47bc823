/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.polymq.broker.config.LiveConfig;
import org.polymq.broker.connector.ConnectorRunner;
import org.polymq.broker.security.AuditReader;

/**
 * What the API shows of the server around the broker.
 *
 * @param listeners where it listens
 * @param node what it is in its cluster
 * @param config its configuration
 * @param audit its audit log; empty if it writes none
 * @param connectors what runs its connectors
 */
public record ServerFacts(
        Supplier<List<ServerRoutes.Listening>> listeners,
        Supplier<Node> node,
        LiveConfig config,
        Optional<AuditReader> audit,
        ConnectorRunner connectors) {

    /**
     * A node.
     *
     * @param role {@code single}: it replicates to nobody; else {@code leader}, {@code follower} or {@code joining}
     * @param advertised where native clients are told to connect to
     * @param bound what the listeners bind
     */
    public record Node(
            String cluster,
            String name,
            String role,
            String version,
            InetSocketAddress advertised,
            InetSocketAddress bound) {}
}
