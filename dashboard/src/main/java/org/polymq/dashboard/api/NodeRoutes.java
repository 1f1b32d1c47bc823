/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Broker;
import org.polymq.broker.Reply;
import org.polymq.broker.security.Action;
import org.polymq.broker.security.Resource;

/**
 * This node over HTTP: its role, and whether clients can reach it where they are told to. The others of a group say it
 * of themselves.
 */
final class NodeRoutes {
    private final Broker broker;
    private final Supplier<ServerFacts.Node> node;
    private final Reachability reachability;

    NodeRoutes(Broker broker, Supplier<ServerFacts.Node> node, InstantSource clock) {
        this.broker = broker;
        this.node = node;
        this.reachability = new Reachability(clock);
    }

    List<Route> routes() {
        return List.of(Route.get("nodes", "node list", this::list)
                .says("This node, where it tells clients to connect to, and whether this machine reaches that. Needs"
                        + " SUB on the cluster.")
                .lists("nodes", NodeView.class));
    }

    /**
     * A node.
     *
     * @param role {@code single}: it replicates to nobody; else {@code leader}, {@code follower} or {@code joining}
     * @param advertised host and port that RocketMQ clients get from the name server
     * @param reachable whether this machine reaches that address
     * @param advice what to do about it, if something
     */
    private record NodeView(
            String cluster,
            String name,
            String role,
            String version,
            String up,
            String advertised,
            boolean reachable,
            @Nullable String advice,
            long logStart,
            long logEnd) {}

    private void list(Call call, Reply<Object> reply) {
        call.access().require(Action.SUB, Resource.CLUSTER);
        ServerFacts.Node here = node.get();
        reachability.of(
                here.advertised(),
                result -> call.lane().execute(() -> reply.ok(Map.of("nodes", List.of(view(here, result))))));
    }

    private NodeView view(ServerFacts.Node here, Reachability.Result result) {
        return new NodeView(
                here.cluster(),
                here.name(),
                here.role(),
                here.version(),
                Overview.up(),
                hostAndPort(here.advertised()),
                result.reachable(),
                advice(here, result),
                broker.logFigures().start(),
                broker.logFigures().end());
    }

    private static @Nullable String advice(ServerFacts.Node here, Reachability.Result result) {
        if (result.problem() != null) {
            return "RocketMQ clients are told to connect to " + hostAndPort(here.advertised())
                    + ", which this machine does not reach (" + result.problem()
                    + "): set advertise to an address that clients reach";
        }
        if (here.advertised().getAddress().isLoopbackAddress()
                && !here.bound().getAddress().isLoopbackAddress()) {
            return "RocketMQ clients of other machines are told to connect to " + hostAndPort(here.advertised())
                    + ", which is their own machine: set advertise";
        }
        return null;
    }

    private static String hostAndPort(InetSocketAddress address) {
        String host = address.getAddress() == null
                ? address.getHostString()
                : address.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }
}
