/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.polymq.broker.cluster.GatewayClient;
import org.polymq.broker.cluster.GroupLinks.Speaks;
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
    /** Whom a node takes a stream from that no client is behind. */
    private static final GatewayClient NODE = new GatewayClient(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), false, Optional.empty(), Optional.empty());

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

    @Override
    public CompletionStage<Channel> openHome(ChannelHandler handler) {
        return links.open(0, Speaks.CONNECTORS, NODE, loop.get(), handler);
    }
}
