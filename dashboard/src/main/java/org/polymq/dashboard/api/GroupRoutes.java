/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Broker;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.group.Group;
import org.polymq.broker.security.Action;
import org.polymq.broker.security.Resource;
import org.polymq.broker.topic.Topic;

/**
 * Native consumer groups over HTTP: their settings, and how far they are. Who may SUB or MANAGE a group sees it. A lag
 * that is not known is left out, never shown as 0.
 */
public final class GroupRoutes {
    private final Broker broker;

    public GroupRoutes(Broker broker) {
        this.broker = broker;
    }

    /** The routes, for {@link Api}. */
    public List<Route> routes() {
        return List.of(
                Route.get("groups", "group list", this::list)
                        .says("Consumer groups of RocketMQ clients. Shows those with SUB or MANAGE.")
                        .text("name", "only names that contain this")
                        .pages("groups", Row.class),
                Route.post("groups", "group create", this::create)
                        .says("Makes a group. Needs MANAGE on it.")
                        .takes(Settings.class)
                        .gives(Details.class),
                Route.get("groups/{group}", "group show", this::show)
                        .says("How far a group is in each queue. Needs SUB or MANAGE on it.")
                        .gives(Details.class),
                Route.put("groups/{group}", "group change", this::change)
                        .says("Changes a group. Needs MANAGE on it.")
                        .takes(Settings.class)
                        .gives(Details.class),
                Route.delete("groups/{group}", "group delete", this::delete)
                        .says("Deletes a group with its offsets. Needs MANAGE on it."),
                Route.post("groups/{group}/reset", "group reset", this::reset)
                        .says("Moves a group in a topic. Needs MANAGE on it.")
                        .takes(Reset.class)
                        .gives(Moved.class),
                Route.post("groups/{group}/purge", "group purge", this::purge)
                        .says("Has a group skip all that it has not consumed of a topic. Needs MANAGE on it.")
                        .takes(Purge.class)
                        .gives(Moved.class));
    }

    // ---- what travels

    private record Row(
            String name,
            boolean enabled,
            int maxRetries,
            int topics,
            @Nullable Long lag) {}

    private record Details(
            String name,
            boolean enabled,
            boolean broadcast,
            boolean orderly,
            int maxRetries,
            @Nullable Long lag,
            String version,
            List<Position> positions) {}

    /**
     * How far a group is in one queue.
     *
     * @param committed the offset to consume next, null if it never committed one
     * @param lag messages from there to the end, null while that is not known
     */
    private record Position(
            String topic,
            int queue,
            @Nullable Long committed,
            long start,
            long end,
            @Nullable Long lag,
            @Nullable String lastConsumed) {}

    private record Settings(
            @Nullable String name,
            @Nullable Boolean enabled,
            @Nullable Boolean broadcast,
            @Nullable Integer maxRetries,
            @Nullable String version) {}

    private record Reset(
            @Nullable String topic,
            @Nullable Integer queue,
            @Nullable String to,
            @Nullable String time,
            @Nullable Long offset) {}

    private record Purge(@Nullable String topic) {}

    /**
     * Where a group is now.
     *
     * @param offsets what it consumes next, by queue
     * @param skipped messages between where it was and where it is, if that is known and it went forward
     */
    private record Moved(
            String group,
            String topic,
            Map<Integer, Long> offsets,
            @Nullable Long skipped) {}

    // ---- handlers

    private void list(Call call, Reply<Object> reply) {
        String containing = call.query("name", "");
        reply.ok(Page.of(call)
                .<Group>answer(
                        "groups",
                        broker.groups().all(),
                        Group::name,
                        group -> group.name().contains(containing) && maySee(call, group.name()),
                        this::row));
    }

    private Row row(Group group) {
        List<Position> positions = positions(group.name());
        return new Row(
                group.name(),
                group.consumeEnabled(),
                group.maxRetries(),
                (int) positions.stream().map(Position::topic).distinct().count(),
                lag(positions));
    }

    private void show(Call call, Reply<Object> reply) {
        Group group = existing(call.path("group"));
        if (!maySee(call, group.name())) {
            call.access().require(Action.SUB, Resource.group(group.name()));
        }
        reply.ok(details(group));
    }

    private Details details(Group group) {
        List<Position> positions = positions(group.name());
        return new Details(
                group.name(),
                group.consumeEnabled(),
                group.broadcastEnabled(),
                group.orderly(),
                group.maxRetries(),
                lag(positions),
                Version.of(group),
                positions);
    }

    private void create(Call call, Reply<Object> reply) {
        Settings wanted = call.body(Settings.class);
        String name = wanted.name() == null ? "" : wanted.name();
        call.about(name);
        if (name.isBlank()) {
            throw new BrokerException(Reason.INVALID_NAME, "the group's name is missing");
        }
        call.access().manageGroup(name);
        if (broker.groups().find(name).isPresent()) {
            throw new BrokerException(Reason.ALREADY_EXISTS, "there is a group '" + name + "' already");
        }
        broker.groups().update(changed(Group.of(name), wanted), call.lane(), Call.mapped(reply, this::details));
    }

    private void change(Call call, Reply<Object> reply) {
        call.access().manageGroup(call.path("group"));
        Group group = existing(call.path("group"));
        Settings wanted = call.body(Settings.class);
        Version.check(wanted.version(), group, "group '" + group.name() + "'");
        broker.groups().update(changed(group, wanted), call.lane(), Call.mapped(reply, this::details));
    }

    private void delete(Call call, Reply<Object> reply) {
        call.access().manageGroup(call.path("group"));
        Group group = existing(call.path("group"));
        broker.groups().delete(group.name(), call.lane(), Call.mapped(reply, was -> new Route.Done(was)));
    }

