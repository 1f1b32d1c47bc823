/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.polymq.broker.cluster.Placement;

/**
 * A node's place in its group, keys {@code cluster.*}. The group's name is {@code broker.name}; in a cluster of several
 * the names are those of {@code groups}.
 *
 * @param enabled {@code cluster.enabled}: without it all else is of no account
 * @param groups {@code cluster.groups} by slot; empty for a cluster of one
 * @param role {@code cluster.role}
 * @param node {@code cluster.node}
 * @param nodes {@code cluster.nodes}, this one among them
 * @param join {@code cluster.join}
 * @param tls {@code cluster.tls-...}
 * @param electionTimeout {@code cluster.election-timeout}
 * @param transferRate {@code cluster.transfer-rate}, a second
 * @param trustAfterPowerCut {@code cluster.trust-after-power-cut}
 * @param drain {@code cluster.drain}
 * @param followerReads {@code cluster.follower-reads}
 * @param streams {@code cluster.streams}
 */
public record ClusterConfig(
        boolean enabled,
        List<String> groups,
        Role role,
        int node,
        List<Node> nodes,
        boolean join,
        Optional<Tls> tls,
        Duration electionTimeout,
        DataSize transferRate,
        boolean trustAfterPowerCut,
        Duration drain,
        DataSize followerReads,
        int streams) {
    /** How far the ports of two groups of one node are apart whose slots are neighbours. */
    private static final int PORTS_APART = 10;

    public ClusterConfig {
        groups = List.copyOf(groups);
        nodes = List.copyOf(nodes);
    }

    /** What a process is in its cluster. */
    public enum Role {
        /** It holds logs. */
        NODE,
        /** It holds none, and serves clients of MQTT and JMS. */
        GATEWAY
    }

    /** A node and where the others reach it. */
    public record Node(int number, String host, int port) {
        /** As it is written. */
        @Override
        public String toString() {
            return number + "@" + host + ":" + port;
        }
    }

    /**
     * Both sides of mutual TLS between nodes, PEM files.
     *
     * @param authorities who may have signed the other nodes' certificates
     */
    public record Tls(Path certificate, Path key, Path authorities) {}

    /** The nodes as the group in a slot knows them: on its own ports. */
    List<Node> nodesOf(int slot) {
        return nodes.stream()
                .map(each -> new Node(each.number(), each.host(), portOf(slot, each.port())))
                .toList();
    }

    /**
     * A port of the group in a slot.
     *
     * @param port of slot 0
     */
    static int portOf(int slot, int port) {
        int own = port == 0 ? 0 : port + slot * PORTS_APART;
        if (own > 65_535) {
            throw new ConfigException("the ports of two groups of cluster.groups are " + PORTS_APART
                    + " apart: that of slot " + slot + " would be " + own + ", counted from " + port);
        }
        return own;
    }

    /**
     * This node.
     *
     * @throws IllegalStateException if there is no cluster
     */
    public Node self() {
        return nodes.stream()
                .filter(each -> each.number() == node)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("this node is not of a group"));
    }

    static ClusterConfig of(Values values, boolean loopback) {
        boolean enabled = values.get(ClusterOptions.ENABLED);
        ClusterConfig config = new ClusterConfig(
                enabled,
                values.get(ClusterOptions.GROUPS),
                values.get(ClusterOptions.ROLE),
                values.get(ClusterOptions.NODE),
                values.get(ClusterOptions.NODES).stream()
                        .map(text -> node(text, values.get(ClusterOptions.PORT)))
                        .toList(),
                values.get(ClusterOptions.JOIN),
                tls(values),
                values.get(ClusterOptions.ELECTION_TIMEOUT),
                values.get(ClusterOptions.TRANSFER_RATE),
                values.get(ClusterOptions.TRUST),
                values.get(ClusterOptions.DRAIN),
                values.get(ClusterOptions.FOLLOWER_READS),
                values.get(ClusterOptions.STREAMS));
        if (enabled) {
            config.check(values);
            if (!loopback && config.tls.isEmpty() && !values.get(SecurityOptions.ALLOW_PLAINTEXT)) {
                throw new ConfigException(
                        "the nodes of the group would talk without TLS over " + values.get(Options.BIND)
                                + ", which other machines can reach, and anybody could join. Give each node a certificate:\n"
                                + "  cluster.tls-certificate: /path/to/node.crt\n  cluster.tls-key: /path/to/node.key\n"
                                + "  cluster.tls-ca: /path/to/nodes-ca.crt\n"
                                + "or accept it, on a network of their own:\n  security.allow-plaintext: true");
            }
        }
        return config;
    }

    private void check(Values values) {
        Set<Object> seen = new HashSet<>();
        for (Node each : nodes) {
            if (!seen.add(each.number()) || !seen.add(each.host() + ":" + each.port())) {
                throw new ConfigException(values.source(ClusterOptions.NODES) + ": cluster.nodes names " + each
                        + " although its number or address is another node's");
            }
        }
        checkGroups(values);
        if (role == Role.NODE && nodes.stream().noneMatch(each -> each.number() == node)) {
            throw new ConfigException(
                    "cluster.node is " + node + ", but cluster.nodes (" + values.source(ClusterOptions.NODES)
                            + ") names only " + nodes + "; each node is written as NUMBER@HOST:PORT, such as"
                            + " 1@10.0.0.1:10912,2@10.0.0.2:10912,3@10.0.0.3:10912");
        }
    }

    private void checkGroups(Values values) {
        String source = values.source(ClusterOptions.GROUPS);
        if (role == Role.GATEWAY && (groups.isEmpty() || nodes.isEmpty())) {
            throw new ConfigException(values.source(ClusterOptions.ROLE)
                    + ": cluster.role is gateway: name the groups that it serves in cluster.groups, and where their nodes"
                    + " are in cluster.nodes, both as the nodes have them");
        }
        if (groups.isEmpty()) {
            return;
        }
        if (groups.size() > Placement.MOST_GROUPS) {
            throw new ConfigException(source + ": cluster.groups names " + groups.size()
                    + " groups; a cluster has at most " + Placement.MOST_GROUPS);
        }
        Set<String> seen = new HashSet<>();
        for (String each : groups) {
            if (!seen.add(each.toLowerCase(Locale.ROOT))) { // they name directories too
                throw new ConfigException(source + ": cluster.groups names " + each + " twice");
            }
        }
        String name = values.get(Options.BROKER_NAME);
        if (!values.source(Options.BROKER_NAME).equals(Values.DEFAULT) && !groups.contains(name)) {
            throw new ConfigException(values.source(Options.BROKER_NAME) + ": broker.name is " + name
                    + ", but the groups are named by cluster.groups (" + source + "): leave broker.name out");
        }
    }

    private static Node node(String text, int port) {
        int at = text.indexOf('@');
        int colon = text.lastIndexOf(':');
        return new Node(
                Integer.parseInt(text.substring(0, at)),
                text.substring(at + 1, colon < 0 ? text.length() : colon),
                colon < 0 ? port : Integer.parseInt(text.substring(colon + 1)));
    }

    private static Optional<Tls> tls(Values values) {
        Optional<Path> certificate = SecurityConfig.path(values.get(ClusterOptions.TLS_CERTIFICATE));
        Optional<Path> key = SecurityConfig.path(values.get(ClusterOptions.TLS_KEY));
        Optional<Path> authorities = SecurityConfig.path(values.get(ClusterOptions.TLS_CA));
        if (certificate.isPresent() != key.isPresent() || certificate.isPresent() != authorities.isPresent()) {
            throw new ConfigException(
                    "TLS between nodes needs all three of cluster.tls-certificate, cluster.tls-key and cluster.tls-ca");
        }
        return certificate.map(file -> new Tls(file, key.orElseThrow(), authorities.orElseThrow()));
    }
}
