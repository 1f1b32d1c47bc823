/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.polymq.broker.config.ServerConfig;
import org.polymq.broker.net.Listener;
import org.polymq.broker.net.Listeners;
import org.polymq.broker.net.Protocol;
import org.polymq.broker.net.Streams;
import org.polymq.broker.net.TrustedProxies;
import org.polymq.dashboard.api.ServerRoutes;
import org.polymq.nameserver.NameServer;

/** The ports of a server that runs all roles. Opened and closed by one thread. */
final class Ports {
    static final String NAMESERVER = "nameserver";
    static final String NATIVE = "native";
    static final String VIP = "vip";
    static final String MQTT = "mqtt";
    static final String MQTT_TLS = "mqtt-tls";
    static final String WEBSOCKET = "websocket";
    static final String DASHBOARD = "dashboard";
    static final String STREAMS = "streams";

    private final ServerConfig config;
    private final Listeners listeners;
    private final TrustedProxies proxies;
    private final boolean tls;
    private final boolean onePart;
    private Optional<Streams> streams = Optional.empty();
    private final Map<String, Listener> open = new LinkedHashMap<>();
    private final List<ReadyLines.Line> lines = new ArrayList<>();

    /**
     * Opens nothing yet.
     *
     * @param tls whether there is a certificate
     * @param onePart whether these are the ports of one group of several: without those of MQTT, which the process has
     *     once
     */
    Ports(ServerConfig config, Listeners listeners, TrustedProxies proxies, boolean tls, boolean onePart) {
        this.config = config;
        this.listeners = listeners;
        this.proxies = proxies;
        this.tls = tls;
        this.onePart = onePart;
    }

    /**
     * In a cluster of several groups: from now on takes streams of gateways, which come over the port between nodes.
     */
    Optional<Streams> takeStreams() {
        if (!config.cluster().groups().isEmpty()) {
            streams = Optional.of(listeners.streams(STREAMS, config.cluster().streams()));
        }
        return streams;
    }

    /** Opens the name server's. */
    void open(NameServer nameServer) throws IOException {
        listen(
                NAMESERVER,
                config.nameServer().port(),
                "RocketMQ clients start here",
                List.of(new NameServerProtocol(nameServer)));
    }

    /** Opens all others. */
    void open(Speaking speaking) throws IOException {
        listen(NATIVE, config.remoting().port(), "RocketMQ and JMS clients", speaking.remoting());
        if (config.remoting().vipPort() != 0) {
            listen(VIP, config.remoting().vipPort(), "second channel of RocketMQ clients", speaking.vip());
        }
        if (!onePart) {
            openMqtt(speaking.mqtt(), speaking.webSocket());
        }
        listen(
                DASHBOARD,
                config.dashboard().port(),
                "dashboard in a browser; /api/v1, /metrics, /health",
                List.of(speaking.dashboard()));
        if (speaking.passOn()) {
            serve(speaking, Duration.ZERO);
        }
    }

    /** Opens those of a process that is nothing but a gateway. */
    void openGateway(ClusterGateways gateways, Protocol monitoring) throws IOException {
        openMqtt(gateways.mqtt(), gateways.webSocket());
        listen(NATIVE, config.remoting().port(), "JMS clients", List.of(gateways.jms()));
        listen(DASHBOARD, config.dashboard().port(), "/metrics, /health", List.of(monitoring));
    }

    /** Opens those of MQTT. */
    void openMqtt(Protocol tcp, Protocol webSocket) throws IOException {
        proxied(MQTT, config.mqtt().port(), "MQTT 3.1, 3.1.1 and 5.0", tcp);
        if (tls) {
            add(listeners.bindTls(MQTT_TLS, address(config.security().mqttTlsPort()), tcp, proxies), "MQTT over TLS");
        }
        proxied(WEBSOCKET, config.mqtt().webSocketPort(), "MQTT over WebSocket, path /mqtt", webSocket);
    }

