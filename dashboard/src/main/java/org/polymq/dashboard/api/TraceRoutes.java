/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Broker;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.group.Group;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.subscription.Progress;
import org.polymq.broker.topic.Topic;

/**
 * What became of one message, over HTTP, from what the log and its views know: when and by whom it was stored, how far
 * each subscription and group is with it, and its copies among retries and dead letters. What went to somebody without
 * a durable subscription is not written down, and when somebody acknowledged neither: that is known while a trace of
 * the topic or client runs.
 */
final class TraceRoutes {
    /** Topics of retries and dead letters that are searched for copies. */
    private static final int SEARCHED = 100;

    private static final int COPIES = 20;

    private final Broker broker;
    private final Letters letters;
    private final Aside aside;

    TraceRoutes(Broker broker) {
        this.broker = broker;
        this.letters = new Letters(broker);
        this.aside = new Aside(broker.coldReads());
    }

    List<Route> routes() {
        return List.of(Route.get("messages/{position}/trace", "message trace", this::trace)
                .says("What became of a message: stored, delivered to whom, acknowledged, redelivered, dead-lettered."
                        + " Needs SUB on all of its topic, and MANAGE on the cluster.")
                .gives(Trace.class));
    }

    // ---- what travels

    /**
     * The trace.
     *
     * @param state {@code stored}, {@code delayed} until it is due, or {@code gone} from its queue
     * @param producer client id of a JMS or MQTT publisher
     * @param retained whether later MQTT subscribers get it first
     * @param steps when and to whom it went, of traces that followed it
     */
    private record Trace(
            long position,
            @Nullable String id,
            String topic,
            int queue,
            @Nullable Long offset,
            String state,
            String storedAt,
            String bornAt,
            String origin,
            @Nullable String producer,
            @Nullable String bornHost,
            @Nullable String dueAt,
            @Nullable String expiresAt,
            boolean retained,
            List<Reader> subscriptions,
            List<Consumed> groups,
            List<Copy> copies,
            List<TracingRoutes.Step> steps) {}

    /**
     * How far a subscription is.
     *
     * @param state {@code waiting}, {@code in flight} or {@code acknowledged}
     * @param returned how often it came back from an application
     */
    private record Reader(String subscription, String state, int returned) {}

    /**
     * How far a native group is, which consumes by offset.
     *
     * @param state {@code consumed} or {@code waiting}; {@code unknown} for a group that never committed here
     * @param committed the offset it consumes next
     */
    private record Consumed(
            String group, String state, @Nullable Long committed) {}

    /** @param what {@code retry} or {@code dead letter} */
    private record Copy(
            String what,
            String topic,
            long position,
            String storedAt,
            @Nullable String reason) {}

    // ---- handlers

    private void trace(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        long position = call.pathNumber("position");
        aside.threads().execute(() -> {
            Reply<Object> onLane = Reply.of(
                    value -> call.lane().execute(() -> reply.ok(value)),
                    refused -> call.lane().execute(() -> reply.failed(refused)));
            try {
                trace(call, position, onLane);
            } catch (BrokerException refused) {
                onLane.failed(refused);
            }
        });
    }

    private void trace(Call call, long position, Reply<Object> reply) {
        StoredMessage stored = MessageRoutes.existing(broker, position);
        Topic topic = broker.topics().get(stored.topicId());
        if (topic == null) {
            throw new BrokerException(Reason.TOPIC_NOT_FOUND, "the message's topic is deleted");
        }
        call.access().read(topic.name());
        long queue = topic.queueKey(stored.queueId());
        Long offset = offset(queue, position);
        List<Progress> progress = offset == null
                ? List.of()
                : broker.subscriptions().progress(stored.address().name(), queue, position);
        List<Consumed> groups = offset == null ? List.of() : groups(queue, offset);
        Deque<String> places = new ArrayDeque<>();
        for (Consumed group : groups) {
            addIfThere("%RETRY%" + group.group(), places);
            addIfThere(Letters.PREFIX + group.group(), places);
        }
        for (Progress one : progress) {
            addIfThere(broker.redeliveries().deadLetterQueue(one.key()), places);
        }
        String id = stored.id();
        List<Reader> readers = progress.stream()
                .map(TraceRoutes::reader)
                .sorted(Comparator.comparing(Reader::subscription))
                .toList();
        copies(
                id,
                places,
                new ArrayList<>(),
                Reply.of(copies -> reply.ok(view(stored, offset, readers, groups, copies)), reply::failed));
    }

