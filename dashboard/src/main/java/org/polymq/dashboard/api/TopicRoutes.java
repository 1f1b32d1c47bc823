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
                Route.get("topics", "topic list", this::list)
                        .says("Topics and queues. Shows those with SUB or MANAGE.")
                        .text("name", "only names that contain this")
                        .text("kind", "topic or queue")
                        .flag("system", "the broker's own too")
                        .pages("topics", TopicView.class),
                Route.post("topics", "topic create", this::create)
                        .says("Makes a topic or a queue. Needs MANAGE on it.")
                        .takes(NewTopic.class)
                        .gives(TopicView.class),
                Route.get("topics/{topic}", "topic show", this::show)
                        .says("One topic or queue, with its queues. Needs SUB or MANAGE on it.")
                        .gives(Details.class),
                Route.put("topics/{topic}", "topic change", this::change)
                        .says("Changes one. Needs MANAGE on it.")
                        .takes(Change.class)
                        .gives(TopicView.class),
                Route.delete("topics/{topic}", "topic delete", this::delete)
                        .says("Deletes one with its messages. Needs MANAGE on it."),
                Route.post("topics/{topic}/purge", "topic purge", this::purge)
                        .says(
                                "Takes everything that waits in a queue; nobody is handed it any more. Needs MANAGE on it.")
                        .gives(Taken.class));
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
            String version,
            List<QueueView> perQueue) {}

    private record Taken(long taken) {}

    private record NewTopic(
            @Nullable String name,
            @Nullable String kind,
            @Nullable Integer queues,
            @Nullable String retention) {}

    private record Change(
            @Nullable Integer queues,
            @Nullable String retention,
            @Nullable Boolean readable,
            @Nullable Boolean writable,
            @Nullable String version) {}

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
                Version.of(same(topic)),
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
        TopicSpec same = same(topic);
        Version.check(change.version(), same, "'" + topic.name() + "'");
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
        broker.topics().delete(topic.name(), call.lane(), Call.mapped(reply, was -> new Route.Done(was)));
    }

    private void purge(Call call, Reply<Object> reply) {
        Topic topic = managed(call);
        if (topic.kind() != TopicKind.QUEUE) {
            throw new BrokerException(
                    Reason.WRONG_KIND,
                    "'" + topic.name() + "' is a topic, whose messages are for its subscribers: purge a group or a"
                            + " subscription");
        }
        broker.subscriptions().purge(SubscriptionKey.queue(topic.name()), call.lane(), Call.mapped(reply, Taken::new));
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

    private static TopicSpec same(Topic topic) {
        return new TopicSpec(
                topic.name(),
                topic.kind(),
                topic.writeQueues(),
                topic.readQueues(),
                topic.permissions(),
                topic.ordered(),
                topic.origin(),
                topic.retentionMillis(),
                topic.attributes());
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
