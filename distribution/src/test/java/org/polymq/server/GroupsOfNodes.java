/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.polymq.broker.cluster.GroupLinks.Speaks;
import org.polymq.broker.config.ServerConfig;
import org.polymq.broker.net.Transport;
import org.polymq.storage.FixedPorts;

/** Some groups over some nodes in this process: each a server of its own, as a process of a cluster would host it. */
final class GroupsOfNodes implements AutoCloseable {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int PORTS_OF_A_NODE = 40;

    private final Path directory;
    private final List<String> groups;
    private final List<Integer> ports = new ArrayList<>();
    private final String[] more;
    /** By node and group. */
    private final Map<String, GroupServer> servers = new HashMap<>();

    private final Map<Integer, ClusterLinks> links = new HashMap<>();
    private final Transport transport = Transport.open(2);
    final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    GroupsOfNodes(Path directory, int nodes, List<String> groups, String... more) throws IOException {
        this.directory = directory;
        this.groups = groups;
        this.more = more;
        int first = new FixedPorts().block(nodes * PORTS_OF_A_NODE);
        for (int node = 0; node < nodes; node++) {
            ports.add(first + node * PORTS_OF_A_NODE);
        }
        for (int node = 1; node <= nodes; node++) {
            for (int slot = 0; slot < groups.size(); slot++) {
                start(node, slot);
            }
        }
    }

    ServerConfig config(int node) {
        List<String> sets = new ArrayList<>(List.of(
                "data=" + directory.resolve("node" + node),
                "cluster.enabled=true",
                "cluster.groups=" + String.join(",", groups),
                "cluster.node=" + node,
                "cluster.nodes="
                        + IntStream.rangeClosed(1, ports.size())
                                .mapToObj(i -> i + "@127.0.0.1:" + ports.get(i - 1))
                                .collect(Collectors.joining(",")),
                "nameserver.embedded=false",
                "native.port=0",
                "mqtt.port=0",
                "mqtt.websocket-port=0",
                "dashboard.port=0",
                "storage.segment-size=4MB"));
        sets.addAll(List.of(more));
        return ServerConfig.load(null, Map.of(), sets);
    }

    void start(int node, int slot) throws IOException {
        String group = groups.get(slot);
        servers.put(
                node + group,
                GroupServer.open(config(node).ofGroup(slot), Optional.empty(), reason -> {}, () -> lost(node, group)));
    }

    private void lost(int node, String group) {
        ClusterLinks ofNode = links.get(node);
        if (ofNode != null) {
            ofNode.leaderLost(group);
        }
    }

    void stop(int node, int slot) {
        GroupServer server = servers.remove(node + groups.get(slot));
        if (server != null) {
            server.hurry();
            server.close();
        }
    }

    Optional<GroupServer> server(int node, int slot) {
        return Optional.ofNullable(servers.get(node + groups.get(slot)));
    }

    /** The node that leads a group and serves streams. */
    int leader(int slot) {
        return await("group " + groups.get(slot) + " has a leader")
                .atMost(LONG)
                .until(
                        () -> IntStream.rangeClosed(1, ports.size())
                                .filter(node -> serves(node, slot))
                                .boxed()
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    private boolean serves(int node, int slot) {
        return server(node, slot)
                .flatMap(GroupServer::member)
                .filter(member -> member.serves(Speaks.MQTT))
                .isPresent();
    }

    /** The links of a node's gateways; of 0 those of a process without logs. */
    synchronized ClusterLinks links(int node) {
        return links.computeIfAbsent(node, this::open);
    }

    private ClusterLinks open(int node) {
        try {
            ServerConfig config = config(Math.max(1, node));
            return new ClusterLinks(
                    config,
                    Replication.forGateways(config, transport),
                    () -> IntStream.range(0, groups.size())
                            .mapToObj(slot -> server(node, slot).flatMap(GroupServer::member))
                            .flatMap(Optional::stream)
                            .toList(),
                    registry);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The port between nodes. */
    int port(int node, int slot) {
        return ports.get(node - 1) + 10 * slot;
    }

    Transport transport() {
        return transport;
    }

    @Override
    public void close() {
        links.values().forEach(ClusterLinks::close);
        servers.values().forEach(server -> {
            server.hurry();
            server.close();
        });
        transport.close();
    }
}
