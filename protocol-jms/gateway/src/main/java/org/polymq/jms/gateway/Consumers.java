/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.follow.ClientFollowing;
import org.polymq.broker.subscription.Consumer;
import org.polymq.broker.subscription.SubscriptionKey;
import org.polymq.jms.wire.Frame.CloseConsumer;
import org.polymq.jms.wire.Frame.ConsumerKind;
import org.polymq.jms.wire.Frame.Flow;
import org.polymq.jms.wire.Frame.Ok;
import org.polymq.jms.wire.Frame.OpenConsumer;

/** The open consumers of one connection, by their numbers. Confined to its connection's event loop. */
final class Consumers {
    private final JmsConnection connection;
    private final JmsServices services;
    private final boolean autoCreate;
    private final Lane lane;
    private final Identity identity;
    private final Map<Integer, JmsConsumer> byId = new HashMap<>();

    Consumers(JmsConnection connection, JmsServices services, boolean autoCreate, Lane lane, Identity identity) {
        this.connection = connection;
        this.services = services;
        this.autoCreate = autoCreate;
        this.lane = lane;
        this.identity = identity;
    }

    int size() {
        return byId.size();
    }

    /** Opens one of a session. */
    void open(int correlation, OpenConsumer open, JmsSession session) {
        JmsConsumer consumer =
                new JmsConsumer(open, session, new ClientFollowing(services.followers(), "jms", identity.producer()));
        ConsumerOpener opener = new ConsumerOpener(services, autoCreate, lane, identity.owner());
        if (open.kind() == ConsumerKind.SHARED_TOPIC && open.subscription() != null) {
            SubscriptionKey shared = SubscriptionKey.jmsShared(clientIdOrNone(), open.subscription());
            consumer.whenLeft(() -> opener.sharedConsumerLeft(shared));
        }
        if (byId.putIfAbsent(open.consumerId(), consumer) != null) {
            throw new BrokerException(Reason.INVALID_REQUEST, "consumer " + open.consumerId() + " is open already");
        }
        try {
            consumer.permittedBy(() -> ConsumerOpener.checkPermitted(open, identity.access()));
            consumer.checkPermitted();
            opener.open(open, identity.clientId(), identity.producer(), identity.access(), consumer, new Reply<>() {
                @Override
                public void ok(Consumer opened) {
                    consumer.attached(opened);
                    if (session.isClosed()) {
                        consumer.close(List.of());
                        return;
                    }
                    session.add(consumer);
                    connection.reply(correlation, new Ok());
                }

                @Override
                public void failed(BrokerException cause) {
                    byId.remove(open.consumerId(), consumer);
                    connection.refuse(correlation, cause);
                }
            });
        } catch (BrokerException e) {
            byId.remove(open.consumerId(), consumer);
            throw e;
        }
    }

    private String clientIdOrNone() {
        String clientId = identity.clientId();
        return clientId == null ? "" : clientId;
    }

    /** @throws BrokerException INVALID_REQUEST if it is not open */
    JmsConsumer get(int id) {
        JmsConsumer consumer = attached(id);
        if (consumer == null) {
            throw new BrokerException(Reason.INVALID_REQUEST, "there is no consumer " + id);
        }
        return consumer;
    }

    private @Nullable JmsConsumer attached(int id) {
        JmsConsumer consumer = byId.get(id);
        return consumer != null && consumer.isAttached() ? consumer : null;
    }

    /** Its client's window. One may have been closed, by its client or with its destination, while this was coming. */
    void flow(Flow flow) {
        JmsConsumer consumer = attached(flow.consumerId());
        if (consumer != null) {
            consumer.flow(flow.handed(), flow.messages(), flow.bytes());
        }
    }

    void close(int correlation, CloseConsumer close) {
        JmsConsumer consumer = byId.remove(close.consumerId());
        if (consumer == null) {
            connection.reply(correlation, new Ok());
        } else {
            consumer.session().close(consumer, close.handed(), correlation);
        }
    }

    /** A session has ended. */
    void forget(JmsSession session) {
        byId.values().removeIf(consumer -> consumer.session() == session);
    }

    /** All sessions have ended. */
    void forgetAll() {
        byId.clear();
    }

    /** The user's permissions have changed: what it may not consume any more ends. */
    void checkPermitted() {
        List.copyOf(byId.values()).forEach(consumer -> {
            try {
                consumer.checkPermitted();
            } catch (BrokerException denied) {
                consumer.revoked(String.valueOf(denied.getMessage()));
            }
        });
    }

    /** Removes a durable subscription of the client. */
    void unsubscribe(int correlation, String subscription) {
        SubscriptionKey key = SubscriptionKey.jmsDurable(clientIdOrNone(), subscription);
        services.subscriptions()
                .find(key)
                .ifPresent(existing -> identity.access()
                        .requireOwner(ConsumerOpener.ownerOf(existing), "subscription '" + subscription + "'"));
        services.subscriptions()
                .unsubscribe(
                        key,
                        lane,
                        Reply.<Done>of(
                                done -> connection.reply(correlation, new Ok()),
                                cause -> connection.refuse(correlation, cause)));
    }
}
