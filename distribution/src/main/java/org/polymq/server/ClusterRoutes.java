/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Broker;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.cluster.NodePresence;
import org.polymq.broker.config.ServerConfig;
import org.polymq.broker.security.Action;
import org.polymq.broker.security.Resource;
import org.polymq.dashboard.api.Call;
import org.polymq.dashboard.api.Route;
import org.polymq.replication.RaftGroup;

/**
 * The admin API of a group of nodes. Every node says how it is itself; the leader says who is in the group and changes
 * it.
 */
final class ClusterRoutes {
    private final ServerConfig config;
    private final Supplier<@Nullable RaftGroup> joined;
    private final Supplier<Optional<LeaderAddress>> leader;
    private final Function<String, CompletableFuture<Void>> transfer;
    private final Broker broker;
    private final Optional<Hosting> hosting;

    /** A node by its number and, where it is to be added, its address {@code host:port}. */
    record NodeChange(int node, @Nullable String address) {}

    private record Done(boolean done) {}

    /**
     * Of one node.
     *
     * @param joined the group; null while this node is still joining
     * @param leader where the node that leads serves clients
     * @param transfer gives the lead to a member
     * @param hosting the process around the node if that is of several groups
     */
    ClusterRoutes(
            ServerConfig config,
            Supplier<@Nullable RaftGroup> joined,
            Supplier<Optional<LeaderAddress>> leader,
            Function<String, CompletableFuture<Void>> transfer,
            Broker broker,
            Optional<Hosting> hosting) {
        this.config = config;
        this.joined = joined;
        this.leader = leader;
        this.transfer = transfer;
        this.broker = broker;
        this.hosting = hosting;
    }

    List<Route> routes() {
        return routes(this::status, this::nodes, this::transfer, this::add, this::remove);
    }

    /** For a server that is no node of a group. */
    static List<Route> alone() {
        Route.Handler refuse = (call, reply) -> {
            throw new BrokerException(
                    Reason.NOT_SUPPORTED, "this server is a single node: start it with --cluster to form a group");
        };
        return routes(refuse, refuse, refuse, refuse, refuse);
    }

    private static List<Route> routes(
            Route.Handler status,
            Route.Handler nodes,
            Route.Handler transfer,
            Route.Handler add,
            Route.Handler remove) {
        return List.of(
                Route.get("cluster", "cluster status", status)
                        .says("How this node of a group is. Needs SUB on the cluster.")
                        .gives(Object.class),
                Route.get("cluster/nodes", "cluster nodes", nodes)
                        .says("The nodes of the group; the leader says it. Needs SUB on the cluster.")
                        .lists("nodes", Object.class),
                Route.post("cluster/leader", "cluster transfer-leader", transfer)
                        .says("Gives the lead to a node. Needs MANAGE on the cluster.")
                        .takes(NodeChange.class),
                Route.post("cluster/nodes", "cluster add-node", add)
                        .says("Takes in a node. Needs MANAGE on the cluster.")
                        .takes(NodeChange.class),
                Route.delete("cluster/nodes/{node}", "cluster remove-node", remove)
                        .says("Takes out a node. Needs MANAGE on the cluster."));
    }

    private void status(Call call, Reply<Object> reply) {
        call.access().require(Action.SUB, Resource.CLUSTER);
        RaftGroup group = group();
        Map<String, Object> status = new LinkedHashMap<>();
        status.put("cluster", config.clusterName());
        status.put("group", config.brokerName());
        status.put("node", config.cluster().node());
        status.put("address", hostAndPort(group.self()));
        status.put("role", group.isLeading() ? "leader" : "follower");
        status.put("term", group.currentTerm());
        status.put("votes", group.votes());
        group.leader().ifPresent(each -> status.put("leader", Replication.number(each)));
        leader.get()
                .ifPresent(each ->
                        status.put("leaderUrl", each.url(config.security().tls().isPresent())));
        status.put("serves", serves(group));
        status.put("lastEntry", broker.log().group().lastIndex());
        status.put("appliedEntry", broker.log().group().appliedIndex());
        status.put("logEnd", broker.log().end());
        hosting.ifPresent(each -> {
            status.put("groups", each.groups().get());
            status.put("present", each.shared().presence().nodes());
        });
        reply.ok(status);
    }

    private String serves(RaftGroup group) {
        if (group.isLeading()) {
            return "all clients";
        }
        return leader.get().isPresent()
                ? "reads of what it has; all else is passed on to the leader"
                : "reads of what was committed; nothing is stored until a node leads";
    }

