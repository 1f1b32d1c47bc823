/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import java.util.List;
import org.polymq.broker.config.ClusterConfig.Node;

/**
 * What the nodes of a cluster share live, keys {@code cluster.grid...} and {@code cluster.hazelcast-port}.
 *
 * @param use {@code cluster.grid}
 * @param port {@code cluster.hazelcast-port}
 * @param members {@code cluster.grid-members}, host and port each; empty: the nodes of the cluster, with that port
 */
public record GridConfig(Use use, int port, List<Member> members) {
    public GridConfig {
        members = List.copyOf(members);
    }

    /** {@code cluster.grid}. */
    public enum Use {
        /** Nothing is shared: each node counts for itself. */
        OFF,
        /** Where only this machine can reach it, or plaintext is accepted anyway. */
        ON,
        /** Also where other machines can reach it, on a network that only nodes are in. */
        PRIVATE
    }

    /** Where a member is. */
    public record Member(String host, int port) {
        /** As it is written. */
        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    /** Who is asked first: the others are known from them. */
    public List<Member> members(List<Node> nodes) {
        return members.isEmpty()
                ? nodes.stream()
                        .map(Node::host)
                        .distinct()
                        .map(host -> new Member(host, port))
                        .toList()
                : members;
    }

    /**
     * That nobody but nodes reaches the grid's port, which has neither TLS nor passwords.
     *
     * @param loopback whether only this machine can reach it
     * @param plaintext {@code security.allow-plaintext}
     * @throws ConfigException if others could
     */
    public void check(boolean loopback, boolean plaintext) {
        if (use == Use.ON && !loopback && !plaintext) {
            throw new ConfigException(
                    "cluster.grid would open port " + port + " (cluster.hazelcast-port) to other machines, without TLS:"
                            + " whoever reaches it can change what nodes tell each other. If only nodes can reach it, on"
                            + " a network or behind a firewall of their own, say so:\n  cluster.grid: private\n"
                            + "or do without it, and each node counts connections and failed logins for itself:\n"
                            + "  cluster.grid: off");
        }
    }

    static GridConfig of(Values values) {
        return new GridConfig(
                values.get(GridOptions.GRID),
                values.get(GridOptions.PORT),
                values.get(GridOptions.MEMBERS).stream().map(GridConfig::member).toList());
    }

    private static Member member(String text) {
        int colon = text.lastIndexOf(':');
        return new Member(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
    }
}
