/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.polymq.broker.cluster.SharedState;
import org.polymq.broker.connector.ConnectorGroups;
import org.polymq.broker.net.Listeners;
import org.polymq.broker.net.Protocol;
import org.polymq.broker.net.Transport;
import org.polymq.nameserver.BrokerProof;

/**
 * What a process that is of several groups has once, for its part in each of them.
 *
 * @param listeners whose limits hold for the whole process
 * @param registry what is counted once for the process; shown with what the first group counts
 * @param proof by which the process's own name server knows its brokers
 * @param nameServers with which brokers register
 * @param jms what the native ports speak beside RocketMQ
 * @param shared live with the other nodes of the cluster
 * @param groups how all groups are, as this process knows them, by slot; for the admin API
 * @param connectors the groups as the connectors of the one in a slot see them
 */
record Hosting(
        Transport transport,
        Listeners listeners,
        CompositeMeterRegistry registry,
        BrokerProof proof,
        List<InetSocketAddress> nameServers,
        List<Protocol> jms,
        SharedState shared,
        Supplier<List<Map<String, Object>>> groups,
        IntFunction<ConnectorGroups> connectors) {
    Hosting {
        nameServers = List.copyOf(nameServers);
        jms = List.copyOf(jms);
    }

    /** What is wrong with one of the groups; empty while all are led. */
    Optional<String> problem() {
        return groups.get().stream()
                .filter(each -> !each.containsKey("leader"))
                .map(each -> "no node of group " + each.get("group") + " leads, or it is out of reach")
                .findFirst();
    }

    /** Listeners of one part, which are counted with it. */
    Listeners listeners(MeterRegistry registry) {
        return listeners.sharing(registry);
    }
}