    private void nodes(Call call, Reply<Object> reply) {
        call.access().require(Action.SUB, Resource.CLUSTER);
        RaftGroup group = leading();
        List<String> alive = group.alive();
        Map<String, NodePresence> present = new LinkedHashMap<>();
        hosting.ifPresent(
                process -> process.shared().presence().nodes().forEach(each -> present.put(each.name(), each)));
        List<Object> nodes = new ArrayList<>();
        for (String each : group.members()) {
            Map<String, Object> node = new LinkedHashMap<>();
            node.put("node", Replication.number(each));
            node.put("address", hostAndPort(each));
            node.put("role", each.equals(group.self()) ? "leader" : "follower");
            node.put("state", alive.contains(each) ? "in touch" : "out of reach");
            present(present.get(String.valueOf(Replication.number(each))), node);
            nodes.add(node);
        }
        present.values().stream().filter(each -> !isMember(group, each)).forEach(each -> {
            Map<String, Object> other = new LinkedHashMap<>();
            other.put("node", each.name());
            other.put("address", "");
            other.put("role", "gateway");
            other.put("state", "in touch");
            present(each, other);
            nodes.add(other);
        });
        reply.ok(Map.of("nodes", nodes));
    }

    private static boolean isMember(RaftGroup group, NodePresence node) {
        return group.members().stream().anyMatch(each -> node.name().equals(String.valueOf(Replication.number(each))));
    }

    /** What the node says of itself to all others. */
    private static void present(@Nullable NodePresence said, Map<String, Object> node) {
        if (said != null) {
            node.put("connections", said.connections());
            node.put("load", said.load());
        }
    }

    private void transfer(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        int node = call.body(NodeChange.class).node();
        call.about("node " + node);
        RaftGroup group = leading();
        String member = member(group, node);
        prefer(
                node,
                call,
                Reply.of(
                        preferred -> {
                            if (member.equals(group.self())) {
                                reply.ok(new Done(true));
                            } else {
                                change(call, reply, leads -> transfer.apply(member));
                            }
                        },
                        reply::failed));
    }

    /** Of several groups one that was given to a node stays there, or comes back there. */
    private void prefer(int node, Call call, Reply<Object> reply) {
        if (hosting.isEmpty()) {
            reply.ok(node);
            return;
        }
        broker.changedSettings()
                .update(
                        Map.of(PreferredLead.SETTING, Integer.toString(node)),
                        call.lane(),
                        Reply.of(reply::ok, reply::failed));
    }

    private void add(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        NodeChange fresh = call.body(NodeChange.class);
        String given = fresh.address();
        if (fresh.node() < 1 || given == null || !given.matches("[A-Za-z0-9._-]+:\\d{1,5}")) {
            throw new BrokerException(
                    Reason.INVALID_REQUEST, "a node is added by its number, from 1, and its address host:port");
        }
        String address = config.addressInGroup(given);
        call.about("node " + fresh.node() + " at " + address);
        for (String each : leading().members()) {
            if (Replication.number(each) == fresh.node() || hostAndPort(each).equals(address)) {
                throw new BrokerException(
                        Reason.ALREADY_EXISTS,
                        "node " + Replication.number(each) + " at " + hostAndPort(each) + " is in the group already");
            }
        }
        change(call, reply, leads -> leads.add(address + ":" + fresh.node()));
    }

    private void remove(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        RaftGroup group = leading();
        String member = member(group, (int) Math.min(Integer.MAX_VALUE, call.pathNumber("node")));
        if (member.equals(group.self())) {
            throw new BrokerException(
                    Reason.INVALID_REQUEST,
                    "this node leads: give the lead to another first (polymq cluster transfer-leader)");
        }
        change(call, reply, leads -> leads.remove(member));
    }

    private void change(Call call, Reply<Object> reply, Function<RaftGroup, CompletableFuture<Void>> what) {
        what.apply(leading())
                .whenComplete((done, failure) -> call.lane().execute(() -> {
                    if (failure == null) {
                        reply.ok(new Done(true));
                    } else {
                        reply.failed(new BrokerException(
                                Reason.UNAVAILABLE, "the group did not do it: " + failure.getMessage(), failure));
                    }
                }));
    }

    private static String member(RaftGroup group, int node) {
        return group.members().stream()
                .filter(each -> Replication.number(each) == node)
                .findFirst()
                .orElseThrow(() -> new BrokerException(
                        Reason.INVALID_REQUEST, "node " + node + " is not in the group: " + group.members()));
    }

    private RaftGroup group() {
        RaftGroup group = joined.get();
        if (group == null) {
            throw new BrokerException(Reason.UNAVAILABLE, "this node is still starting");
        }
        return group;
    }

    private RaftGroup leading() {
        RaftGroup group = group();
        if (!group.isLeading()) {
            throw new BrokerException(
                    Reason.UNAVAILABLE,
                    group.leader()
                            .map(each -> "only the leader says and changes who is in the group: node "
                                    + Replication.number(each)
                                    + leader.get()
                                            .map(known -> " at "
                                                    + known.url(config.security()
                                                            .tls()
                                                            .isPresent()))
                                            .orElse(""))
                            .orElse("no node of the group leads right now"));
        }
        return group;
    }

    private static String hostAndPort(String member) {
        String[] parts = member.split(":", -1);
        return parts[0] + ":" + parts[1];
    }
}
