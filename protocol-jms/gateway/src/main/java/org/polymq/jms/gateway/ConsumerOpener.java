/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.message.Address;
import org.polymq.broker.message.Names;
import org.polymq.broker.message.Origin;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.message.TopicFilter;
import org.polymq.broker.publish.Publisher;
import org.polymq.broker.subscription.Consumer;
import org.polymq.broker.subscription.ConsumerOptions;
import org.polymq.broker.subscription.SubscriptionKey;
import org.polymq.broker.subscription.Subscriptions;
import org.polymq.broker.subscription.TransientSubscription;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.TopicKind;
import org.polymq.broker.topic.TopicSpec;
import org.polymq.jms.wire.Frame.OpenConsumer;
import org.polymq.jms.wire.WireDestination.Kind;

/** Makes the core's consumer that a JMS consumer asks for. Called on the connection's event loop. */
final class ConsumerOpener {
    private final JmsServices services;
    private final Lane lane;

    ConsumerOpener(JmsServices services, Lane lane) {
        this.services = services;
        this.lane = lane;
    }

    /**
     * Opens a consumer; it has no credit yet.
     *
     * @param clientId the connection's client id, or null
     * @param producer what messages sent by the connection name as their producer
     * @throws BrokerException for what can be told at once; the rest goes to the reply
     */
    void open(
            OpenConsumer wanted,
            @Nullable String clientId,
            String producer,
            Consumer.Listener listener,
            Reply<Consumer> reply) {
        if (wanted.selector() != null) {
            throw MessageTranslator.notYet("message selectors");
        }
        Kind destination = wanted.destination().kind();
        if (destination == Kind.TEMPORARY_QUEUE || destination == Kind.TEMPORARY_TOPIC) {
            throw MessageTranslator.notYet("temporary destinations");
        }
        Predicate<StoredMessage> notLocal = wanted.noLocal()
                ? message -> message.origin() != Origin.JMS || !producer.equals(message.producer())
                : null;
        String name = wanted.destination().name();
        switch (wanted.kind()) {
            case QUEUE -> openQueue(name, listener, reply);
            case TOPIC -> {
                String filter = filterOf(name);
                ConsumerOptions options = new ConsumerOptions(lane, true, notLocal);
                reply.ok(TransientSubscription.open(services.messages(), services.live(), filter, options, listener));
            }
            case DURABLE_TOPIC -> openDurable(wanted, clientId, notLocal, listener, reply);
            case SHARED_TOPIC, SHARED_DURABLE_TOPIC -> throw MessageTranslator.notYet("shared subscriptions");
            case BROWSER -> throw MessageTranslator.notYet("queue browsers");
        }
    }

    private void openQueue(String name, Consumer.Listener listener, Reply<Consumer> reply) {
        String queue = Names.ofQueue(name).topic();
        services.topics()
                .ensure(
                        TopicSpec.queue(queue, Topic.Origin.JMS),
                        lane,
                        Reply.of(
                                topic -> attach(
                                        SubscriptionKey.queue(queue), ConsumerOptions.shared(lane), listener, reply),
                                reply::failed));
    }

    private void openDurable(
            OpenConsumer wanted,
            @Nullable String clientId,
            @Nullable Predicate<StoredMessage> notLocal,
            Consumer.Listener listener,
            Reply<Consumer> reply) {
        if (clientId == null || wanted.subscription() == null) {
            throw new BrokerException(Reason.INVALID_REQUEST, "a durable subscription needs a client id and a name");
        }
        String filter = filterOf(wanted.destination().name());
        SubscriptionKey key = SubscriptionKey.jmsDurable(clientId, wanted.subscription());
        if (services.subscriptions().find(key).map(Subscriptions.Info::active).orElse(false)) {
            throw new BrokerException(
                    Reason.SUBSCRIPTION_IN_USE,
                    "subscription '" + key.name() + "' of client '" + clientId + "' has an active consumer");
        }
        // Another topic or another noLocal makes it another subscription (Jakarta Messaging 3.1, 8.3.3).
        services.subscriptions()
                .subscribe(
                        key,
                        List.of(filter),
                        wanted.noLocal() ? "noLocal" : "",
                        lane,
                        Reply.of(
                                done -> attach(key, new ConsumerOptions(lane, true, notLocal), listener, reply),
                                reply::failed));
    }

    private void attach(
            SubscriptionKey key, ConsumerOptions options, Consumer.Listener listener, Reply<Consumer> reply) {
        Consumer consumer;
        try {
            consumer = services.subscriptions().attach(key, options, listener);
        } catch (BrokerException e) {
            reply.failed(e);
            return;
        }
        reply.ok(consumer);
    }

    /** The filter of a topic to consume; a queue of that name is refused. */
    private String filterOf(String name) {
        String filter = Names.jmsToFilter(name);
        String first = TopicFilter.of(filter).firstLevel();
        if (first != null) {
            if (!filter.equals(first)) {
                Names.toNative(first);
            }
            Topic topic = services.topics().get(Address.split(filter).topic());
            if (topic != null && topic.kind() == TopicKind.QUEUE) {
                throw Publisher.wrongKind(topic, TopicKind.TOPIC);
            }
        }
        return filter;
    }
}
