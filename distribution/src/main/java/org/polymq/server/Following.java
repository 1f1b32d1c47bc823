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
import org.polymq.nameserver.TopicTable;
import org.polymq.remoting.TopicConfigs;

/** A node that follows, or waits for a leader: clients are passed on, and the admin API reads what was applied. */
final class Following implements NodeRole {
    private final int node;
    private final Broker broker;
    private final TopicTable topics;
    private final Speaking speaking;

    private Following(int node, Broker broker, TopicTable topics, Speaking speaking) {
        this.node = node;
        this.broker = broker;
        this.topics = topics;
        this.speaking = speaking;
    }

    static Following open(NodeParts node) throws IOException {
        Broker broker = node.newBroker();
        // It shows what is known of them: they run on the node that leads.
        ConnectorRunner connectors =
                new ConnectorRunner(broker.forConnectors(), node.connectorKinds(), node.registry(), node.clock());
        Speaking speaking = new Speaking(
                remoting(node, broker),
                remoting(node, broker),
                new Forward(leader(node, broker, Ports.MQTT), node::isStopping),
                new Forward(leader(node, broker, Ports.WEBSOCKET), node::isStopping),
                node.dashboard(broker, connectors),
                true);
        return new Following(
                node.number(),
                broker,
                NativeRegistration.topics(
                        TopicConfigs.of(broker, node.settings().remoting(), node.clock()), 0),
                speaking);
    }

    private static List<Protocol> remoting(NodeParts node, Broker broker) {
        List<Protocol> remoting = new ArrayList<>(List.of(nativeForward(node, broker)));
        remoting.addAll(node.hosting().map(Hosting::jms).orElseGet(() -> List.of(jmsForward(node, broker))));
        return remoting;
    }

    private static Protocol nativeForward(NodeParts node, Broker broker) {
        return new NativeForward(leader(node, broker, Ports.NATIVE), new BadInput(node.registry()));
    }

    // JMS clients know the other nodes: from one that stops they go there at once.
    private static Protocol jmsForward(NodeParts node, Broker broker) {
        Supplier<Optional<InetSocketAddress>> leader = leader(node, broker, Ports.NATIVE);
        return new Forward(() -> node.isStopping() ? Optional.empty() : leader.get(), node::isStopping);
    }

    // MQTT over TLS goes to the leader's ordinary port too: with a certificate it takes both.
    private static Supplier<Optional<InetSocketAddress>> leader(NodeParts node, Broker broker, String listener) {
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
        return node;
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
        broker.close();
    }
}
