/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Broker;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.client.ConnectedClient;
import org.polymq.broker.session.Sessions;
import org.polymq.broker.subscription.SubscriptionKey;
import org.polymq.broker.subscription.Subscriptions;

/** Who is connected, and MQTT's persistent sessions, over HTTP. For administrators of the cluster. */
public final class ClientRoutes {
    private final Broker broker;

    public ClientRoutes(Broker broker) {
        this.broker = broker;
    }

    /** The routes, for {@link Api}. */
    public List<Route> routes() {
        return List.of(
                Route.get("clients", "client list", this::clients)
                        .says("Connections of all protocols. Needs MANAGE on the cluster.")
                        .text("text", "only those whose client id, user or address contains this")
                        .text("protocol", "mqtt, jms or rocketmq")
                        .pages("clients", ClientRow.class),
                Route.get("clients/{id}", "client show", this::client)
                        .says("One connection. Needs MANAGE on the cluster.")
                        .gives(ClientDetails.class),
                Route.delete("clients/{id}", "client disconnect", this::disconnect)
                        .says("Ends a connection. Needs MANAGE on the cluster."),
                Route.get("sessions", "session list", this::sessions)
                        .says("Persistent MQTT sessions. Needs MANAGE on the cluster.")
                        .text("name", "only client ids that contain this")
                        .pages("sessions", SessionRow.class),
                Route.get("sessions/{clientId}", "session show", this::session)
                        .says("One session. Needs MANAGE on the cluster.")
                        .gives(SessionDetails.class),
                Route.delete("sessions/{clientId}", "session delete", this::deleteSession)
                        .says("Ends one whose client is not connected. Needs MANAGE on the cluster."));
    }

    private record ClientRow(
            String id, String protocol, String clientId, String user, String address, String connectedAt) {
        private static ClientRow of(ConnectedClient client) {
            return new ClientRow(
                    client.id(),
                    client.protocol(),
                    client.clientId(),
                    client.user(),
                    client.address(),
                    Texts.time(client.connectedAt()));
        }
    }

    private record ClientDetails(
            String id,
            String protocol,
            String clientId,
            String user,
            String address,
            String connectedAt,
            Map<String, String> details) {}

    private record SessionRow(
            String clientId,
            String owner,
            boolean connected,
            @Nullable String leftAt,
            @Nullable String expiresAt,
            int filters,
            long waiting) {}

    private record SessionDetails(SessionRow session, List<String> filters, int unreleased, int unanswered) {}

    private void clients(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        String text = call.query("text", "").toLowerCase(Locale.ROOT);
        String protocol = call.query("protocol", "").toLowerCase(Locale.ROOT);
        reply.ok(Page.of(call)
                .<ConnectedClient>answer(
                        "clients",
                        broker.clients().all(),
                        ConnectedClient::id,
                        client -> client.protocol().toLowerCase(Locale.ROOT).startsWith(protocol)
                                && (client.clientId() + " " + client.user() + " " + client.address())
                                        .toLowerCase(Locale.ROOT)
                                        .contains(text),
                        ClientRow::of));
    }

    private void client(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        ConnectedClient client = connected(call);
        reply.ok(new ClientDetails(
                client.id(),
                client.protocol(),
                client.clientId(),
                client.user(),
                client.address(),
                Texts.time(client.connectedAt()),
                new TreeMap<>(client.details().get())));
    }

    private void disconnect(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        ConnectedClient client = connected(call);
        call.about(client.protocol() + " " + client.clientId());
        client.ending().run();
        reply.ok(Route.Done.DONE);
    }

    private ConnectedClient connected(Call call) {
        return broker.clients().find(call.path("id")).orElseThrow(() -> Page.unknown("connection", call.path("id")));
    }

    private void sessions(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        String containing = call.query("name", "");
        reply.ok(Page.of(call)
                .<String>answer(
                        "sessions",
                        broker.sessions().clientIds(),
                        id -> id,
                        id -> id.contains(containing),
                        id -> row(existing(id))));
    }

    private void session(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        Sessions.Info info = existing(call.path("clientId"));
        reply.ok(new SessionDetails(row(info), info.filters(), info.unreleased(), info.unanswered()));
    }

    private SessionRow row(Sessions.Info info) {
        long waiting = broker.subscriptions()
                .find(SubscriptionKey.mqttSession(info.clientId()))
                .map(Subscriptions.Info::pending)
                .orElse(0L);
        return new SessionRow(
                info.clientId(),
                info.owner(),
                info.connected(),
                info.leftAt() == 0 ? null : Texts.time(info.leftAt()),
                info.expiresAt() == 0 ? null : Texts.time(info.expiresAt()),
                info.filters().size(),
                waiting);
    }

    /** A client that is connected is disconnected first: its session is ended under it. */
    private void deleteSession(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        Sessions.Info info = existing(call.path("clientId"));
        if (info.connected()) {
            throw new BrokerException(
                    Reason.SUBSCRIPTION_IN_USE,
                    "client '" + info.clientId() + "' is connected: disconnect it first (client disconnect)");
        }
        broker.sessions().end(info.clientId(), call.lane(), Call.mapped(reply, done -> Route.Done.DONE));
    }

    private Sessions.Info existing(String clientId) {
        return broker.sessions().find(clientId).orElseThrow(() -> Page.unknown("session of client", clientId));
    }
}
