/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.polymq.broker.Broker;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.connector.ConnectorReports;
import org.polymq.broker.connector.ConnectorRunner;
import org.polymq.nameserver.TopicTable;
import org.polymq.remoting.TopicConfigs;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A node that leads for one term: all that clients are served with lives as long as this. */
final class Leading implements NodeRole {
    private static final Logger log = LoggerFactory.getLogger(Leading.class);

    private final long term;
    private final Broker broker;
    private final MeterRegistry registry;
    private final MeterRegistry own;
    private final Gateways gateways;
    private final Speaking speaking;

    private Leading(
            long term, Broker broker, MeterRegistry registry, MeterRegistry own, Gateways gateways, Speaking speaking) {
        this.term = term;
        this.broker = broker;
        this.registry = registry;
        this.own = own;
        this.gateways = gateways;
        this.speaking = speaking;
    }

    /** @throws IOException or a BrokerException if the lead is lost meanwhile */
    static Leading open(NodeParts node, long term) throws IOException {
        Broker broker = node.newBroker();
        // What is counted ends with the term, since another node counts then.
        MeterRegistry own = new CompositeMeterRegistry(Clock.SYSTEM, List.of(node.registry()));
        boolean opened = false;
        try {
            node.group().acceptProposals(term);
            broker.start();
            Gateways gateways = Gateways.open(
                    broker,
                    node.settings(),
                    node.transport(),
                    node.connectorKinds(),
                    node.connectorGroups(),
                    own,
                    node.clock(),
                    GroupReplica.leading(node.settings().followerReads(), () -> followers(node)));
            Speaking speaking = gateways.speaking(
                    node.hosting().map(Hosting::jms).orElse(List.of(gateways.jms())),
                    node.dashboard(broker, gateways.connectors()));
            opened = true;
            return new Leading(term, broker, node.registry(), own, gateways, speaking);
        } finally {
            if (!opened) {
                broker.close();
            }
        }
    }

    private static List<Integer> followers(NodeParts node) {
        return node.group().alive().stream()
                .map(Replication::number)
                .filter(number -> number != node.number())
                .sorted()
                .toList();
    }

    /** Writes into the log where clients reach this node, so that the others can pass theirs on. */
    void announce(LeaderAddress address) {
        broker.changedSettings()
                .update(
                        Map.of(LeaderAddress.SETTING, address.toText()),
                        Lane.direct(),
                        Reply.of(
                                done -> {},
                                refused -> log.warn(
                                        "the other nodes do not know where this one serves clients: {}",
                                        refused.getMessage())));
    }

    /** How the connectors that are spread are doing here: {@link ConnectorRunner#reports}. */
    ConnectorReports connectorReports(String after) {
        return gateways.connectors().reports(after);
    }

    TopicConfigs topicConfigs() {
        return gateways.topicConfigs();
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
        return 0;
    }

    @Override
    public TopicTable topics() {
        return NativeRegistration.topics(gateways.topicConfigs(), term);
    }

    @Override
    public long term() {
        return term;
    }

    @Override
    public void close() {
        gateways.close();
        broker.close();
        for (Meter meter : own.getMeters()) {
            registry.remove(meter.getId());
        }
    }
}
