/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;
import org.polymq.broker.cluster.ClientClaims;
import org.polymq.broker.config.ServerConfig;
import org.polymq.broker.net.Protocol;
import org.polymq.broker.net.Transport;
import org.polymq.jms.gateway.cluster.JmsGateway;
import org.polymq.mqtt.gateway.MqttGateway;

/**
 * How a process serves MQTT and JMS clients from all groups of its cluster. Connections have to be closed before. Safe
 * from any thread.
 */
final class ClusterGateways implements AutoCloseable {
    private final ClusterLinks links;
    private final MqttGateway mqtt;
    private final JmsGateway jms;
    private final Protocol jmsProtocol;

    private ClusterGateways(ClusterLinks links, MqttGateway mqtt, JmsGateway jms) {
        this.links = links;
        this.mqtt = mqtt;
        this.jms = jms;
        this.jmsProtocol = jms.protocol();
    }

    /**
     * Opens no listener.
     *
     * @param members the nodes of groups that this process is right now
     * @param claims how the gateways of the cluster tell each other which of them has an MQTT client
     */
    static ClusterGateways open(
            ServerConfig config,
            ComponentSettings settings,
            Transport transport,
            Supplier<List<GroupMember>> members,
            ClientClaims claims,
            MeterRegistry registry)
            throws IOException {
        ClusterLinks links = new ClusterLinks(config, Replication.forGateways(config, transport), members, registry);
        JmsGateway jms = new JmsGateway(links, settings.jms(System.currentTimeMillis()), registry);
        jms.start(transport.workers());
        return new ClusterGateways(links, new MqttGateway(links, settings.mqtt(), claims, registry), jms);
    }

    /** MQTT as its own bytes. */
    Protocol mqtt() {
        return mqtt.tcp();
    }

    /** MQTT in WebSocket frames. */
    Protocol webSocket() {
        return mqtt.webSocket();
    }

    /** JMS; always the same, so that its connections outlive changes of what else a port speaks. */
    Protocol jms() {
        return jmsProtocol;
    }

    /** Whether the leaders are in reach of a process that is no node. Looks until it is closed, on that loop. */
    GroupsInReach groupsInReach(EventLoop loop) {
        return new GroupsInReach(links.placement().groups(), links::leader, loop);
    }

    /** The ways to groups that all gateways use. */
    ClusterLinks links() {
        return links;
    }

    /** A group's leader on another node is gone: clients find the next one sooner when their streams end. */
    void leaderLost(String group) {
        links.leaderLost(group);
    }

    @Override
    public void close() {
        mqtt.close();
        jms.close();
        links.close();
    }
}
