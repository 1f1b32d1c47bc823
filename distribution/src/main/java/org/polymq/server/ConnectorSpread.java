/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.polymq.broker.connector.ConnectorGroups;
import org.polymq.broker.connector.ConnectorReports;
import org.polymq.broker.connector.Connectors;

/**
 * The groups of a cluster as the connectors of one of them see the others: the definitions in this process's copy of
 * the first group's log, the rest over the port between nodes.
 *
 * @param first the node of the first group in this process
 * @param loop gives the loop for a question
 */
record ConnectorSpread(int slot, Supplier<GroupNode> first, ClusterLinks links, Supplier<EventLoop> loop)
        implements ConnectorGroups {
    @Override
    public List<String> names() {
        return links.placement().groups();
    }

    @Override
    public Connectors defined() {
        return first.get().connectors();
    }

    @Override
    public CompletionStage<ConnectorReports> ask(int asked, String after) {
        return links.connectors(asked, after, loop.get());
    }
}
