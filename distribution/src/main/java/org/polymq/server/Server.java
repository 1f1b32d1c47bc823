/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Broker;
import org.polymq.broker.config.ServerConfig;
import org.polymq.broker.connector.ConnectorKinds;
import org.polymq.broker.net.Encryption;
import org.polymq.broker.net.Listeners;
import org.polymq.broker.net.Transport;
import org.polymq.broker.security.Audit;
import org.polymq.dashboard.Dashboard;
import org.polymq.dashboard.Health;
import org.polymq.dashboard.api.Api;
import org.polymq.dashboard.api.Overview;
import org.polymq.dashboard.api.Route;
import org.polymq.nameserver.BrokerProof;
import org.polymq.nameserver.NameServer;
import org.polymq.remoting.Replica;
import org.polymq.storage.Failpoints;
import org.polymq.storage.NioDisk;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All roles in one process: the only place where the parts are put together. Opened and closed by one thread. */
public final class Server implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Server.class);

    /** How long connections may take to end when the server stops. */
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final ServerConfig config;
    private final InstantSource clock = Clock.systemUTC();
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Parts parts = new Parts();
    private @Nullable Ports ports;
    private volatile boolean stopping;

    private Server(ServerConfig config) {
        this.config = config;
    }

    /**
     * Recovers the log and opens every listener; returns when clients of all protocols are served.
     *
     * @throws IOException when the disk or a port cannot be had; nothing is left open
     * @throws org.polymq.storage.StorageException when the data directory is held or damaged; likewise
     */
    public static Server open(ServerConfig config) throws IOException {
        Server server = new Server(config);
        try {
            server.open();
            return server;
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private void open() throws IOException {
        NodeMark.checkAlone(config.storage().directory());
        ComponentSettings settings = new ComponentSettings(config);
        parts.add("metrics of the garbage collector", JvmMetrics.bindTo(registry));
        Encryption encryption = settings.encryption();
        Audit audit = parts.add("audit log", settings.audit(clock));
        Broker broker = parts.add(
                "core",
                Broker.open(
                        settings.core(audit, clock), config.storage().log(), new NioDisk(), clock, Failpoints.NONE));
        Transport transport = parts.add("transport", Transport.open());
        log.info("listening with {}", transport.kind());
        ConnectorKinds kinds = parts.add("kinds of connectors", ConnectorParts.kinds(config.connectors()));
        Gateways gateways = parts.add(
                "gateways",
                Gateways.open(broker, settings, transport, kinds, Optional.empty(), registry, clock, Replica.ONLY));
        Listeners listeners = new Listeners(transport, settings.limits(), registry, encryption);
        Ports opened = new Ports(
                config, listeners, settings.mqttProxies(), encryption.tls().isPresent(), false);
        ports = opened;
        BrokerProof proof = NameServerGuard.proof(config.nameServer().secretFile());
        Optional<NameServer> nameServer = config.nameServer().embedded()
                ? Optional.of(parts.add("name server", NameServers.open(config, registry, broker::security, proof)))
                : Optional.empty();
        parts.atClose("listeners", () -> listeners.close(GRACE));
        if (nameServer.isPresent()) {
            opened.open(nameServer.get());
        }
        Overview overview = new Overview(broker, registry, clock);
        List<Route> routes = new ArrayList<>(new AdminRoutes(config, opened, true, () -> "single", clock)
                .of(broker, overview, gateways.connectors()));
        routes.addAll(ClusterRoutes.alone());
        Api api = new Api(broker.security(), routes);
        opened.open(gateways.speaking(List.of(gateways.jms()), new Dashboard(registry, health(broker), api, overview)));

        parts.add(
                "registration",
                NativeRegistration.open(
                        transport,
                        gateways.topicConfigs(),
                        config,
                        proof,
                        opened.port(Ports.NATIVE),
                        opened.nameServers()));
    }

    private Health health(Broker broker) {
        return new Health(List.of(
                new Health.Check(
                        "storage",
                        () -> broker.log().failed()
                                ? Optional.of("a write to the disk failed; nothing is stored until a restart")
                                : Optional.empty()),
                new Health.Check(
                        "lifecycle", () -> stopping ? Optional.of("the server is stopping") : Optional.empty())));
    }

    /** The listeners, in the order in which they were opened. */
    public List<ReadyLines.Line> lines() {
        Ports open = ports;
        return open == null ? List.of() : open.lines();
    }

    /**
     * Takes the broker off the name servers, accepts no more, says goodbye to the connections there are, and closes the
     * log with a snapshot. Does nothing the second time.
     */
    @Override
    public void close() {
        if (stopping) {
            return;
        }
        stopping = true;
        log.info("stopping");
        parts.close();
        log.info("stopped");
    }
}
