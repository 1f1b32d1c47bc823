/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.polymq.broker.Broker;
import org.polymq.broker.config.LiveConfig;
import org.polymq.broker.config.ServerConfig;
import org.polymq.broker.connector.ConnectorRunner;
import org.polymq.broker.security.AuditReader;
import org.polymq.dashboard.api.Overview;
import org.polymq.dashboard.api.Route;
import org.polymq.dashboard.api.Routes;
import org.polymq.dashboard.api.ServerFacts;

/**
 * The admin API over a broker, and what of the configuration changes while it runs.
 *
 * @param cleaning whether the broker cleans segments in place
 * @param role {@code single}, {@code leader}, {@code follower} or {@code joining}
 */
record AdminRoutes(ServerConfig config, Ports ports, boolean cleaning, Supplier<String> role, InstantSource clock) {
    List<Route> of(Broker broker, Overview overview, ConnectorRunner connectors) {
        ServerFacts facts = new ServerFacts(
                ports::listening,
                this::node,
                liveConfig(broker),
                config.security().enabled()
                        ? Optional.of(new AuditReader(config.security().auditDirectory()))
                        : Optional.empty(),
                connectors);
        List<Route> routes = new ArrayList<>(Routes.of(broker, overview, facts, clock));
        routes.add(new Backups(config.storage(), broker.log()).route());
        return routes;
    }

    private ServerFacts.Node node() {
        int port = ports.port(Ports.NATIVE);
        return new ServerFacts.Node(
                config.clusterName(),
                config.brokerName(),
                role.get(),
                Optional.ofNullable(Server.class.getPackage().getImplementationVersion())
                        .orElse("unpackaged"),
                new InetSocketAddress(config.remoting().advertise(), port),
                new InetSocketAddress(config.bind(), port));
    }

    /** The keys that change at run time, and who takes them. */
    private LiveConfig liveConfig(Broker broker) {
        LiveConfig live = new LiveConfig(config, broker.changedSettings());
        live.takenBy(Set.of("log.level"), changed -> LogSetup.level(changed.logLevel()));
        live.takenBy(
                Set.of(
                        "storage.retention",
                        "storage.max-size",
                        "storage.clean-below",
                        "mqtt.retention",
                        "mqtt.retention-size"),
                changed -> broker.retention().change(new ComponentSettings(changed).retention(cleaning)));
        live.takenBy(
                Set.of(
                        "subscriptions.max-age",
                        "subscriptions.max-size",
                        "subscriptions.expiry",
                        "queues.max-age",
                        "queues.max-size"),
                changed -> broker.caps().change(new ComponentSettings(changed).caps()));
        live.takenBy(
                Set.of(
                        "jms.max-deliveries",
                        "jms.redelivery-delay",
                        "jms.redelivery-backoff",
                        "jms.redelivery-max-delay"),
                changed -> broker.redeliveries().change(new ComponentSettings(changed).redelivery()));
        return live;
    }
}
