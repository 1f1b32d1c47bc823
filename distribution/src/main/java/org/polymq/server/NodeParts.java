/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import org.polymq.broker.Broker;
import org.polymq.broker.connector.ConnectorGroups;
import org.polymq.broker.connector.ConnectorKinds;
import org.polymq.broker.connector.ConnectorRunner;
import org.polymq.broker.net.Transport;
import org.polymq.dashboard.Dashboard;
import org.polymq.replication.RaftGroup;

/** What the roles of a node are made of. */
interface NodeParts {
    int number();

    ComponentSettings settings();

    Transport transport();

    PrometheusMeterRegistry registry();

    InstantSource clock();

    /** The process around it if that is of several groups. */
    Optional<Hosting> hosting();

    RaftGroup group();

    ConnectorKinds connectorKinds();

    /** The other groups, over which connectors can be spread, if there are any. */
    Optional<ConnectorGroups> connectorGroups();

    /** Whether the server stops. */
    boolean isStopping();

    /** Fresh services over the node's state, not started. */
    Broker newBroker() throws IOException;

    /** The HTTP side over a broker and its connectors. */
    Dashboard dashboard(Broker broker, ConnectorRunner connectors);

    /** Where the node that leads serves clients, if that is known; it may be this one. */
    Optional<LeaderAddress> leader(Broker broker);
}
