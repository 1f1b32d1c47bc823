/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.filter.Filter;
import org.polymq.broker.message.Address;
import org.polymq.broker.message.Names;
import org.polymq.broker.message.Origin;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.message.TopicFilter;
import org.polymq.broker.publish.Publisher;
import org.polymq.broker.security.Access;
import org.polymq.broker.subscription.Consumer;
import org.polymq.broker.subscription.ConsumerOptions;
import org.polymq.broker.subscription.SubscriptionKey;
import org.polymq.broker.subscription.Subscriptions;
import org.polymq.broker.subscription.TemporaryDestinations;
import org.polymq.broker.subscription.TransientSubscription;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.TopicKind;
import org.polymq.broker.topic.TopicSpec;
import org.polymq.jms.wire.Frame.ConsumerKind;
import org.polymq.jms.wire.Frame.OpenConsumer;
import org.polymq.jms.wire.WireDestination.Kind;

/** Makes the core's consumer that a JMS consumer asks for. Called on the connection's event loop. */
final class ConsumerOpener {
    private static final String SHARED = "shared;";
    /** Attributes are the owner's name, this, and what makes it another subscription. */
    private static final char OWNER_END = '\n';

    private final JmsServices services;
    private final boolean autoCreate;
    private final Lane lane;
    /** Whom temporary destinations belong to. */
    private final Object connection;

    ConsumerOpener(JmsServices services, boolean autoCreate, Lane lane, Object connection) {
        this.services = services;
        this.autoCreate = autoCreate;
        this.lane = lane;
        this.connection = connection;
    }

    /**
     * Opens a consumer; it has no credit yet.
     *
     * @param clientId the connection's client id, or null
     * @param producer what messages sent by the connection name as their producer
     * @param access whose subscription it is
     * @throws BrokerException for what can be told at once; the rest goes to the reply
     */
    void open(
            OpenConsumer wanted,
            @Nullable String clientId,
            String producer,
            Access access,
            Consumer.Listener listener,
            Reply<Consumer> reply) {
        Filter selector = wanted.selector() == null ? null : Filter.compile(wanted.selector());
        Predicate<StoredMessage> accepted = accepted(selector, wanted.noLocal() ? producer : null);
        Kind destination = wanted.destination().kind();
        String name = wanted.destination().name();
        if (destination == Kind.TEMPORARY_QUEUE || destination == Kind.TEMPORARY_TOPIC) {
            openTemporary(wanted, selector, accepted, listener, reply);
            return;
        }
        String owner = clientId == null ? "" : clientId;
        switch (wanted.kind()) {
            case QUEUE ->
                openQueue(
                        name,
                        key -> attach(
                                key, ConsumerOptions.selecting(lane, selector).withRedeliveryPolicy(), listener, reply),
                        reply);
            case BROWSER -> openQueue(name, key -> browse(key, selector, listener, reply), reply);
            case TOPIC -> {
                String filter = filterOf(name);
                ConsumerOptions options = ConsumerOptions.exclusive(lane).only(accepted);
                reply.ok(TransientSubscription.open(services.messages(), services.live(), filter, options, listener));
            }
            case DURABLE_TOPIC -> {
                if (clientId == null) {
                    throw needs("a client id");
                }
                SubscriptionKey key = SubscriptionKey.jmsDurable(owner, subscriptionOf(wanted));
                openSubscription(
                        key, wanted, access, ConsumerOptions.exclusive(lane).only(accepted), listener, reply);
            }
            case SHARED_DURABLE_TOPIC -> {
                SubscriptionKey key = SubscriptionKey.jmsDurable(owner, subscriptionOf(wanted));
                openSubscription(
                        key, wanted, access, ConsumerOptions.shared(lane).only(accepted), listener, reply);
            }
            case SHARED_TOPIC -> {
                SubscriptionKey key = SubscriptionKey.jmsShared(owner, subscriptionOf(wanted));
                openSubscription(
                        key, wanted, access, ConsumerOptions.shared(lane).only(accepted), listener, reply);
            }
        }
    }

