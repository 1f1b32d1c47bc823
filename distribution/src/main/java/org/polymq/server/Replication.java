/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.polymq.broker.config.ClusterConfig;
import org.polymq.broker.config.ServerConfig;
import org.polymq.broker.net.Transport;
import org.polymq.replication.GroupOptions;
import org.polymq.replication.transport.NodeTransport;

/**
 * What a node's configuration means to the replication engine, with the event loop of the connections between nodes:
 * one of its own, so that clients cannot keep it busy.
 */
record Replication(NodeTransport transport, InetSocketAddress bind, EventLoopGroup loops) implements AutoCloseable {
    /** What a frame between nodes has beside an entry. */
    private static final int FRAME_OVERHEAD = 1 << 20;
    /** The engine sends up to this much in one frame, or one entry if that is larger. */
    private static final int ENGINE_BATCH = 512 << 10;
    /** A machine that is gone without a word is noticed within half a minute. */
    private static final int SILENT_SECONDS = 10;

    private static final int ASK_SECONDS = 5;

    static GroupOptions options(ServerConfig config, boolean mayVote) {
        ClusterConfig cluster = config.cluster();
        List<String> members = cluster.join()
                ? List.of()
                : cluster.nodes().stream().map(Replication::address).toList();
        return new GroupOptions(
                config.clusterName(),
                config.brokerName(),
                address(cluster.self()),
                members,
                config.storage().directory().resolve("raft"),
                config.storage().segmentSize().toInt(),
                cluster.electionTimeout(),
                cluster.transferRate().bytes(),
                mayVote);
    }

    static Replication open(ServerConfig config, GroupOptions options, Transport transport) throws IOException {
        ClusterConfig cluster = config.cluster();
        Optional<NodeTransport.TlsContexts> tls = tls(cluster);
        EventLoopGroup loops = transport.loop("polymq-nodes");
        return new Replication(
                new NodeTransport(
                        options.common(),
                        loops,
                        loops,
                        transport.serverChannel(),
                        transport.clientChannel(),
                        transport.keepAlive(SILENT_SECONDS, ASK_SECONDS),
                        tls,
                        config.storage().maxEntry() + ENGINE_BATCH + FRAME_OVERHEAD),
                new InetSocketAddress(config.bind(), cluster.self().port()),
                loops);
    }

    /** What gateways of this process open streams with. */
    static NodeTransport forGateways(ServerConfig config, Transport transport) throws IOException {
        return new NodeTransport(
                config.clusterName(),
                transport.workers(),
                transport.workers(),
                transport.serverChannel(),
                transport.clientChannel(),
                transport.keepAlive(SILENT_SECONDS, ASK_SECONDS),
                tls(config.cluster()),
                FRAME_OVERHEAD);
    }

    private static Optional<NodeTransport.TlsContexts> tls(ClusterConfig cluster) throws IOException {
        return cluster.tls().isPresent()
                ? Optional.of(NodeTransport.TlsContexts.of(
                        cluster.tls().get().certificate(),
                        cluster.tls().get().key(),
                        cluster.tls().get().authorities()))
                : Optional.empty();
    }

    /** A node as the engine names it: host:port:number. */
    static String address(ClusterConfig.Node node) {
        return node.host() + ":" + node.port() + ":" + node.number();
    }

    /** The number in such a name; 0 if it has none. */
    static int number(String member) {
        String[] parts = member.split(":", -1);
        return parts.length < 3 ? 0 : Integer.parseInt(parts[2]);
    }

    @Override
    public void close() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5_000);
    }
}
