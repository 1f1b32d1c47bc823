/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

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
import org.polymq.broker.subscription.Consumer;
import org.polymq.broker.subscription.ConsumerOptions;
import org.polymq.broker.subscription.SubscriptionKey;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.TopicSpec;

/**
 * The filters of one session that name what clients compete for: {@code $queue/NAME}, and {@code $share/NAME/filter}
 * (MQTT 5, 4.8.2). Confined to the connection's event loop.
 */
final class Competing {
    private static final String QUEUE = "$queue/";
    private static final String SHARE = "$share/";

    private final MqttServices services;
    private final Lane lane;
    private final Sender sender;
    private final @Nullable DurableSession session;
    private final Map<String, CompetingFeed> feeds = new HashMap<>(0);
    private boolean closed;

    /** Told that a subscription was deleted under its feed. */
    interface Gone {
        void gone(SubscriptionOptions options, CompetingFeed feed);
    }

    /** A shared subscription's share name, and the filter it shares. */
    record Share(String name, String filter) {}

    Competing(MqttServices services, Lane lane, Sender sender, @Nullable DurableSession session) {
        this.services = services;
        this.lane = lane;
        this.sender = sender;
        this.session = session;
    }

    /** Whether the filter is one of these. */
    static boolean isOne(String filter) {
        return isQueue(filter) || isShare(filter);
    }

    static boolean isQueue(String filter) {
        return filter.startsWith(QUEUE);
    }

    static boolean isShare(String filter) {
        return filter.startsWith(SHARE);
    }

    /** The queue's name. */
    static String queueOf(String filter) {
        return filter.substring(QUEUE.length());
    }

    static Share shareOf(String filter) {
        int slash = filter.indexOf('/', SHARE.length());
        return new Share(filter.substring(SHARE.length(), slash), filter.substring(slash + 1));
    }

    /** Whether a well-formed filter names something that cannot be competed for. */
    static boolean isInvalid(String filter) {
        if (isQueue(filter)) {
            String queue = queueOf(filter);
            return queue.isEmpty()
                    || queue.indexOf('/') >= 0
                    || TopicFilter.of(filter).hasWildcards();
        }
        return isOne(shareOf(filter).filter()); // they are competed for as they are
    }

    /** Joins those who compete; what they compete for is made if there is none. */
    void attach(SubscriptionOptions options, Reply<Done> reply) {
        String filter = options.filter();
        if (isQueue(filter)) {
            String name = queueOf(filter);
            Reply<Topic> made = Reply.of(
                    topic -> join(
                            options,
                            feed -> services.subscriptions()
                                    .attach(SubscriptionKey.queue(name), ConsumerOptions.shared(lane), feed),
                            reply),
                    reply::failed);
            services.topics().ensure(TopicSpec.queue(name, Topic.Origin.MQTT), lane, made);
            return;
        }
        Share share = shareOf(filter);
        Reply<Done> made = Reply.of(
                done -> join(
                        options, feed -> services.shared().attach(share.name(), share.filter(), lane, feed), reply),
                reply::failed);
        services.shared().subscribe(share.name(), share.filter(), lane, made);
    }

    private interface Joining {
        Consumer join(CompetingFeed feed);
    }

    private void join(SubscriptionOptions options, Joining joining, Reply<Done> reply) {
        if (closed) {
            return;
        }
        CompetingFeed old = feeds.remove(options.filter());
        if (old != null) {
            old.close();
        }
        CompetingFeed joined = new CompetingFeed(options, sender, session, this::gone);
        try {
            joined.start(joining.join(joined));
        } catch (BrokerException refused) {
            reply.failed(refused);
            return;
        }
        feeds.put(options.filter(), joined);
        reply.ok(Done.DONE);
    }

    // A deleted queue is gone; a shared subscription was ended by whom it looked unused, and this session uses it.
    private void gone(SubscriptionOptions options, CompetingFeed feed) {
        if (feeds.remove(options.filter(), feed) && isShare(options.filter())) {
            attach(options, Reply.of(attached -> {}, refused -> sender.metrics().refused("subscribe")));
        }
    }

    /** The client has unsubscribed. */
    void remove(String filter) {
        CompetingFeed feed = feeds.remove(filter);
        if (feed != null) {
            feed.close();
        }
    }

    /** The client has unsubscribed, and the log knows it. */
    void removed(String filter) {
        if (isShare(filter)) {
            Share share = shareOf(filter);
            services.shared().left(share.name(), share.filter(), lane);
        }
    }

    void pump() {
        if (!feeds.isEmpty()) {
            List.copyOf(feeds.values()).forEach(ConsumerFeed::pump);
        }
    }

    void flush() {
        if (!feeds.isEmpty()) {
            feeds.values().forEach(ConsumerFeed::flush);
        }
    }

    void close() {
        closed = true;
        feeds.values().forEach(ConsumerFeed::close);
        feeds.clear();
    }
}
