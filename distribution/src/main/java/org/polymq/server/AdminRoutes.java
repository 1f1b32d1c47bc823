/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.polymq.broker.Broker;
import org.polymq.dashboard.api.ClientRoutes;
import org.polymq.dashboard.api.GroupRoutes;
import org.polymq.dashboard.api.MessageRoutes;
import org.polymq.dashboard.api.Overview;
import org.polymq.dashboard.api.RetainedRoutes;
import org.polymq.dashboard.api.Route;
import org.polymq.dashboard.api.SecurityRoutes;
import org.polymq.dashboard.api.ServerRoutes;
import org.polymq.dashboard.api.SubscriptionRoutes;
import org.polymq.dashboard.api.TopicRoutes;

/** The admin API over a broker: each part of the administration lists its routes here. */
final class AdminRoutes {
    private AdminRoutes() {}

    static List<Route> of(Broker broker, Overview overview, Supplier<List<ServerRoutes.Listening>> listening) {
        List<Route> routes = new ArrayList<>(new SecurityRoutes(broker.security()).routes());
        routes.addAll(new TopicRoutes(broker).routes());
        routes.addAll(new MessageRoutes(broker).routes());
        routes.addAll(new GroupRoutes(broker).routes());
        routes.addAll(new SubscriptionRoutes(broker).routes());
        routes.addAll(new RetainedRoutes(broker).routes());
        routes.addAll(new ClientRoutes(broker).routes());
        routes.addAll(new ServerRoutes(overview, listening).routes());
        return routes;
    }
}
