/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Broker;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.message.Names;
import org.polymq.broker.security.Action;
import org.polymq.broker.security.Resource;
import org.polymq.broker.stats.Meter;
import org.polymq.broker.subscription.SubscriptionKey;
import org.polymq.broker.subscription.Subscriptions;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.TopicKind;
import org.polymq.broker.topic.TopicSpec;

/**
 * Topics and queues over HTTP. Who may SUB or MANAGE one sees it; changes need MANAGE on it. Names are canonical: the
 * first level of an MQTT name, or a queue's name.
 */
public final class TopicRoutes {
    private final Broker broker;

    public TopicRoutes(Broker broker) {
        this.broker = broker;
    }

    /** The routes, for {@link Api}. */
    public List<Route> routes() {
        return List.of(
                Route.get("topics", "topic list", this::list),
                Route.post("topics", "topic create", this::create),
                Route.get("topics/{topic}", "topic show", this::show),
                Route.put("topics/{topic}", "topic change", this::change),
                Route.delete("topics/{topic}", "topic delete", this::delete));
    }

    // ---- what travels

    private record TopicView(
            String name,
            String kind,
            int queues,
            String origin,
            String retention,
            boolean readable,
            boolean writable,
            long stored,
            @Nullable Long waiting,
            double storedPerSecond) {}

    private record QueueView(
            int queue,
            long start,
            long end,
            long stored,
            @Nullable String lastStored) {}

    private record Details(
            String name,
            String kind,
            int queues,
            int readQueues,
            String origin,
            String retention,
            boolean readable,
            boolean writable,
            boolean ordered,
            long stored,
            @Nullable Long waiting,
            double storedPerSecond,
            Map<String, String> attributes,
            String mqttName,
            String jmsName,
            String nativeName,
            List<QueueView> perQueue) {}

    private record NewTopic(
            @Nullable String name,
            @Nullable String kind,
            @Nullable Integer queues,
            @Nullable String retention) {}

    private record Change(
            @Nullable Integer queues,
            @Nullable String retention,
            @Nullable Boolean readable,
            @Nullable Boolean writable) {}

    // ---- handlers

    private void list(Call call, Reply<Object> reply) {
        String containing = call.query("name", "");
        String kind = call.query("kind", "");
        boolean system = call.flag("system", false);
        Page page = Page.of(call);
        reply.ok(page.<Topic>answer(
                "topics",
                broker.topics().all(),
                Topic::name,
                topic -> topic.name().contains(containing)
                        && (kind.isEmpty() || kindName(topic).equals(kind))
                        && (system || !Names.isSystem(topic.name()))
                        && maySee(call, topic),
                this::view));
    }

    private void show(Call call, Reply<Object> reply) {
        Topic topic = visible(call);
        List<QueueView> queues = new ArrayList<>();
        for (int queue = 0; queue < topic.queues(); queue++) {
            long key = topic.queueKey(queue);
            long start = broker.queues().start(key);
            long end = broker.queues().end(key);
            long last = end > start ? broker.queues().storeTime(key, end - 1) : 0;
            queues.add(new QueueView(queue, start, end, end - start, last == 0 ? null : Texts.time(last)));
        }
        reply.ok(new Details(
                topic.name(),
                kindName(topic),
                topic.writeQueues(),
                topic.readQueues(),
                topic.origin().name().toLowerCase(Locale.ROOT),
                Texts.duration(topic.retentionMillis(), "default"),
                topic.readable(),
                topic.writable(),
                topic.ordered(),
                stored(topic),
                waiting(topic),
                perSecond(topic),
                topic.attributes(),
                topic.kind() == TopicKind.QUEUE ? "$queue/" + topic.name() : topic.name(),
                topic.kind() == TopicKind.QUEUE ? topic.name() : Names.toJms(Names.ofMqtt(topic.name())),
                Names.toNative(topic.name()),
                queues));
    }

    private void create(Call call, Reply<Object> reply) {
        NewTopic wanted = call.body(NewTopic.class);
        String name = Optional.ofNullable(wanted.name()).orElse("");
        call.about(name);
        if (name.isEmpty() || name.contains("/")) {
            throw new BrokerException(
                    Reason.INVALID_NAME,
                    "a topic is made by its first level, without '/'; what is below it needs no making");
        }
        Names.checkNative(Names.toNative(Names.ofMqtt(name).topic()));
        call.access().require(Action.MANAGE, resource(name, kind(wanted.kind())));
        if (broker.topics().get(name) != null) {
            throw new BrokerException(Reason.ALREADY_EXISTS, "there is a topic '" + name + "' already");
        }
        TopicSpec spec = kind(wanted.kind()) == TopicKind.QUEUE
                ? TopicSpec.queue(name, Topic.Origin.ADMIN)
                : TopicSpec.topic(name, queues(wanted.queues(), 4), Topic.Origin.ADMIN);
        broker.topics()
                .update(
                        with(spec, spec.writeQueues(), Texts.millis(wanted.retention(), 0), spec.permissions()),
                        call.lane(),
                        Call.mapped(reply, this::view));
    }

