/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.polymq.broker.Broker;
import org.polymq.broker.config.ServerConfig;
import org.polymq.dashboard.Health;
import org.polymq.replication.RaftGroup;

/**
 * What a node of a group knows of itself and of who leads: for its admin API, its health page and whom it passes on.
 */
final class NodeStatus {
    private final ServerConfig config;
    private final CompletableFuture<RaftGroup> joined;
    private final Optional<Hosting> hosting;
    private final BooleanSupplier stopping;

    /**
     * @param joined done when the node takes part
     * @param hosting the process around it if that is of several groups
     * @param stopping whether the server stops
     */
    NodeStatus(
            ServerConfig config,
            CompletableFuture<RaftGroup> joined,
            Optional<Hosting> hosting,
            BooleanSupplier stopping) {
        this.config = config;
        this.joined = joined;
        this.hosting = hosting;
        this.stopping = stopping;
    }

    private Optional<RaftGroup> group() {
        return Optional.ofNullable(joined.getNow(null));
    }

    /** The group's place among those of the process. */
    int slot() {
        return config.cluster().groups().indexOf(config.brokerName());
    }

    /** The word for what the node does. */
    String role() {
        return group().map(group -> group.isLeading() ? "leader" : "follower").orElse("joining");
    }

    /** Where the node that leads serves clients, if that is known; it may be this one. */
    Optional<LeaderAddress> leader(Broker broker) {
        Optional<Integer> leads = group().flatMap(RaftGroup::leader).map(Replication::number);
        return broker.changedSettings()
                .find(LeaderAddress.SETTING)
                .flatMap(LeaderAddress::of)
                .filter(leader ->
                        leads.filter(number -> number == leader.node()).isPresent());
    }

    /** Whether another node leads, and it is known where. */
    boolean isServedElsewhere(Broker broker) {
        return leader(broker)
                .filter(leader -> leader.node() != config.cluster().node())
                .isPresent();
    }

    /** Who leads, in the engine's words, if it is another node. */
    Optional<String> leaderElsewhere() {
        return group().flatMap(group -> group.leader().filter(leader -> !leader.equals(group.self())));
    }

    /** A row of the admin API. */
    Map<String, Object> row(Broker broker) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("group", config.brokerName());
        row.put("slot", slot());
        row.put("role", role());
        group().ifPresent(group -> {
            row.put("term", group.currentTerm());
            group.leader().ifPresent(each -> row.put("leader", Replication.number(each)));
            leader(broker)
                    .ifPresent(each -> row.put(
                            "leaderUrl", each.url(config.security().tls().isPresent())));
        });
        return row;
    }

    Health health(Broker broker) {
        List<Health.Check> checks = new ArrayList<>(List.of(
                new Health.Check(
                        "storage",
                        () -> broker.log().failed()
                                ? Optional.of("a write to the disk failed; nothing is stored until a restart")
                                : Optional.empty()),
                new Health.Check(
                        "group",
                        () -> group().flatMap(RaftGroup::leader).isEmpty()
                                ? Optional.of("no node of the group leads, or it is out of reach: nothing is stored;"
                                        + " RocketMQ consumers can read from this node what was committed")
                                : Optional.empty()),
                new Health.Check(
                        "lifecycle",
                        () -> stopping.getAsBoolean() ? Optional.of("the server is stopping") : Optional.empty())));
        hosting.ifPresent(process -> checks.add(new Health.Check("groups", process::problem)));
        return new Health(checks);
    }
}
