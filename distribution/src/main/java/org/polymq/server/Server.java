/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.polymq.broker.Broker;
import org.polymq.broker.BrokerMetrics;
import org.polymq.broker.config.ServerConfig;
import org.polymq.broker.net.BadInput;
import org.polymq.broker.net.Encryption;
import org.polymq.broker.net.Listener;
import org.polymq.broker.net.Listeners;
import org.polymq.broker.net.Protocol;
import org.polymq.broker.net.Transport;
import org.polymq.broker.net.TrustedProxies;
import org.polymq.broker.security.Audit;
import org.polymq.broker.security.Security;
import org.polymq.dashboard.Dashboard;
import org.polymq.dashboard.Health;
import org.polymq.dashboard.api.Api;
import org.polymq.dashboard.api.ClientRoutes;
import org.polymq.dashboard.api.GroupRoutes;
import org.polymq.dashboard.api.MessageRoutes;
import org.polymq.dashboard.api.Overview;
import org.polymq.dashboard.api.RetainedRoutes;
import org.polymq.dashboard.api.Route;
import org.polymq.dashboard.api.SecurityRoutes;
import org.polymq.dashboard.api.ServerRoutes;
import org.polymq.dashboard.api.SubscriptionRoutes;
import org.polymq.dashboard.api.TopicRoutes;
import org.polymq.jms.gateway.JmsProtocol;
import org.polymq.mqtt.MqttBroker;
import org.polymq.mqtt.MqttServices;
import org.polymq.nameserver.BrokerProof;
import org.polymq.nameserver.NameServer;
import org.polymq.nameserver.NameServerConfig;
import org.polymq.remoting.NativeGateway;
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
    private final List<ReadyLines.Line> lines = new ArrayList<>();
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
        ComponentSettings settings = new ComponentSettings(config);
        watchTheJvm();
        Encryption encryption = settings.encryption();
        Audit audit = parts.add("audit log", settings.audit(clock));
        Broker broker = parts.add(
                "core",
                Broker.open(settings.core(audit), config.storage().log(), new NioDisk(), clock, Failpoints.NONE));
        new BrokerMetrics(broker).bindTo(registry);

        Transport transport = parts.add("transport", Transport.open());
        log.info("listening with {}", transport.kind());
        NativeGateway gateway = parts.add(
                "native gateway",
                NativeGateway.open(
                        broker,
                        settings.remoting(),
                        clock,
                        registry,
                        transport.workers().next()));
        JmsProtocol jms = new JmsProtocol(broker, registry, settings.jms(clock.millis()));
        MqttBroker mqtt = new MqttBroker(MqttServices.of(broker, clock), settings.mqtt(), registry);
        mqtt.start(transport.workers());
        parts.atClose("MQTT", mqtt::close);

        Listeners listeners = new Listeners(transport, settings.limits(), registry, encryption);
        BrokerProof proof = NameServerGuard.proof(config.nameServer().secretFile());
        Optional<NameServer> nameServer = config.nameServer().embedded()
                ? Optional.of(nameServer(registry, broker.security(), proof))
                : Optional.empty();
        parts.atClose("listeners", () -> listeners.close(GRACE));
        if (nameServer.isPresent()) {
            listen(
                    listeners,
                    "nameserver",
                    config.nameServer().port(),
                    "RocketMQ clients start here",
                    new NameServerProtocol(nameServer.get()));
        }
        Listener remoting = listen(
                listeners, "native", config.remoting().port(), "RocketMQ and JMS clients", gateway.protocol(), jms);
        if (config.remoting().vipPort() != 0) {
            listen(
                    listeners,
                    "vip",
                    config.remoting().vipPort(),
                    "second channel of RocketMQ clients",
                    gateway.vipProtocol());
        }
        TrustedProxies proxies = settings.mqttProxies();
        listen(listeners, "mqtt", config.mqtt().port(), "MQTT 3.1, 3.1.1 and 5.0", mqtt.tcp(), proxies);
        if (encryption.tls().isPresent()) {
            Listener mqttTls = listeners.bindTls(
                    "mqtt-tls",
                    new InetSocketAddress(config.bind(), config.security().mqttTlsPort()),
                    mqtt.tcp(),
                    proxies);
            lines.add(new ReadyLines.Line("mqtt-tls", mqttTls.address(), "MQTT over TLS"));
        }
        listen(
                listeners,
                "websocket",
                config.mqtt().webSocketPort(),
                "MQTT over WebSocket, path /mqtt",
                mqtt.webSocket(),
                proxies);
        Overview overview = new Overview(broker, registry, clock);
        listen(
                listeners,
                "dashboard",
                config.dashboard().port(),
                "dashboard in a browser; /api/v1, /metrics, /health",
                new Dashboard(registry, health(broker), api(broker, overview), overview));

        parts.add(
                "registration",
                NativeRegistration.open(
                        transport, gateway.topicConfigs(), config, proof, remoting.port(), nameServerAddresses()));
    }

    private void watchTheJvm() {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        parts.add("metrics of the garbage collector", bound(new JvmGcMetrics()));
    }

    private JvmGcMetrics bound(JvmGcMetrics metrics) {
        metrics.bindTo(registry);
        return metrics;
    }

    private NameServer nameServer(PrometheusMeterRegistry registry, Security security, BrokerProof proof)
            throws IOException {
        BadInput badInput = new BadInput(registry);
        return parts.add(
                "name server",
                NameServer.open(
                        NameServerConfig.of(config.storage().directory().resolve("nameserver.json")),
                        (channel, reason) -> badInput.close(channel, "nameserver", reason),
                        new NameServerGuard(
                                security,
                                proof,
                                config.nameServer().secretFile().isPresent())));
    }

    private void listen(
            Listeners listeners, String name, int port, String speaks, Protocol protocol, TrustedProxies proxies)
            throws IOException {
        Listener listener = listeners.bind(name, new InetSocketAddress(config.bind(), port), protocol, proxies);
        lines.add(new ReadyLines.Line(name, listener.address(), speaks));
    }

    private Listener listen(Listeners listeners, String name, int port, String speaks, Protocol... protocols)
            throws IOException {
        Listener listener = listeners.bind(name, new InetSocketAddress(config.bind(), port), List.of(protocols));
        lines.add(new ReadyLines.Line(name, listener.address(), speaks));
        return listener;
    }

    /** The admin API: each part of the administration lists its routes here. */
    private Api api(Broker broker, Overview overview) {
        List<Route> routes = new ArrayList<>(new SecurityRoutes(broker.security()).routes());
        routes.addAll(new TopicRoutes(broker).routes());
        routes.addAll(new MessageRoutes(broker).routes());
        routes.addAll(new GroupRoutes(broker).routes());
        routes.addAll(new SubscriptionRoutes(broker).routes());
        routes.addAll(new RetainedRoutes(broker).routes());
        routes.addAll(new ClientRoutes(broker).routes());
        routes.addAll(new ServerRoutes(overview, this::listening).routes());
        return new Api(broker.security(), routes);
    }

    private List<ServerRoutes.Listening> listening() {
        return lines.stream()
                .map(line -> new ServerRoutes.Listening(
                        line.name(),
                        line.address().getAddress().getHostAddress(),
                        line.address().getPort(),
                        line.speaks()))
                .toList();
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

    private List<InetSocketAddress> nameServerAddresses() {
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (ReadyLines.Line line : lines) {
            if (line.name().equals("nameserver")) {
                addresses.add(line.address());
            }
        }
        for (String address : config.nameServer().addresses()) {
            int colon = address.lastIndexOf(':');
            addresses.add(
                    new InetSocketAddress(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))));
        }
        return addresses;
    }

    /** The listeners, in the order in which they were opened. */
    public List<ReadyLines.Line> lines() {
        return List.copyOf(lines);
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
