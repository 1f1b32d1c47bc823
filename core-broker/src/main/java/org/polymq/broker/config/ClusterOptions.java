/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import java.time.Duration;
import java.util.List;

/** The keys of groups of nodes. */
final class ClusterOptions {
    static final Option<Boolean> ENABLED = new Option<>(
            "cluster.enabled",
            OptionType.BOOLEAN,
            "false",
            "Whether this server is a node of a group that replicates one log. `start --cluster` is the same. The group's"
                    + " name is `broker.name`.");
    static final Option<List<String>> GROUPS = new Option<>(
            "cluster.groups",
            OptionType.NAMES,
            "",
            "The names of the groups of a cluster of several, such as `a,b,c`; the same on all nodes, each of which is of"
                    + " all groups. New ones are added at the end, and none is ever moved or taken out. Empty: one group,"
                    + " named by `broker.name`.");
    static final Option<ClusterConfig.Role> ROLE = new Option<>(
            "cluster.role",
            OptionType.choice(ClusterConfig.Role.class),
            "node",
            "`node` holds logs of the cluster; `gateway` holds none and serves MQTT and JMS clients of all groups of"
                    + " `cluster.groups`.");
    static final Option<Integer> NODE = new Option<>(
            "cluster.node",
            OptionType.number(1, 1_000),
            "1",
            "This node's number in its group; also its id in RocketMQ's routes while it follows.");
    static final Option<List<String>> NODES = new Option<>(
            "cluster.nodes",
            OptionType.NODES,
            "",
            "All nodes of the group and where they reach each other, such as"
                    + " `1@10.0.0.1:10912,2@10.0.0.2:10912,3@10.0.0.3:10912`; the same on all nodes. Who is in a group that"
                    + " was formed is changed by `polymq cluster add-node` and `remove-node`.");
    static final Option<Integer> PORT = new Option<>(
            "cluster.port",
            OptionType.number(1, 65_535),
            "10912",
            "The port between nodes for those of `cluster.nodes` that name none.");
    static final Option<Boolean> JOIN = new Option<>(
            "cluster.join",
            OptionType.BOOLEAN,
            "false",
            "For the first start of a node that is added to a group that is there: it waits for `polymq cluster add-node`"
                    + " and does not form a group.");
    static final Option<String> TLS_CERTIFICATE = new Option<>(
            "cluster.tls-certificate",
            OptionType.TEXT,
            "",
            "This node's certificate for connections between nodes, a PEM file; its names have to contain the host of"
                    + " `cluster.nodes`. Both sides have to show one.");
    static final Option<String> TLS_KEY = new Option<>(
            "cluster.tls-key", OptionType.TEXT, "", "That certificate's private key, a PEM file (PKCS#8).");
    static final Option<String> TLS_CA = new Option<>(
            "cluster.tls-ca",
            OptionType.TEXT,
            "",
            "Who signs the nodes' certificates, a PEM file. Whoever has such a certificate is a node: use an authority of"
                    + " its own.");
    static final Option<Duration> ELECTION_TIMEOUT = new Option<>(
            "cluster.election-timeout",
            OptionType.duration("200ms", "1m"),
            "1s",
            "Without a word from the leader for this long (and up to a second more) the others elect a new one.");
    static final Option<DataSize> TRANSFER_RATE = new Option<>(
            "cluster.transfer-rate",
            OptionType.size("1MB", "10GB"),
            "64MB",
            "How much a second goes to a node that is too far behind to be sent entries.");
    static final Option<Boolean> TRUST = new Option<>(
            "cluster.trust-after-power-cut",
            OptionType.BOOLEAN,
            "false",
            "With `storage.flush: async` a node whose machine was cut off from power does not vote before it has caught up"
                    + " with a leader. If the power of most nodes was cut at once there is no leader: with this they vote"
                    + " all the same, and what the last flush interval brought may be lost.");

    static final Option<Duration> DRAIN = new Option<>(
            "cluster.drain",
            OptionType.duration("0ms", "10m"),
            "35s",
            "How long after it led a node that stops goes on passing RocketMQ clients on: they ask for the new leader every"
                    + " 30 s as a rule (`pollNameServerInterval`). It ends sooner when none is connected. The manager of"
                    + " the process has to wait for this and some 20 s more before it kills. `0ms`: not at all.");

    static final Option<DataSize> FOLLOWER_READS = new Option<>(
            "cluster.follower-reads",
            OptionType.size("0MB", "1TB"),
            "1GB",
            "A RocketMQ consumer that is further behind than this much log is told to read from a node that follows, and"
                    + " back at half of it. `0MB`: never. What a node has applied is read from it in any case when no node"
                    + " leads.");

    static final Option<Integer> STREAMS = new Option<>(
            "cluster.streams",
            OptionType.number(1, 1_000_000),
            "100000",
            "In a cluster of several groups: most streams that a node takes at a time for one group. Each is one client of"
                    + " MQTT or JMS that is connected to this node or another one.");

    static final List<Option<?>> ALL = List.of(
            ENABLED,
            GROUPS,
            ROLE,
            NODE,
            NODES,
            PORT,
            JOIN,
            TLS_CERTIFICATE,
            TLS_KEY,
            TLS_CA,
            ELECTION_TIMEOUT,
            TRANSFER_RATE,
            TRUST,
            DRAIN,
            FOLLOWER_READS,
            STREAMS);

    private ClusterOptions() {}
}