    private void reset(Call call, Reply<Object> reply) {
        call.access().manageGroup(call.path("group"));
        Group group = existing(call.path("group"));
        Reset wanted = call.body(Reset.class);
        Topic topic = topic(wanted.topic());
        Map<Integer, Long> offsets = new TreeMap<>();
        for (int queue = 0; queue < topic.readQueues(); queue++) {
            if (wanted.queue() == null || wanted.queue() == queue) {
                offsets.put(queue, target(wanted, topic.queueKey(queue)));
            }
        }
        if (offsets.isEmpty()) {
            throw new BrokerException(
                    Reason.QUEUE_NOT_FOUND, "topic '" + topic.name() + "' has no queue " + wanted.queue());
        }
        move(call, reply, group, topic, offsets);
    }

    private void purge(Call call, Reply<Object> reply) {
        call.access().manageGroup(call.path("group"));
        Group group = existing(call.path("group"));
        Topic topic = topic(call.body(Purge.class).topic());
        Map<Integer, Long> offsets = new TreeMap<>();
        for (int queue = 0; queue < topic.readQueues(); queue++) {
            offsets.put(queue, broker.queues().end(topic.queueKey(queue)));
        }
        move(call, reply, group, topic, offsets);
    }

    private void move(Call call, Reply<Object> reply, Group group, Topic topic, Map<Integer, Long> offsets) {
        Long skipped = skipped(group, topic, offsets);
        broker.groups()
                .move(
                        group.name(),
                        topic,
                        offsets,
                        () -> call.lane()
                                .execute(() -> reply.ok(new Moved(group.name(), topic.name(), offsets, skipped))));
    }

    private @Nullable Long skipped(Group group, Topic topic, Map<Integer, Long> offsets) {
        long skipped = 0;
        for (Map.Entry<Integer, Long> each : offsets.entrySet()) {
            long key = topic.queueKey(each.getKey());
            long was = broker.groups().offset(group.name(), key);
            if (was < 0) {
                return null;
            }
            skipped += each.getValue() - Math.max(was, broker.queues().start(key));
        }
        return skipped < 0 ? null : skipped;
    }

    private Topic topic(@Nullable String name) {
        Topic topic = name == null ? null : broker.topics().get(name);
        if (topic == null) {
            throw Page.unknown("topic", String.valueOf(name));
        }
        return topic;
    }

    private long target(Reset wanted, long queue) {
        long start = broker.queues().start(queue);
        long end = broker.queues().end(queue);
        if (wanted.offset() != null) {
            if (wanted.offset() < start || wanted.offset() > end) {
                throw new BrokerException(
                        Reason.OFFSET_OUT_OF_RANGE,
                        "offset is " + wanted.offset() + "; the queue has " + start + " to " + end);
            }
            return wanted.offset();
        }
        if (wanted.time() != null) {
            return broker.queues().offsetAt(queue, Texts.instant(wanted.time()));
        }
        String to = wanted.to() == null ? "" : wanted.to();
        return switch (to) {
            case "earliest" -> start;
            case "latest" -> end;
            default ->
                throw new BrokerException(
                        Reason.INVALID_REQUEST, "say where: to (earliest or latest), time, or offset");
        };
    }

    // ---- parts

    private List<Position> positions(String group) {
        List<Position> positions = new ArrayList<>();
        broker.groups().offsets(group).forEach((queue, committed) -> {
            Topic topic = broker.topics().get((int) (queue >>> 16));
            if (topic != null) {
                positions.add(position(topic, (int) (queue & 0xffff), committed));
            }
        });
        positions.sort(Comparator.comparing(Position::topic).thenComparing(Position::queue));
        return positions;
    }

    private Position position(Topic topic, int queue, long committed) {
        long key = topic.queueKey(queue);
        long start = broker.queues().start(key);
        long end = broker.queues().end(key);
        long last = committed > start && committed <= end ? broker.queues().storeTime(key, committed - 1) : 0;
        return new Position(
                topic.name(),
                queue,
                committed < 0 ? null : committed,
                start,
                end,
                committed < 0 ? null : Math.max(0, end - Math.max(committed, start)),
                last == 0 ? null : Texts.time(last));
    }

    private static @Nullable Long lag(List<Position> positions) {
        long lag = 0;
        for (Position position : positions) {
            if (position.lag() == null) {
                return null;
            }
            lag += position.lag();
        }
        return positions.isEmpty() ? null : lag;
    }

    private static Group changed(Group group, Settings wanted) {
        if (wanted.maxRetries() != null && wanted.maxRetries() < 0) {
            throw new BrokerException(
                    Reason.INVALID_REQUEST, "maxRetries is " + wanted.maxRetries() + "; it has to be 0 or more");
        }
        return new Group(
                group.name(),
                wanted.enabled() == null ? group.consumeEnabled() : wanted.enabled(),
                wanted.broadcast() == null ? group.broadcastEnabled() : wanted.broadcast(),
                wanted.maxRetries() == null ? group.maxRetries() : wanted.maxRetries(),
                group.orderly(),
                group.fromMin(),
                group.notifiesMembers(),
                group.retryQueues(),
                group.retryPolicy(),
                group.attributes());
    }

    private Group existing(String name) {
        return broker.groups()
                .find(name)
                .orElseThrow(
                        () -> new BrokerException(Reason.GROUP_NOT_FOUND, "there is no consumer group '" + name + "'"));
    }

    private static boolean maySee(Call call, String group) {
        Resource resource = Resource.group(group);
        return call.access().may(Action.MANAGE, resource) || call.access().may(Action.SUB, resource);
    }
}