    /**
     * Has all but the name server's speak otherwise; connections that do not are closed, at the latest after a time.
     */
    void serve(Speaking speaking, Duration grace) {
        streams.ifPresent(each -> each.serve(speaking.streams(), grace));
        serve(NATIVE, speaking.remoting(), speaking.passOn(), grace);
        serve(VIP, speaking.vip(), speaking.passOn(), grace);
        serve(MQTT, List.of(speaking.mqtt()), speaking.passOn(), grace);
        serve(MQTT_TLS, List.of(speaking.mqtt()), speaking.passOn(), grace);
        serve(WEBSOCKET, List.of(speaking.webSocket()), speaking.passOn(), grace);
        serve(DASHBOARD, List.of(speaking.dashboard()), false, grace);
    }

    /** Reads no more from clients until {@link #resume} or {@link #serve}; what was read goes on to be served. */
    void pause() {
        streams.ifPresent(Streams::pause);
        clients().forEach(Listener::pause);
    }

    /** Reads from clients again. */
    void resume() {
        clients().forEach(Listener::resume);
        streams.ifPresent(Streams::resume);
    }

    private List<Listener> clients() {
        return open.values().stream()
                .filter(each -> !each.name().equals(NAMESERVER) && !each.name().equals(DASHBOARD))
                .toList();
    }

    /** Has some listeners, of those that there are, accept no more connections. */
    void stopAccepting(String... names) {
        for (String each : names) {
            Listener listener = open.get(each);
            if (listener != null) {
                listener.stopAccepting();
            }
        }
    }

    /** How many connections speak a protocol of that name. */
    int connections(String protocol) {
        return open.values().stream()
                .mapToInt(each -> each.connections(protocol))
                .sum();
    }

    private void serve(String name, List<Protocol> protocols, boolean passOn, Duration grace) {
        Listener listener = open.get(name);
        if (listener != null) {
            listener.serve(protocols, passOn, grace);
        }
    }

    private void proxied(String name, int port, String speaks, Protocol protocol) throws IOException {
        add(listeners.bind(name, address(port), protocol, proxies), speaks);
    }

    private void listen(String name, int port, String speaks, List<Protocol> protocols) throws IOException {
        add(listeners.bind(name, address(port), protocols), speaks);
    }

    private InetSocketAddress address(int port) {
        return new InetSocketAddress(config.bind(), port);
    }

    private void add(Listener listener, String speaks) {
        open.put(listener.name(), listener);
        lines.add(new ReadyLines.Line(listener.name(), listener.address(), speaks));
    }

    /** The port in use of a listener; 0 if there is none of that name. */
    int port(String name) {
        Listener listener = open.get(name);
        return listener == null ? 0 : listener.port();
    }

    /** In the order in which they were opened. */
    List<ReadyLines.Line> lines() {
        return List.copyOf(lines);
    }

    /** The same for the admin API. */
    List<ServerRoutes.Listening> listening() {
        return lines.stream()
                .map(line -> new ServerRoutes.Listening(
                        line.name(),
                        line.address().getAddress().getHostAddress(),
                        line.address().getPort(),
                        line.speaks()))
                .toList();
    }

    /** This server's own name server, if it has one, and those of the configuration. */
    List<InetSocketAddress> nameServers() {
        List<InetSocketAddress> addresses = new ArrayList<>();
        Listener own = open.get(NAMESERVER);
        if (own != null) {
            addresses.add(own.address());
        }
        for (String address : config.nameServer().addresses()) {
            InetSocketAddress other = nameServer(address);
            if (!addresses.contains(other)) {
                addresses.add(other);
            }
        }
        return addresses;
    }

    /**
     * Where a name server is; a name is looked up by each connection, since what it stands for may change or come
     * later.
     */
    static InetSocketAddress nameServer(String hostAndPort) {
        int colon = hostAndPort.lastIndexOf(':');
        String host = hostAndPort.substring(0, colon);
        int port = Integer.parseInt(hostAndPort.substring(colon + 1));
        return NetUtil.createByteArrayFromIpAddressString(host) == null
                ? InetSocketAddress.createUnresolved(host, port)
                : new InetSocketAddress(host, port);
    }
}
