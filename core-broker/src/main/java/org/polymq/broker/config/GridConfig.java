/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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

    /** Who is asked first, since the others are known from them; nodes on one host have ports one after the other. */
    public List<Member> members(List<Node> nodes) {
        if (!members.isEmpty()) {
            return members;
        }
        List<Member> all = new ArrayList<>();
        for (Node each : nodes) {
            all.add(new Member(each.host(), port + (int) on(each.host(), all)));
        }
        return List.copyOf(all);
    }

    private static long on(String host, List<Member> members) {
        return members.stream().filter(each -> each.host().equals(host)).count();
    }

    /**
     * The port of this process, as {@link #members} says it of others.
     *
     * @param host of a gateway, which comes after the nodes on its host
     */
    public int portOf(List<Node> nodes, Optional<Node> self, String host) {
        if (!members.isEmpty()) {
            return port;
        }
        List<Member> all = members(nodes);
        return self.map(node -> all.get(nodes.indexOf(node)).port()).orElseGet(() -> port + (int) on(host, all));
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
