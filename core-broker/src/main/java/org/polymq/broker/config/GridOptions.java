/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import java.util.List;

/** The keys of what the nodes of a cluster share live. */
final class GridOptions {
    static final Option<GridConfig.Use> GRID = new Option<>(
            "cluster.grid",
            OptionType.choice(GridConfig.Use.class),
            "on",
            "Whether the nodes of a cluster of several groups, and gateways, share live (on Hazelcast) who has which MQTT"
                    + " client, which nodes are there, and counts of connections and failed logins. Its port has no TLS"
                    + " and no password: `on` is refused where other machines can reach it, unless"
                    + " `security.allow-plaintext` is set; `private` says that only nodes can. `off`: each node counts"
                    + " for itself. A single node or group never starts it.");
    static final Option<Integer> PORT = new Option<>(
            "cluster.hazelcast-port",
            OptionType.number(1, 65_535),
            "5701",
            "The grid's port; nodes on one host have ports from this one on, in the order of `cluster.nodes`. Only the other"
                    + " nodes may be able to reach it.");
    static final Option<List<String>> MEMBERS = new Option<>(
            "cluster.grid-members",
            OptionType.ADDRESSES,
            "",
            "Where the grid's members are, host:port each, if it is not the hosts of `cluster.nodes` with"
                    + " `cluster.hazelcast-port`. Gateways need not be named.");

    static final List<Option<?>> ALL = List.of(GRID, PORT, MEMBERS);

    private GridOptions() {}
}
