/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Broker;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.message.Destination;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.publish.Outgoing;
import org.polymq.broker.security.Action;
import org.polymq.broker.security.Resource;
import org.polymq.broker.subscription.Settlement;
import org.polymq.broker.subscription.SubscriptionKey;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.TopicKind;
import org.polymq.broker.topic.TopicSpec;

/**
 * Dead letters over HTTP: the queues {@code %DLQ%NAME} of groups and JMS subscriptions, what waits in them and why, and
 * sending it again. A letter that is sent again is gone from its queue in the same entry of the log.
 */
final class DeadLetterRoutes {
    private static final int MOST = 200;
    private static final int USUAL = 20;
    /** How many offsets one page looks at. */
    private static final int LOOKED_AT = 20_000;

    private final Broker broker;
    private final Letters letters;
    private final Aside aside;

    DeadLetterRoutes(Broker broker) {
        this.broker = broker;
        this.letters = new Letters(broker);
        this.aside = new Aside(broker.coldReads());
    }

    List<Route> routes() {
        return List.of(
                Route.get("dead-letters", "dead letters list", this::list)
                        .says("Queues of dead letters. Shows those with SUB or MANAGE on the group or subscription.")
                        .text("name", "only names that contain this")
                        .pages("queues", QueueRow.class),
                Route.get("dead-letters/{queue}", "dead letters show", this::show)
                        .says("What waits in a queue of dead letters, and why. Needs SUB on the group or subscription.")
                        .number("offset", "the first offset; what waits longest if not given")
                        .number("limit", "how many, 1 to " + MOST)
                        .gives(Shown.class),
                Route.post("dead-letters/{queue}/resend", "dead letters resend", this::resend)
                        .says("Sends letters again: to the RocketMQ group that did not consume them, or to the topic or"
                                + " queue they were published to, all of whose subscribers get them. Needs MANAGE on the"
                                + " group or subscription, and PUB on that topic or queue.")
                        .takes(Resend.class)
                        .gives(Resent.class));
    }

    // ---- what travels

    private record QueueRow(String queue, String of, long waiting, long stored) {}

    private record LetterRow(
            long position,
            long offset,
            String storedAt,
            @Nullable String topic,
            @Nullable String messageId,
            @Nullable String reason,
            @Nullable Integer deliveries,
            int size,
            String preview) {}

    /** @param next the offset to go on from; missing at the end */
    private record Shown(List<LetterRow> letters, @Nullable Long next) {}

    private record Resend(@Nullable List<Long> positions) {}

    private record Refused(long position, String message) {}

    private record Resent(int resent, List<Refused> refused) {}

    // ---- handlers

    private void list(Call call, Reply<Object> reply) {
        String containing = call.query("name", "");
        reply.ok(Page.of(call)
                .<Topic>answer(
                        "queues",
                        broker.topics().all(),
                        Topic::name,
                        topic -> isLetters(topic) && topic.name().contains(containing) && maySee(call, topic),
                        this::row));
    }

    private static boolean isLetters(Topic topic) {
        return topic.kind() == TopicKind.QUEUE && topic.name().startsWith(Letters.PREFIX);
    }

    private static boolean maySee(Call call, Topic topic) {
        Resource resource = Resource.queue(topic.name());
        return call.access().may(Action.MANAGE, resource) || call.access().may(Action.SUB, resource);
    }

    private QueueRow row(Topic topic) {
        long key = topic.queueKey(0);
        long waiting = broker.subscriptions()
                .find(SubscriptionKey.queue(topic.name()))
                .map(info -> info.pending())
                .orElse(0L);
        return new QueueRow(
                topic.name(),
                topic.name().substring(Letters.PREFIX.length()),
                waiting,
                broker.queues().end(key) - broker.queues().start(key));
    }

    private void show(Call call, Reply<Object> reply) {
        Topic topic = existing(call.path("queue"));
        call.access().require(Action.SUB, Resource.queue(topic.name()));
        int limit = (int) call.number("limit", USUAL, 1, MOST);
        long from = call.number("offset", 0, 0, Long.MAX_VALUE);
        aside.run(call, reply, () -> page(topic, from, limit));
    }

    private Shown page(Topic topic, long from, int limit) {
        SubscriptionKey key = SubscriptionKey.queue(topic.name());
        long queue = topic.queueKey(0);
        long begin = Math.max(
                from,
                Math.max(broker.queues().start(queue), broker.subscriptions().floor(key, queue)));
        List<LetterRow> rows = new ArrayList<>();
        long[] next = {begin};
        if (begin < broker.queues().end(queue)) {
            broker.queues().visit(queue, begin, LOOKED_AT, (offset, position, size, tagHash, expiresAt) -> {
                if (rows.size() == limit) {
                    return false;
                }
                next[0] = offset + 1;
                if (!broker.subscriptions().isDone(key, queue, offset)) {
                    rows.add(letter(topic.name(), broker.messages().read(position), offset));
                }
                return true;
            });
        }
        return new Shown(rows, next[0] < broker.queues().end(queue) ? next[0] : null);
    }

