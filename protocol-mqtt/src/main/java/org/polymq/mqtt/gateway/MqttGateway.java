/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.gateway;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import org.polymq.broker.cluster.ClientClaims;
import org.polymq.broker.cluster.GroupLinks;
import org.polymq.broker.net.BadInput;
import org.polymq.broker.net.Protocol;
import org.polymq.broker.net.RequestRate;
import org.polymq.mqtt.Acceptor;
import org.polymq.mqtt.MqttConfig;

/** Serves MQTT clients from all groups of a cluster, over TCP and over WebSocket. Safe from any thread. */
public final class MqttGateway {
    /** So many clients of one home group are let in at once: enough for the work of several processors. */
    private static final int LET_IN_AT_ONCE = 64;

    private final GroupLinks links;
    private final MqttConfig config;
    private final ClientClaims claims;
    private final BadInput badInput;
    private final RequestRate rate;
    /** By home group: clients of one that has no leader keep out no others. */
    private final List<Turnstile> turnstiles;

    private final GatewayMetrics metrics;
    private final Acceptor<GatewayConnection> acceptor;

    /**
     * Opens no listener.
     *
     * @param config as that of the groups' leaders; the gateway holds clients to its limits of packets, names, rates,
     *     unanswered messages and keep-alive
     * @param claims how the gateways of the cluster tell each other which of them has a client
     */
    public MqttGateway(GroupLinks links, MqttConfig config, ClientClaims claims, MeterRegistry registry) {
        this.links = links;
        this.config = config;
        this.claims = claims;
        this.badInput = new BadInput(registry);
        this.rate = new RequestRate(config.requestRate(), "mqtt", registry);
        this.turnstiles = links.placement().groups().stream()
                .map(group -> new Turnstile(LET_IN_AT_ONCE))
                .toList();
        this.metrics = new GatewayMetrics(
                registry, () -> turnstiles.stream().mapToInt(Turnstile::waiting).sum());
        this.acceptor =
                new Acceptor<>(config, badInput, () -> metrics.refused("origin"), () -> new GatewayConnection(this));
    }

    /** MQTT as its own bytes. */
    public Protocol tcp() {
        return acceptor.tcp();
    }

    /** MQTT in WebSocket frames, at the path {@code /mqtt}. */
    public Protocol webSocket() {
        return acceptor.webSocket();
    }

    /** Nothing is left to do when the listeners are closed, which end the connections. */
    public void close() {
        // Connections hold their streams, and those end with them.
    }

    GroupLinks links() {
        return links;
    }

    MqttConfig config() {
        return config;
    }

    ClientClaims claims() {
        return claims;
    }

    BadInput badInput() {
        return badInput;
    }

    RequestRate rate() {
        return rate;
    }

    /** Where a client waits for its turn. */
    Turnstile turnstile(String clientId) {
        return turnstiles.get(links.placement().ofClient(clientId));
    }

    GatewayMetrics metrics() {
        return metrics;
    }
}