    private void change(Call call, Reply<Object> reply) {
        Topic topic = managed(call);
        Change change = call.body(Change.class);
        int permissions = bit(bit(topic.permissions(), Topic.READ, change.readable()), Topic.WRITE, change.writable());
        TopicSpec same = new TopicSpec(
                topic.name(),
                topic.kind(),
                topic.writeQueues(),
                topic.readQueues(),
                topic.permissions(),
                topic.ordered(),
                topic.origin(),
                topic.retentionMillis(),
                topic.attributes());
        broker.topics()
                .update(
                        with(
                                same,
                                queues(change.queues(), topic.writeQueues()),
                                Texts.millis(change.retention(), topic.retentionMillis()),
                                permissions),
                        call.lane(),
                        Call.mapped(reply, this::view));
    }

    private void delete(Call call, Reply<Object> reply) {
        Topic topic = managed(call);
        broker.topics().delete(topic.name(), call.lane(), Call.mapped(reply, was -> Map.of("done", was)));
    }

    // ---- parts

    private TopicView view(Topic topic) {
        return new TopicView(
                topic.name(),
                kindName(topic),
                topic.writeQueues(),
                topic.origin().name().toLowerCase(Locale.ROOT),
                Texts.duration(topic.retentionMillis(), "default"),
                topic.readable(),
                topic.writable(),
                stored(topic),
                waiting(topic),
                perSecond(topic));
    }

    private long stored(Topic topic) {
        long stored = 0;
        for (int queue = 0; queue < topic.queues(); queue++) {
            long key = topic.queueKey(queue);
            stored += broker.queues().end(key) - broker.queues().start(key);
        }
        return stored;
    }

    /** Of a queue: messages that nobody is done with; null for a topic. */
    private @Nullable Long waiting(Topic topic) {
        return topic.kind() == TopicKind.QUEUE
                ? broker.subscriptions()
                        .find(SubscriptionKey.queue(topic.name()))
                        .map(Subscriptions.Info::pending)
                        .orElse(0L)
                : null;
    }

    private double perSecond(Topic topic) {
        long now = System.currentTimeMillis();
        return broker.published()
                .find(topic.id())
                .map(meter -> Texts.rounded(rate(meter, now)))
                .orElse(0.0);
    }

    private static double rate(Meter meter, long now) {
        return meter.minute(now).perSecond();
    }

    private Topic visible(Call call) {
        Topic topic = existing(call);
        if (!maySee(call, topic)) {
            call.access().require(Action.SUB, resource(topic.name(), topic.kind()));
        }
        return topic;
    }

    private Topic managed(Call call) {
        Topic topic = existing(call);
        call.access().require(Action.MANAGE, resource(topic.name(), topic.kind()));
        return topic;
    }

    private Topic existing(Call call) {
        Topic topic = broker.topics().get(call.path("topic"));
        if (topic == null) {
            throw Page.unknown("topic or queue", call.path("topic"));
        }
        return topic;
    }

    private static boolean maySee(Call call, Topic topic) {
        Resource resource = resource(topic.name(), topic.kind());
        return call.access().may(Action.MANAGE, resource) || call.access().may(Action.SUB, resource);
    }

    private static Resource resource(String name, TopicKind kind) {
        return kind == TopicKind.QUEUE ? Resource.queue(name) : Resource.topic(name);
    }

    private static TopicSpec with(TopicSpec spec, int queues, long retentionMillis, int permissions) {
        return new TopicSpec(
                spec.name(),
                spec.kind(),
                queues,
                Math.max(queues, spec.readQueues()),
                permissions,
                spec.ordered(),
                spec.origin(),
                retentionMillis,
                spec.attributes());
    }

    private static int bit(int bits, int bit, @Nullable Boolean on) {
        if (on == null) {
            return bits;
        }
        return on ? bits | bit : bits & ~bit;
    }

    private static int queues(@Nullable Integer asked, int otherwise) {
        int queues = asked == null ? otherwise : asked;
        if (queues < 1 || queues > Topic.MAX_QUEUES) {
            throw new BrokerException(
                    Reason.INVALID_REQUEST, "queues is " + queues + "; it has to be 1 to " + Topic.MAX_QUEUES);
        }
        return queues;
    }

    private static String kindName(Topic topic) {
        return topic.kind().name().toLowerCase(Locale.ROOT);
    }

    private static TopicKind kind(@Nullable String name) {
        if (name == null || name.equals("topic")) {
            return TopicKind.TOPIC;
        }
        if (name.equals("queue")) {
            return TopicKind.QUEUE;
        }
        throw new BrokerException(Reason.INVALID_REQUEST, "kind is '" + name + "'; it has to be topic or queue");
    }
}