    /** The name of the user who made a subscription; empty if that was while security was off. */
    static String ownerOf(Subscriptions.Info subscription) {
        String attributes = subscription.attributes();
        return attributes.substring(0, Math.max(0, attributes.indexOf(OWNER_END)));
    }

    /** @throws BrokerException NO_PERMISSION if a user may not consume this */
    static void checkPermitted(OpenConsumer wanted, Access access) {
        if (access.unrestricted() || wanted.destination().kind().isTemporary()) {
            return;
        }
        String name = wanted.destination().name();
        if (wanted.destination().kind().isQueue()) {
            access.consumeQueue(Names.ofQueue(name).topic());
            return;
        }
        access.subscribe(Names.jmsToFilter(name));
        boolean shared =
                wanted.kind() == ConsumerKind.SHARED_TOPIC || wanted.kind() == ConsumerKind.SHARED_DURABLE_TOPIC;
        if (shared && wanted.subscription() != null) {
            access.useGroup(wanted.subscription());
        }
    }

    private static @Nullable Predicate<StoredMessage> accepted(@Nullable Filter selector, @Nullable String notFrom) {
        Predicate<StoredMessage> notLocal = notFrom == null
                ? null
                : message -> message.origin() != Origin.JMS || !notFrom.equals(message.producer());
        if (selector == null) {
            return notLocal;
        }
        return notLocal == null ? selector::matches : notLocal.and(selector::matches);
    }

    private static String subscriptionOf(OpenConsumer wanted) {
        if (wanted.subscription() == null) {
            throw needs("a name");
        }
        return wanted.subscription();
    }

    private static BrokerException needs(String what) {
        return new BrokerException(Reason.INVALID_REQUEST, "such a subscription needs " + what);
    }

    private void openTemporary(
            OpenConsumer wanted,
            @Nullable Filter selector,
            @Nullable Predicate<StoredMessage> accepted,
            Consumer.Listener listener,
            Reply<Consumer> reply) {
        String name = wanted.destination().name();
        TemporaryDestinations temporaries = services.temporaries();
        Consumer consumer = switch (wanted.kind()) {
            case QUEUE -> temporaries.attach(name, connection, ConsumerOptions.selecting(lane, selector), listener);
            case TOPIC ->
                temporaries.attach(
                        name, connection, ConsumerOptions.exclusive(lane).only(accepted), listener);
            case BROWSER -> temporaries.browse(name, connection, lane, selector, listener);
            case DURABLE_TOPIC, SHARED_TOPIC, SHARED_DURABLE_TOPIC ->
                throw new BrokerException(
                        Reason.INVALID_NAME, "a temporary topic cannot have durable or shared subscriptions: " + name);
        };
        reply.ok(consumer);
    }

    /** What is done with a queue's subscription once it is there. */
    private interface Use {
        void of(SubscriptionKey key);
    }

    private void openQueue(String name, Use use, Reply<Consumer> reply) {
        String queue = Names.ofQueue(name).topic();
        if (!autoCreate) {
            checkExists(services, queue);
        }
        services.topics()
                .ensure(
                        TopicSpec.queue(queue, Topic.Origin.JMS),
                        lane,
                        Reply.of(topic -> useQueue(topic, use, reply), reply::failed));
    }

    private static void useQueue(Topic topic, Use use, Reply<Consumer> reply) {
        try {
            topic.checkReadable();
        } catch (BrokerException refused) {
            reply.failed(refused);
            return;
        }
        use.of(SubscriptionKey.queue(topic.name()));
    }

    /** @throws BrokerException TOPIC_NOT_FOUND if there is no such queue or topic, and none may be made */
    static void checkExists(JmsServices services, String name) {
        if (services.topics().get(name) == null) {
            throw new BrokerException(
                    Reason.TOPIC_NOT_FOUND,
                    "there is no queue or topic '" + name
                            + "', and jms.auto-create is off: an administrator has to make it");
        }
    }

    private void browse(
            SubscriptionKey key, @Nullable Filter selector, Consumer.Listener listener, Reply<Consumer> reply) {
        Consumer consumer;
        try {
            consumer = services.subscriptions().browse(key, lane, selector, listener);
        } catch (BrokerException e) {
            reply.failed(e);
            return;
        }
        reply.ok(consumer);
    }

