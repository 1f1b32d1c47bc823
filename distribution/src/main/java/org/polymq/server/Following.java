/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.polymq.broker.Broker;
import org.polymq.broker.connector.ConnectorRunner;
import org.polymq.broker.net.BadInput;
import org.polymq.broker.net.Protocol;
import org.polymq.dashboard.Dashboard;
import org.polymq.nameserver.TopicTable;
import org.polymq.remoting.FollowerGateway;
import org.polymq.remoting.TopicConfigs;

/**
 * A node that follows, or waits for a leader: RocketMQ consumers and the admin API read what was applied, and all else
 * is passed on.
 */
final class Following implements NodeRole {
    /** RocketMQ's second channel listens two ports below. */
    private static final int VIP_BELOW = 2;

    private final NodeParts node;
    private final Broker broker;
    private final FollowerGateway gateway;
    private final TopicTable topics;
    private final NativeForward remoting;
    private final NativeForward vip;
    private final Dashboard dashboard;
    private final Speaking speaking;

    private Following(NodeParts node, Broker broker, FollowerGateway gateway) {
        this.node = node;
        this.broker = broker;
        this.gateway = gateway;
        this.topics = NativeRegistration.topics(
                TopicConfigs.of(broker, node.settings().remoting(), node.clock()), 0);
        this.remoting = nativeForward(0);
        this.vip = nativeForward(VIP_BELOW);
        // It shows what is known of them: they run on the node that leads.
        this.dashboard = node.dashboard(
                broker,
                new ConnectorRunner(broker.forConnectors(), node.connectorKinds(), node.registry(), node.clock()));
        this.speaking = freshlySpeaking();
    }

    static Following open(NodeParts node) throws IOException {
        Broker broker = node.newBroker();
        return new Following(
                node,
                broker,
                new FollowerGateway(
                        broker,
                        node.settings().remoting(),
                        node.clock(),
                        node.registry(),
                        node.transport().workers().next(),
                        GroupReplica.following(node.settings().followerReads(), node.number())));
    }

    /**
     * The leader was lost: what was passed on to it is over, so that clients find the next one sooner, and what
     * RocketMQ consumers read here goes on.
     *
     * @return what the listeners speak from now on
     */
    Speaking leaderLost() {
        remoting.leaderLost();
        vip.leaderLost();
        return freshlySpeaking();
    }

    private Speaking freshlySpeaking() {
        return new Speaking(
                remoting(remoting),
                remoting(vip),
                new Forward(leader(Ports.MQTT), node::isStopping),
                new Forward(leader(Ports.WEBSOCKET), node::isStopping),
                dashboard,
                List.of(),
                true);
    }

    private List<Protocol> remoting(NativeForward forward) {
        List<Protocol> speaks = new ArrayList<>(List.of(forward));
        speaks.addAll(node.hosting().map(Hosting::jms).orElseGet(() -> List.of(jmsForward())));
        return speaks;
    }

    private NativeForward nativeForward(int below) {
        return new NativeForward(leader(Ports.NATIVE), gateway, below, new BadInput(node.registry()));
    }

    // JMS clients know the other nodes: from one that stops they go there at once.
    private Protocol jmsForward() {
        Supplier<Optional<InetSocketAddress>> leader = leader(Ports.NATIVE);
        return new Forward(() -> node.isStopping() ? Optional.empty() : leader.get(), node::isStopping);
    }

    // MQTT over TLS goes to the leader's ordinary port too: with a certificate it takes both.
    private Supplier<Optional<InetSocketAddress>> leader(String listener) {
        return () -> node.leader(broker)
                .filter(leader -> leader.node() != node.number())
                .flatMap(leader -> leader.listener(listener));
    }

    @Override
    public Broker broker() {
        return broker;
    }

    @Override
    public Speaking speaking() {
        return speaking;
    }

    @Override
    public int brokerId() {
        return node.number();
    }

    @Override
    public TopicTable topics() {
        return topics;
    }

    @Override
    public long term() {
        return 0;
    }

    @Override
    public void close() {
        gateway.close();
        broker.close();
    }
}
