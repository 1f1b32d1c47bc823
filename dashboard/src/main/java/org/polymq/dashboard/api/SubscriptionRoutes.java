/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.polymq.broker.Broker;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.subscription.SubscriptionKey;
import org.polymq.broker.subscription.SubscriptionKey.Kind;
import org.polymq.broker.subscription.Subscriptions.Info;

/**
 * Subscriptions that advance by acknowledgement, over HTTP: of queues, durable and shared JMS subscriptions, MQTT
 * sessions and shares, and what native groups consume by POP. For administrators of the cluster.
 */
public final class SubscriptionRoutes {
    /** As they are written here; made once, since a list of very many names each. */
    private static final Map<Kind, String> KINDS = kinds();

    private final Broker broker;

    public SubscriptionRoutes(Broker broker) {
        this.broker = broker;
    }

    /** The routes, for {@link Api}. */
    public List<Route> routes() {
        return List.of(
                Route.get("subscriptions", "subscription list", this::list)
                        .says("What is consumed by acknowledgement. Needs MANAGE on the cluster.")
                        .text("name", "only ids that contain this")
                        .text("kind", "queue, jms-durable, jms-shared, mqtt-session, mqtt-shared or pop")
                        .pages("subscriptions", Row.class),
                Route.delete("subscriptions/{kind}/{owner}/{name}", "subscription delete", this::delete)
                        .says("Deletes a durable or shared one without consumers; nothing is written '-'."
                                + " Needs MANAGE on the cluster."),
                Route.post("subscriptions/{kind}/{owner}/{name}/purge", "subscription purge", this::purge)
                        .says("Takes everything that waits for one. Needs MANAGE on the cluster.")
                        .gives(Taken.class));
    }

    private record Row(
            String id,
            String kind,
            String owner,
            String name,
            List<String> filters,
            String attributes,
            long waiting,
            boolean active) {}

    private record Taken(long taken) {}

    private void list(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        String containing = call.query("name", "");
        String kind = call.query("kind", "");
        reply.ok(Page.of(call)
                .<SubscriptionKey>answer(
                        "subscriptions",
                        broker.subscriptions().keys(),
                        SubscriptionRoutes::id,
                        key -> id(key).contains(containing)
                                && (kind.isEmpty() || kindOf(key).equals(kind)),
                        this::row));
    }

    /** One that was deleted meanwhile has nothing waiting. */
    private Row row(SubscriptionKey key) {
        Info info = broker.subscriptions().find(key).orElseGet(() -> new Info(key, List.of(), "", 0, false));
        return new Row(
                id(info.key()),
                kindOf(info.key()),
                info.key().owner(),
                info.key().name(),
                info.filters(),
                info.attributes(),
                info.pending(),
                info.active());
    }

    private void delete(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        Kind kind = kind(call.path("kind"));
        String whole = switch (kind) {
            case QUEUE -> "queue";
            case MQTT_SESSION -> "session";
            case POP -> "group";
            case CONNECTOR -> "connector";
            case JMS_DURABLE, JMS_SHARED, MQTT_SHARED -> "";
        };
        if (!whole.isEmpty()) {
            throw new BrokerException(Reason.WRONG_KIND, "it goes with its " + whole + ": delete that");
        }
        broker.subscriptions().unsubscribe(key(call), call.lane(), Call.mapped(reply, done -> Route.Done.DONE));
    }

    private void purge(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        broker.subscriptions().purge(key(call), call.lane(), Call.mapped(reply, Taken::new));
    }

    private static SubscriptionKey key(Call call) {
        return new SubscriptionKey(kind(call.path("kind")), text(call.path("owner")), text(call.path("name")));
    }

    /** In a path nothing is written {@code -}, since a level of a path cannot be empty. */
    private static String text(String level) {
        return level.equals("-") ? "" : level;
    }

    static String id(SubscriptionKey key) {
        return kindOf(key) + "/" + (key.owner().isEmpty() ? "-" : key.owner()) + "/"
                + (key.name().isEmpty() ? "-" : key.name());
    }

    static String kindOf(SubscriptionKey key) {
        return KINDS.getOrDefault(key.kind(), "");
    }

    private static Map<Kind, String> kinds() {
        Map<Kind, String> names = new EnumMap<>(Kind.class);
        for (Kind kind : Kind.values()) {
            names.put(kind, kind.name().toLowerCase(Locale.ROOT).replace('_', '-'));
        }
        return Collections.unmodifiableMap(names);
    }

    /** The key that an {@link #id} stands for. */
    static SubscriptionKey keyOf(String id) {
        String[] parts = id.split("/", 3);
        if (parts.length != 3) {
            throw new BrokerException(
                    Reason.INVALID_REQUEST, "'" + id + "' is no subscription such as jms-durable/CLIENT/NAME");
        }
        return new SubscriptionKey(kind(parts[0]), text(parts[1]), text(parts[2]));
    }

    private static Kind kind(String name) {
        for (Map.Entry<Kind, String> kind : KINDS.entrySet()) {
            if (kind.getValue().equals(name)) {
                return kind.getKey();
            }
        }
        throw new BrokerException(Reason.INVALID_REQUEST, "there is no kind of subscription '" + name + "'");
    }
}