    private @Nullable Long offset(long queue, long position) {
        long offset = broker.queues().offsetOf(queue, position);
        long[] found = {-1};
        if (offset < broker.queues().end(queue)) {
            broker.queues().visit(queue, offset, 1, (at, there, size, tagHash, expiresAt) -> {
                found[0] = there == position ? at : -1;
                return false;
            });
        }
        return found[0] < 0 ? null : found[0];
    }

    private static Reader reader(Progress progress) {
        String state = progress.done() ? "acknowledged" : progress.inHand() ? "in flight" : "waiting";
        return new Reader(SubscriptionRoutes.id(progress.key()), state, progress.returns());
    }

    /** The groups that ever committed in this queue. */
    private List<Consumed> groups(long queue, long offset) {
        List<Consumed> consumed = new ArrayList<>();
        for (Group group : broker.groups().all()) {
            long committed = broker.groups().offset(group.name(), queue);
            if (committed >= 0) {
                consumed.add(new Consumed(group.name(), committed > offset ? "consumed" : "waiting", committed));
            }
        }
        consumed.sort(Comparator.comparing(Consumed::group));
        return consumed;
    }

    private void addIfThere(String topic, Deque<String> places) {
        if (places.size() < SEARCHED && broker.topics().get(topic) != null && !places.contains(topic)) {
            places.add(topic);
        }
    }

    /** Copies keep the message's id: looks for it in one topic after the other. */
    private void copies(@Nullable String id, Deque<String> places, List<Copy> found, Reply<List<Copy>> reply) {
        String topic = places.poll();
        if (topic == null || id == null) {
            found.sort(Comparator.comparing(Copy::position));
            reply.ok(found);
            return;
        }
        broker.finder()
                .byId(
                        topic,
                        id,
                        0,
                        Long.MAX_VALUE,
                        COPIES,
                        Lane.direct(),
                        Reply.of(
                                copies -> {
                                    copies.forEach(copy -> found.add(copy(topic, copy)));
                                    copies(id, places, found, reply);
                                },
                                reply::failed));
    }

    private Copy copy(String topic, StoredMessage stored) {
        boolean dead = topic.startsWith(Letters.PREFIX);
        return new Copy(
                dead ? "dead letter" : "retry",
                topic,
                stored.position(),
                Texts.time(stored.storeTime()),
                dead ? letters.story(topic, stored).reason() : null);
    }

    private Trace view(
            StoredMessage stored,
            @Nullable Long offset,
            List<Reader> readers,
            List<Consumed> groups,
            List<Copy> copies) {
        Message headers = stored.toHeaders();
        boolean delayed = offset == null && stored.deliverAt() > System.currentTimeMillis();
        return new Trace(
                stored.position(),
                stored.id(),
                stored.address().name(),
                stored.queueId(),
                offset,
                offset != null ? "stored" : delayed ? "delayed" : "gone",
                Texts.time(stored.storeTime()),
                Texts.time(stored.bornTime()),
                MessageViews.origin(stored),
                stored.producer(),
                MessageViews.bornHost(headers),
                stored.deliverAt() == 0 ? null : Texts.time(stored.deliverAt()),
                stored.expiresAt() == 0 ? null : Texts.time(stored.expiresAt()),
                stored.isRetain(),
                readers,
                groups,
                copies,
                broker.traces().of(stored.position()).stream()
                        .map(TracingRoutes.Step::of)
                        .toList());
    }
}
