/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.polymq.broker.Broker;

/** Every operation of the admin API: each part of the administration lists its own here. */
public final class Routes {
    private Routes() {}

    public static List<Route> of(Broker broker, Overview overview, ServerFacts server, InstantSource clock) {
        return Stream.of(
                        new SecurityRoutes(broker.security()).routes(),
                        new TopicRoutes(broker).routes(),
                        // Before those of which messages/{position} is one.
                        new ReceiveRoutes(broker, clock).routes(),
                        new MessageRoutes(broker).routes(),
                        new TraceRoutes(broker).routes(),
                        new DeadLetterRoutes(broker).routes(),
                        new DelayedRoutes(broker).routes(),
                        new GroupRoutes(broker).routes(),
                        new SubscriptionRoutes(broker).routes(),
                        new RetainedRoutes(broker).routes(),
                        new ClientRoutes(broker).routes(),
                        new DiagnosisRoutes(broker, clock).routes(),
                        new TracingRoutes(broker, clock).routes(),
                        new AuditRoutes(broker, server.audit()).routes(),
                        new ConnectorRoutes(server.connectors()).routes(),
                        new ConfigRoutes(server.config()).routes(),
                        new NodeRoutes(broker, server.node(), clock).routes(),
                        new ServerRoutes(overview, server.listeners()).routes())
                .flatMap(List::stream)
                .toList();
    }
}
