/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.EventExecutorGroup;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.subscription.SubscriptionKey;
import org.polymq.broker.subscription.Subscriptions;
import org.polymq.broker.topic.Topic;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The groups that consume by POP at the moment, spread over the event loops. Safe from any thread. */
final class PopGroups {
    /** Before a queue's name: a group of this name takes the queue's messages away from its JMS and MQTT consumers. */
    private static final String QUEUE_GROUP = "%QUEUE%";

    private static final long UNUSED_MILLIS = 60_000;
    private static final Logger log = LoggerFactory.getLogger(PopGroups.class);

    private final PopContext context;
    private final EventExecutor executor;
    private final Map<Key, PopGroup> groups = new ConcurrentHashMap<>();

    private record Key(String group, int topicId) {}

    PopGroups(PopContext context, EventExecutor executor) {
        this.context = context;
        this.executor = executor;
    }

    static boolean isQueueGroup(String group) {
        return group.startsWith(QUEUE_GROUP);
    }

    /** The queue that a group of this name competes on. */
    static String queueOf(String group) {
        return group.substring(QUEUE_GROUP.length());
    }

    /** Asks for messages. */
    void submit(Topic topic, PopGroup.Question question) {
        String group = question.header().consumerGroup();
        groups.computeIfAbsent(new Key(group, topic.id()), key -> make(key, topic))
                .submit(question, () -> submit(topic, question));
    }

    private PopGroup make(Key key, Topic topic) {
        EventExecutorGroup all = executor.parent();
        EventExecutor mine = all == null ? executor : all.next();
        return new PopGroup(context, key.group(), topic, mine, () -> groups.remove(key));
    }

    /** A group at work on a topic, or null. */
    @Nullable
    PopGroup find(String group, Topic topic) {
        return groups.get(new Key(group, topic.id()));
    }

    /**
     * Ends a group's work on a topic because its position is changed; its members ask again and begin there.
     *
     * @param change changes the committed offsets when nothing of before can come between; on the group's lane
     */
    void reset(String group, Topic topic, Runnable change) {
        PopGroup found = find(group, topic);
        if (found == null) {
            change.run();
        } else {
            found.reset(change);
        }
    }

    /** Ends a group's work on a topic because it pulls from now on, or has pulled: it begins where its offsets are. */
    void end(String group, Topic topic) {
        PopGroup found = find(group, topic);
        if (found != null) {
            found.end("the group's mode was changed: ask which queues you have");
        }
    }

    /**
     * A group is to go on at an offset below which it acknowledged everything by POP: what it acknowledged from there
     * on does not count any more. Members that pop at the moment are told to ask again.
     *
     * @param queue the log's number of a queue of the topic
     */
    void goBack(String group, Topic topic, long queue, long offset) {
        Subscriptions subscriptions = context.broker().subscriptions();
        SubscriptionKey key = SubscriptionKey.pop(group, topic.name(), (int) (queue & 0xFFFF));
        if (subscriptions.floor(key, queue) > offset) {
            subscriptions.open(
                    key,
                    queue,
                    offset,
                    Lane.direct(),
                    Reply.of(
                            done -> {},
                            refused -> log.warn(
                                    "the group {} does not go back to {} in {}: {}",
                                    group,
                                    offset,
                                    topic.name(),
                                    refused.getMessage())));
        }
    }

    /** How many messages of a topic members of a group have. */
    int inFlight(String group, Topic topic) {
        PopGroup found = find(group, topic);
        return found == null ? 0 : found.inFlight();
    }

    /** Ends what nobody uses any more. */
    void sweep() {
        long before = context.now() - UNUSED_MILLIS;
        groups.values().forEach(group -> group.closeIfUnusedSince(before));
    }
}