    /** One at a time for each name, so that what is checked of the others still holds when this is done. */
    private void openSubscription(
            SubscriptionKey key,
            OpenConsumer wanted,
            Access access,
            ConsumerOptions options,
            Consumer.Listener listener,
            Reply<Consumer> reply) {
        ConsumerOptions limited = options.withRedeliveryPolicy();
        String filter = filterOf(wanted.destination().name());
        Reply<Consumer> last = Reply.of(
                consumer -> {
                    services.turns().done(key);
                    reply.ok(consumer);
                },
                refused -> {
                    services.turns().done(key);
                    reply.failed(refused);
                });
        services.turns().take(key, lane, () -> subscribe(key, filter, wanted, access, limited, listener, last));
    }

    private void subscribe(
            SubscriptionKey key,
            String filter,
            OpenConsumer wanted,
            Access access,
            ConsumerOptions options,
            Consumer.Listener listener,
            Reply<Consumer> reply) {
        Optional<Subscriptions.Info> existing = services.subscriptions().find(key);
        // Who made it stays its owner, also where that was nobody, while security was off.
        String attributes =
                existing.map(ConsumerOpener::ownerOf).orElse(access.principal().name())
                        + OWNER_END
                        + (options.exclusive() ? "" : SHARED)
                        + (wanted.noLocal() ? "noLocal;" : "")
                        + (wanted.selector() == null ? "" : wanted.selector());
        try {
            existing.ifPresent(same -> {
                access.requireOwner(ownerOf(same), "subscription '" + key.name() + "'");
                check(same, filter, attributes, options);
            });
        } catch (BrokerException e) {
            reply.failed(e);
            return;
        }
        // Another topic, selector or noLocal makes it another subscription (Jakarta Messaging 3.1, 8.3.3).
        services.subscriptions()
                .subscribe(
                        key,
                        List.of(filter),
                        attributes,
                        lane,
                        Reply.<Done>of(done -> attach(key, options, listener, reply), reply::failed));
    }

    private static void check(Subscriptions.Info existing, String filter, String attributes, ConsumerOptions options) {
        String name = existing.key().name();
        boolean shared =
                existing.attributes().startsWith(SHARED, existing.attributes().indexOf(OWNER_END) + 1);
        if (shared == options.exclusive()) {
            throw new BrokerException(
                    Reason.SUBSCRIPTION_IN_USE,
                    "there is a durable subscription '" + name + "' that is " + (shared ? "" : "not ") + "shared");
        }
        boolean same = existing.filters().equals(List.of(filter))
                && existing.attributes().equals(attributes);
        if (existing.active() && (options.exclusive() || !same)) {
            throw new BrokerException(
                    Reason.SUBSCRIPTION_IN_USE,
                    "subscription '" + name + "' has an active consumer"
                            + (same ? "" : " with another topic or selector"));
        }
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

    /** A consumer of a shared subscription that is not durable has left: with the last one it ends. */
    void sharedConsumerLeft(SubscriptionKey key) {
        Reply<Done> ended = Reply.of(
                done -> services.turns().done(key),
                stillUsed -> services.turns().done(key));
        services.turns().take(key, lane, () -> services.subscriptions().unsubscribe(key, lane, ended));
    }

    /** The filter of a topic to consume; a queue of that name is refused. */
    private String filterOf(String name) {
        String filter = Names.jmsToFilter(name);
        services.publisher().names().check(filter);
        String first = TopicFilter.of(filter).firstLevel();
        if (first != null) {
            if (!filter.equals(first)) {
                Names.toNative(first);
            }
            Topic topic = services.topics().get(Address.split(filter).topic());
            if (!autoCreate && topic == null) {
                checkExists(services, Address.split(filter).topic());
            }
            if (topic != null && topic.kind() == TopicKind.QUEUE) {
                throw Publisher.wrongKind(topic, TopicKind.TOPIC);
            }
            if (topic != null) {
                topic.checkReadable();
            }
        }
        return filter;
    }
}
