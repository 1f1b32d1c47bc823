/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.message.TopicFilter;
import org.polymq.broker.session.DurableSession;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.TopicKind;
import org.polymq.mqtt.wire.Ack;
import org.polymq.mqtt.wire.Kept;
import org.polymq.mqtt.wire.ReasonCode;
import org.polymq.mqtt.wire.SubAck;
import org.polymq.mqtt.wire.Subscribe;
import org.polymq.mqtt.wire.Subscription;
import org.polymq.mqtt.wire.Subscription.RetainHandling;
import org.polymq.mqtt.wire.UnsubAck;
import org.polymq.mqtt.wire.Unsubscribe;

/**
 * What a connected client has subscribed to and what it is sent. The messages of a persistent session come from its
 * durable subscription, those of any other from the append. Confined to the connection's event loop.
 */
final class MqttSession {
    private final MqttServices services;
    private final Sender sender;
    private final int maxSubscriptions;
    private final RetainedFeed retained;
    private final LiveFeed live;
    private final @Nullable DurableSession durable;
    private final @Nullable SessionFeed feed;
    /** Filters of a session that is not persistent, those of queues included. */
    private final Map<String, SubscriptionOptions> transientFilters = new HashMap<>();

    private final Competing competing;
    private final SysTopics sys;
    private final Permits permits;
    /** What a subscription is refused with that is not permitted. */
    private final ReasonCode denial;

    private boolean closed;

    /**
     * A session.
     *
     * @param parked QoS 1 packet identifiers of the connection before, by log position
     */
    MqttSession(
            String clientId,
            Lane lane,
            MqttServices services,
            MqttConfig config,
            SysTopics sys,
            Permits permits,
            Sender sender,
            @Nullable DurableSession durable,
            Map<Long, Integer> parked) {
        this.services = services;
        this.sys = sys;
        this.permits = permits;
        this.denial = config.offers().revealDenials() ? ReasonCode.NOT_AUTHORIZED : ReasonCode.UNSPECIFIED_ERROR;
        this.sender = sender;
        this.maxSubscriptions = config.maxSubscriptions();
        this.retained = new RetainedFeed(services.retained(), services.messages(), sender, durable);
        this.live = new LiveFeed(clientId, lane, sender, services.messages(), config.maxBacklog());
        this.competing = new Competing(services, lane, sender, durable);
        this.durable = durable;
        this.feed = durable == null ? null : new SessionFeed(durable, services.messages(), sender, parked);
    }

    /** Takes up what a persistent session left. Called once, after CONNACK. */
    void begin() {
        if (feed != null) {
            dropForbidden();
            feed.begin();
            for (SubscriptionOptions each : feed.filters().values()) {
                if (Competing.isOne(each.filter())) {
                    competing.attach(each, Reply.of(attached -> {}, refused -> {}));
                } else if (SysTopics.isOne(each.filter())) {
                    services.live().subscribe(each.filter(), live, each);
                }
            }
        }
    }

    /** Ends the subscriptions that are not permitted any more; whether there were some. */
    boolean dropForbidden() {
        List<String> forbidden = filters().keySet().stream()
                .filter(filter -> !permits.maySubscribe(filter))
                .toList();
        if (forbidden.isEmpty()) {
            return false;
        }
        forbidden.forEach(filter -> {
            sender.metrics().refused("subscribe");
            leave(filter);
        });
        if (durable != null) {
            durable.unsubscribe(forbidden, Reply.of(done -> forbidden.forEach(competing::removed), refused -> {}));
        }
        return true;
    }

    private Map<String, SubscriptionOptions> filters() {
        return feed == null ? transientFilters : feed.filters();
    }

    /** The session's subscriptions, for a gateway. */
    Kept kept() {
        return new Kept(filters().values().stream()
                .map(each -> new Subscribe(0, each.identifier(), List.of(each.toSubscription())))
                .toList());
    }