    private LetterRow letter(String queue, StoredMessage stored, long offset) {
        Letters.Story story = letters.story(queue, stored);
        MessageViews.Body body = MessageViews.body(stored, MessageViews.PREVIEW);
        return new LetterRow(
                stored.position(),
                offset,
                Texts.time(stored.storeTime()),
                story.path() == null ? story.topic() : story.topic() + "/" + story.path(),
                story.messageId(),
                story.reason(),
                story.deliveries(),
                body.size(),
                body.content());
    }

    private void resend(Call call, Reply<Object> reply) {
        Topic topic = existing(call.path("queue"));
        call.access().require(Action.MANAGE, Resource.queue(topic.name()));
        List<Long> positions = call.body(Resend.class).positions();
        if (positions == null || positions.isEmpty() || positions.size() > MOST) {
            throw new BrokerException(Reason.INVALID_REQUEST, "positions has to be 1 to " + MOST + " positions");
        }
        call.about(positions.size() + " letters");
        aside.threads().execute(() -> new Resending(call, reply, topic, positions).next());
    }

    /** Sends letters one after the other. Runs on the threads for reading; one step at a time. */
    private final class Resending {
        private final Call call;
        private final Reply<Object> reply;
        private final Topic topic;
        private final Deque<Long> left;
        private final List<Refused> refused = new ArrayList<>();
        private int resent;

        private Resending(Call call, Reply<Object> reply, Topic topic, List<Long> positions) {
            this.call = call;
            this.reply = reply;
            this.topic = topic;
            this.left = new ArrayDeque<>(positions);
        }

        private void next() {
            Long position = left.poll();
            if (position == null) {
                Resent result = new Resent(resent, refused);
                call.lane().execute(() -> reply.ok(result));
                return;
            }
            Reply<Object> done = Reply.of(
                    stored -> aside.threads().execute(() -> {
                        resent++;
                        next();
                    }),
                    cause -> aside.threads().execute(() -> {
                        refused.add(new Refused(position, String.valueOf(cause.getMessage())));
                        next();
                    }));
            try {
                send(position, done);
            } catch (BrokerException cause) {
                done.failed(cause);
            }
        }

        private void send(long position, Reply<Object> done) {
            StoredMessage letter = broker.messages().read(position);
            long queue = topic.queueKey(letter.queueId());
            long offset = broker.queues().offsetOf(queue, position);
            if (letter.topicId() != topic.id()) {
                throw new BrokerException(
                        Reason.TOPIC_NOT_FOUND, "no letter of '" + topic.name() + "' is at position " + position);
            }
            String retryTopic = letters.story(topic.name(), letter).retryTopic();
            if (retryTopic != null) {
                TopicSpec spec = TopicSpec.topic(retryTopic, 1, Topic.Origin.NATIVE);
                broker.topics()
                        .ensure(
                                spec,
                                Lane.direct(),
                                Reply.of(ready -> commit(letter, queue, offset, done), done::failed));
            } else {
                commit(letter, queue, offset, done);
            }
        }

        private void commit(StoredMessage letter, long queue, long offset, Reply<Object> done) {
            Outgoing outgoing;
            Settlement settlement;
            try {
                outgoing = letters.again(topic.name(), letter, Lane.direct());
                mayPublish(outgoing);
                settlement = broker.subscriptions().take(SubscriptionKey.queue(topic.name()), queue, offset);
            } catch (BrokerException cause) {
                done.failed(cause);
                return;
            }
            broker.publisher()
                    .commit(List.of(outgoing), List.of(settlement), Lane.direct(), Reply.of(done::ok, done::failed));
        }

        private void mayPublish(Outgoing outgoing) {
            String name = outgoing.message().address().name();
            try {
                call.access()
                        .publish(
                                outgoing.kind() == TopicKind.QUEUE ? Destination.queue(name) : Destination.topic(name));
            } catch (BrokerException cause) {
                outgoing.abandon();
                throw cause;
            }
        }
    }

    private Topic existing(String name) {
        Topic topic = broker.topics().get(name);
        if (topic == null || !isLetters(topic)) {
            throw Page.unknown("queue of dead letters", name);
        }
        return topic;
    }
}
