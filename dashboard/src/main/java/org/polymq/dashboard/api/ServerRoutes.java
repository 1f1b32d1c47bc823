/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.polymq.broker.Reply;
import org.polymq.broker.security.Action;
import org.polymq.broker.security.Resource;

/** What the server is doing, and where it listens, over HTTP. */
public final class ServerRoutes {
    private final Overview overview;
    private final Supplier<List<Listening>> listeners;

    /** One listener. */
    public record Listening(String name, String host, int port, String speaks) {}

    public ServerRoutes(Overview overview, Supplier<List<Listening>> listeners) {
        this.overview = overview;
        this.listeners = listeners;
    }

    /** The routes, for {@link Api}. */
    public List<Route> routes() {
        return List.of(
                Route.get("overview", "overview", this::overview)
                        .says("What the broker is doing, in figures. Needs SUB on the cluster.")
                        .gives(Overview.Figures.class),
                Route.get("listeners", "listener list", this::listeners)
                        .says("Where the server listens. Needs a login.")
                        .lists("listeners", Listening.class));
    }

    private void overview(Call call, Reply<Object> reply) {
        call.access().require(Action.SUB, Resource.CLUSTER);
        reply.ok(overview.now());
    }

    private void listeners(Call call, Reply<Object> reply) {
        reply.ok(Map.of("listeners", listeners.get()));
    }
}