    void subscribe(Subscribe packet) {
        Subscribing subscribing = new Subscribing(packet);
        Map<String, byte[]> durably = new HashMap<>();
        for (int i = 0; i < packet.subscriptions().size(); i++) {
            Subscription asked = packet.subscriptions().get(i);
            ReasonCode refusal = refusal(asked);
            if (refusal != null) {
                sender.metrics().refused("subscribe");
                subscribing.reasons[i] = refusal;
                continue;
            }
            SubscriptionOptions options = SubscriptionOptions.of(asked, packet.identifier());
            boolean isNew = !filters().containsKey(asked.filter());
            boolean competed = Competing.isOne(asked.filter());
            if (feed != null) {
                durably.put(asked.filter(), options.toBytes());
                SubscriptionOptions before = feed.put(options);
                if (SysTopics.isOne(asked.filter())) {
                    replaceLive(before, options);
                }
            } else {
                subscribeLive(options, competed);
            }
            if (competed) { // MQTT 5, 4.8.2: no retained messages
                subscribing.open++;
                competing.attach(options, subscribing.replyFor(i));
            } else if (asked.retainHandling() == RetainHandling.SEND
                    || (asked.retainHandling() == RetainHandling.SEND_IF_NEW && isNew)) {
                subscribing.withRetained.add(options);
            }
        }
        if (durable != null && !durably.isEmpty()) {
            subscribing.open++;
            durable.subscribe(durably, subscribing.replyForAll(durably));
        }
        subscribing.done();
    }

    private void subscribeLive(SubscriptionOptions options, boolean competed) {
        SubscriptionOptions before = transientFilters.put(options.filter(), options);
        if (!competed) {
            replaceLive(before, options);
        }
    }

    private void replaceLive(@Nullable SubscriptionOptions before, SubscriptionOptions options) {
        if (options.equals(before)) {
            return;
        }
        services.live().subscribe(options.filter(), live, options);
        if (before != null) {
            services.live().unsubscribe(options.filter(), live, before);
        }
    }

    private @Nullable ReasonCode refusal(Subscription asked) {
        String filter = asked.filter();
        if (!filters().containsKey(filter) && filters().size() >= maxSubscriptions) {
            return ReasonCode.QUOTA_EXCEEDED;
        }
        boolean competed = Competing.isOne(filter);
        if (competed && Competing.isInvalid(filter)) {
            return ReasonCode.TOPIC_FILTER_INVALID;
        }
        if (!permits.maySubscribe(filter)) {
            return denial;
        }
        if (Competing.isQueue(filter)) {
            return unreadable(services.topics().get(Competing.queueOf(filter)));
        }
        String read = competed ? Competing.shareOf(filter).filter() : filter;
        String first = TopicFilter.of(read).firstLevel();
        Topic topic = first == null ? null : services.topics().get(first);
        return topic != null && topic.kind() == TopicKind.QUEUE ? ReasonCode.TOPIC_FILTER_INVALID : unreadable(topic);
    }

    private @Nullable ReasonCode unreadable(@Nullable Topic topic) {
        return topic == null || topic.readable() ? null : denial;
    }

    void unsubscribe(Unsubscribe packet) {
        List<ReasonCode> reasons = new ArrayList<>();
        List<String> durably = new ArrayList<>();
        for (String filter : packet.filters()) {
            boolean known = filters().containsKey(filter);
            reasons.add(known ? ReasonCode.SUCCESS : ReasonCode.NO_SUBSCRIPTION_EXISTED);
            if (!known) {
                continue;
            }
            leave(filter);
            durably.add(filter);
        }
        UnsubAck ack = new UnsubAck(packet.packetId(), reasons, null);
        if (durable == null || durably.isEmpty()) {
            send(ack);
            return;
        }
        durable.unsubscribe(
                durably,
                Reply.of(
                        done -> {
                            durably.forEach(competing::removed);
                            send(ack);
                        },
                        refused -> {
                            ReasonCode reason = Reasons.ofSubscribe(refused.reason());
                            List<ReasonCode> failed = packet.filters().stream()
                                    .map(each -> reason)
                                    .toList();
                            send(new UnsubAck(packet.packetId(), failed, refused.getMessage()));
                        }));
    }

