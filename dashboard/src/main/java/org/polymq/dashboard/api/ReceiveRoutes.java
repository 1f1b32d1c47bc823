/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.polymq.broker.Broker;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.message.TopicFilter;
import org.polymq.broker.security.Access;
import org.polymq.broker.subscription.SubscriptionKey;
import org.polymq.broker.subscription.Subscriptions;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.TopicKind;

/**
 * Messages as they are published, over HTTP. Whoever looks on consumes nothing: each consumer gets what it would get
 * without, and a queue keeps what it has.
 */
final class ReceiveRoutes {
    private final Broker broker;
    private final InstantSource clock;

    ReceiveRoutes(Broker broker, InstantSource clock) {
        this.broker = broker;
        this.clock = clock;
    }

    List<Route> routes() {
        return List.of(Route.get("messages/stream", "message receive", this::receive)
                .says("Messages as they are published, one event each, until the connection ends; nothing is consumed."
                        + " Needs SUB on all of the filter, SUB on the queue, or for a subscription MANAGE on the"
                        + " cluster.")
                .text("topic", "an MQTT topic filter, such as sensors/+/temperature")
                .text("queue", "the name of a queue")
                .text("subscription", "a subscription's id, such as jms-durable/CLIENT/NAME: what is published for it")
                .streams(MessageTail.Received.class));
    }

    private void receive(Call call, Reply<Object> reply) {
        String topic = call.query("topic", "");
        String queue = call.query("queue", "");
        String subscription = call.query("subscription", "");
        if (Stream.of(topic, queue, subscription)
                        .filter(given -> !given.isEmpty())
                        .count()
                != 1) {
            throw new BrokerException(Reason.INVALID_REQUEST, "give one of topic, queue and subscription");
        }
        if (!topic.isEmpty()) {
            reply.ok(topic(call, topic));
        } else if (!queue.isEmpty()) {
            reply.ok(queue(call, queue));
        } else {
            reply.ok(subscription(call, SubscriptionRoutes.keyOf(subscription)));
        }
    }

    private Events.Source topic(Call call, String filter) {
        TopicFilter.of(filter);
        if (filter.startsWith("$queue/") || filter.startsWith("$share/")) {
            throw new BrokerException(
                    Reason.INVALID_REQUEST, "'" + filter + "' is no topic filter; the parameter queue takes a queue");
        }
        Runnable permission = () -> call.access().subscribe(filter);
        permission.run();
        return events ->
                begin(call, permission, events, new TopicTail(broker.live(), List.of(filter), tail(call, events)));
    }

    private Events.Source queue(Call call, String name) {
        Runnable permission = () -> call.access().consumeQueue(name);
        permission.run();
        return ofQueue(call, permission, name);
    }

    private Events.Source ofQueue(Call call, Runnable permission, String name) {
        Topic queue = broker.topics().get(name);
        if (queue == null || queue.kind() != TopicKind.QUEUE) {
            throw Page.unknown("queue", name);
        }
        return events -> begin(call, permission, events, new QueueTail(broker, queue, tail(call, events)));
    }

    private Events.Source subscription(Call call, SubscriptionKey key) {
        Runnable permission = call.access()::manageCluster;
        permission.run();
        if (key.kind() == SubscriptionKey.Kind.QUEUE) {
            return ofQueue(call, permission, key.name());
        }
        Subscriptions.Info info = broker.subscriptions()
                .find(key)
                .orElseThrow(() -> Page.unknown("subscription", SubscriptionRoutes.id(key)));
        return events ->
                begin(call, permission, events, new TopicTail(broker.live(), info.filters(), tail(call, events)));
    }

    private MessageTail tail(Call call, Events events) {
        return new MessageTail(events, call.lane(), clock);
    }

    /** What is watched. */
    interface Watched extends AutoCloseable {
        /** Begins to send. */
        void open();

        @Override
        void close();
    }

    private static void begin(Call call, Runnable permission, Events events, Watched watched) {
        Access access = call.access();
        access.watch(call.lane(), new Access.Watcher() {
            @Override
            public void permissionsChanged() {
                try {
                    permission.run();
                } catch (BrokerException refused) {
                    events.end();
                }
            }

            @Override
            public void revoked() {
                events.end();
            }
        });
        watched.open();
        events.whenClosed(() -> {
            watched.close();
            access.close();
        });
        events.send("listening", Route.Done.DONE);
    }
}