    /** Ends a subscription; the log does not know it yet. */
    private void leave(String filter) {
        competing.remove(filter);
        SubscriptionOptions options = feed == null ? transientFilters.remove(filter) : feed.remove(filter);
        if (feed == null && Competing.isOne(filter)) {
            competing.removed(filter);
        } else if (options != null && (feed == null || SysTopics.isOne(filter))) {
            services.live().unsubscribe(filter, live, options);
        }
    }

    private void send(org.polymq.mqtt.wire.Packet packet) {
        if (!closed) {
            sender.outbox().send(packet);
        }
    }

    /** PUBACK, PUBREC and PUBCOMP. What may be sent in their place waits for {@link #pump}. */
    void acknowledge(Ack ack) {
        sender.acknowledge(ack);
    }

    /** Sends what waits for room. */
    void pump() {
        if (closed) {
            return;
        }
        retained.pump();
        if (feed != null) {
            feed.pump();
        }
        competing.pump();
        live.pump();
    }

    /** Tells the log what the client has answered since the last flush. */
    void beforeFlush() {
        if (feed != null) {
            feed.flush();
        }
        competing.flush();
    }

    /**
     * Leaves all subscriptions.
     *
     * @return QoS 1 packet identifiers that a persistent session uses again, by log position
     */
    Map<Long, Integer> close() {
        closed = true;
        transientFilters.forEach((filter, options) -> {
            if (!Competing.isOne(filter)) {
                services.live().unsubscribe(filter, live, options);
            }
        });
        competing.close();
        if (feed == null) {
            return Map.of();
        }
        feed.filters().forEach((filter, options) -> {
            if (SysTopics.isOne(filter)) {
                services.live().unsubscribe(filter, live, options);
            }
        });
        Map<Long, Integer> unanswered = feed.unanswered();
        feed.close();
        return unanswered;
    }

    /** One SUBSCRIBE on its way: its answer leaves when every filter has one. */
    private final class Subscribing {
        private final Subscribe packet;
        private final @Nullable ReasonCode[] reasons;
        private final List<SubscriptionOptions> withRetained = new ArrayList<>();
        private @Nullable String reasonString;
        /** Answers to wait for; one is ours until all requests are made. */
        private int open = 1;

        private Subscribing(Subscribe packet) {
            this.packet = packet;
            this.reasons = new @Nullable ReasonCode[packet.subscriptions().size()];
        }

        private Reply<Done> replyFor(int index) {
            return Reply.of(ok -> done(), refused -> {
                fail(index, refused);
                done();
            });
        }

        private Reply<Done> replyForAll(Map<String, byte[]> filters) {
            return Reply.of(ok -> done(), refused -> {
                for (int i = 0; i < reasons.length; i++) {
                    if (filters.containsKey(packet.subscriptions().get(i).filter())) {
                        fail(i, refused);
                    }
                }
                withRetained.clear();
                done();
            });
        }

        private void fail(int index, BrokerException refused) {
            sender.metrics().refused("subscribe");
            reasons[index] = Reasons.ofSubscribe(refused.reason());
            reasonString = refused.getMessage();
            filters().remove(packet.subscriptions().get(index).filter());
        }

        private void done() {
            if (--open > 0 || closed) {
                return;
            }
            List<ReasonCode> granted = new ArrayList<>(reasons.length);
            for (int i = 0; i < reasons.length; i++) {
                ReasonCode reason = reasons[i];
                granted.add(
                        reason == null ? granted(packet.subscriptions().get(i).qos()) : reason);
            }
            send(new SubAck(packet.packetId(), granted, reasonString));
            for (SubscriptionOptions each : withRetained) {
                if (SysTopics.isOne(each.filter())) {
                    sys.matching(TopicFilter.of(each.filter())).forEach(value -> live.deliverRetained(value, each));
                } else {
                    retained.add(each);
                }
            }
            retained.pump();
        }

        private ReasonCode granted(int qos) {
            return qos == 0 ? ReasonCode.SUCCESS : qos == 1 ? ReasonCode.GRANTED_QOS_1 : ReasonCode.GRANTED_QOS_2;
        }
    }
}
