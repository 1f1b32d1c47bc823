/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.polymq.broker.group.Group;
import org.polymq.broker.group.Groups;
import org.polymq.broker.state.QueueReader;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.Topics;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.JsonText;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.RequestCode;
import org.polymq.remoting.wire.ResponseCode;

/** Codes 43, 208, 303, 308, 314 and 317: how far groups are. */
final class OffsetAdmin {
    private final Topics topics;
    private final Groups groups;
    private final QueueReader queues;
    private final ConsumerGroups members;
    private final TopicDirectory directory;
    private final NativeStats stats;
    private final PopGroups pops;

    OffsetAdmin(
            Topics topics,
            Groups groups,
            QueueReader queues,
            ConsumerGroups members,
            TopicDirectory directory,
            NativeStats stats,
            PopGroups pops) {
        this.topics = topics;
        this.groups = groups;
        this.queues = queues;
        this.members = members;
        this.directory = directory;
        this.stats = stats;
        this.pops = pops;
    }

    void addTo(Map<Integer, RequestHandler> handlers) {
        handlers.put(RequestCode.GET_ALL_CONSUMER_OFFSET, this::all);
        handlers.put(RequestCode.GET_CONSUME_STATS, this::progress);
        handlers.put(RequestCode.QUERY_CONSUME_TIME_SPAN, this::timeSpan);
        handlers.put(RequestCode.QUERY_CORRECTION_OFFSET, this::correction);
        handlers.put(RequestCode.CLONE_GROUP_OFFSET, this::cloneOffsets);
        handlers.put(RequestCode.GET_BROKER_CONSUME_STATS, this::progressOfAll);
    }

    private void all(RemotingCommand request, NativeConnection from) {
        JsonText out = new JsonText();
        out.open().name("offsetTable").open();
        for (Group group : groups.all()) {
            SortedMap<String, SortedMap<Integer, Long>> byTopic = new TreeMap<>();
            groups.offsets(group.name()).forEach((queue, offset) -> {
                Topic topic = topics.get((int) (queue >>> 16));
                if (topic != null) {
                    directory
                            .nativeName(topic)
                            .ifPresent(name -> byTopic.computeIfAbsent(name, fresh -> new TreeMap<>())
                                    .put((int) (queue & 0xffff), offset));
                }
            });
            byTopic.forEach((topic, offsets) -> {
                out.name(topic + "@" + group.name()).open();
                offsets.forEach((queue, offset) -> out.bareName(queue).value(offset));
                out.close();
            });
        }
        from.answer(request, request.answer(out.close().close().bytes()));
    }

    private void progress(RemotingCommand request, NativeConnection from) {
        ExtFields fields = request.fields();
        String group = fields.string("consumerGroup");
        double perSecond = 0;
        JsonText out = new JsonText();
        out.open().name("offsetTable").open();
        for (String name : asked(fields, group)) {
            Topic topic = directory.find(name).orElse(null);
            if (topic != null) {
                write(group, name, topic, out);
                perSecond += stats.deliveredPerSecond(group, topic.id());
            }
        }
        out.close().name("consumeTps").value(perSecond);
        from.answer(request, request.answer(out.close().bytes()));
    }

    /** The topics asked for; else what the group read before, without what it no longer subscribes to. */
    private Collection<String> asked(ExtFields fields, String group) {
        String list = fields.string("topicList", "");
        if (!list.isBlank()) {
            return Arrays.asList(list.split(";", -1));
        }
        String one = fields.string("topic", "");
        return one.isBlank() ? current(group) : List.of(one);
    }

    private Collection<String> current(String group) {
        TreeSet<String> read = new TreeSet<>(directory.topicsRead(group));
        if (!members.clientIds(group).isEmpty()) {
            read.removeIf(topic -> members.subscription(group, topic) == null);
        }
        return read;
    }

    /** Messages that a group did not consume yet, and how many of them its members have. */
    private record Lag(long messages, long inFlight) {
        static final Lag NONE = new Lag(0, 0);

        Lag plus(Lag other) {
            return new Lag(messages + other.messages, inFlight + other.inFlight);
        }
    }

    /** One topic's queues as entries of a table; answers how far behind the group is. */
    private Lag write(String group, String name, Topic topic, JsonText out) {
        Lag behind = Lag.NONE;
        for (int queue = 0; queue < topic.readQueues(); queue++) {
            long key = topic.queueKey(queue);
            long end = queues.end(key);
            long offset = Math.max(0, groups.offset(group, key));
            directory.queue(name, queue).write(out);
            out.asName().open().name("brokerOffset").value(end);
            out.name("consumerOffset").value(offset);
            out.name("lastTimestamp").value(queues.storeTime(key, offset - 1));
            long pulled = Math.max(offset, stats.pulledBelow(group, key));
            out.name("pullOffset").value(pulled).close();
            behind = behind.plus(new Lag(end - offset, pulled - offset));
        }
        return behind;
    }

    private void progressOfAll(RemotingCommand request, NativeConnection from) {
        boolean orderedOnly = request.fields().flag("isOrder", false);
        Lag behind = Lag.NONE;
        JsonText out = new JsonText();
        out.open().name("consumeStatsList").openList();
        for (Group group : groups.all()) {
            out.open().name(group.name()).openList();
            for (String name : current(group.name())) {
                Topic topic = directory.find(name).orElse(null);
                if (topic != null && (!orderedOnly || topic.ordered())) {
                    out.open().name("consumeTps").value(stats.deliveredPerSecond(group.name(), topic.id()));
                    out.name("offsetTable").open();
                    behind = behind.plus(write(group.name(), name, topic, out));
                    out.close().close();
                }
            }
            out.closeList().close();
        }
        out.closeList()
                .name("totalDiff")
                .value(behind.messages())
                .name("totalInflightDiff")
                .value(behind.inFlight());
        from.answer(request, request.answer(out.close().bytes()));
    }

    private void timeSpan(RemotingCommand request, NativeConnection from) {
        ExtFields fields = request.fields();
        String group = fields.string("group");
        String name = fields.string("topic");
        Topic topic = directory.topic(name);
        JsonText out = new JsonText();
        out.open().name("consumeTimeSpanSet").openList();
        for (int queue = 0; queue < topic.openQueues(); queue++) {
            long key = topic.queueKey(queue);
            long start = queues.start(key);
            long end = queues.end(key);
            long offset = groups.offset(group, key);
            long oldest = queues.storeTime(key, start);
            out.open();
            out.name("consumeTimeStamp").value(offset > 0 ? queues.storeTime(key, offset - 1) : oldest);
            boolean isBehind = Math.max(0, offset) < end;
            out.name("delayTime").value(isBehind ? stats.now() - queues.storeTime(key, Math.max(start, offset)) : 0);
            out.name("maxTimeStamp").value(queues.storeTime(key, end - 1));
            directory.queue(name, queue).write(out.name("messageQueue"));
            out.name("minTimeStamp").value(oldest).close();
        }
        from.answer(request, request.answer(out.closeList().close().bytes()));
    }

    /** The smallest offset of each queue among other groups than the one named. */
    private void correction(RemotingCommand request, NativeConnection from) {
        ExtFields fields = request.fields();
        String compared = fields.string("compareGroup");
        List<String> left = Arrays.asList(fields.string("filterGroups", "").split(",", -1));
        Topic topic = directory.topic(fields.string("topic"));
        JsonText out = new JsonText();
        out.open().name("correctionOffsets").open();
        for (int queue = 0; queue < topic.readQueues(); queue++) {
            long key = topic.queueKey(queue);
            long own = groups.offset(compared, key);
            long smallest = groups.all().stream()
                    .map(Group::name)
                    .filter(name -> !left.contains(name))
                    .mapToLong(name -> groups.offset(name, key))
                    .filter(offset -> offset >= 0)
                    .min()
                    .orElse(-1);
            if (smallest >= 0 && (own < 0 || smallest < own)) {
                out.bareName(queue).value(smallest);
            } else if (own >= 0) {
                out.bareName(queue).value(own);
            }
        }
        from.answer(request, request.answer(out.close().close().bytes()));
    }

    private void cloneOffsets(RemotingCommand request, NativeConnection from) {
        ExtFields fields = request.fields();
        String source = fields.string("srcGroup");
        String target = fields.string("destGroup");
        String name = fields.string("topic", "");
        int onlyTopic = name.isBlank() ? -1 : directory.topic(name).id();
        Map<Long, Long> offsets = groups.offsets(source);
        if (offsets.isEmpty()) {
            throw new BadRequestException(
                    ResponseCode.SYSTEM_ERROR, "the group[" + source + "] has no offsets that could be cloned");
        }
        groups.ensure(target, from, from.guarded(request, group -> {
            offsets.forEach((queue, offset) -> {
                if (onlyTopic < 0 || (int) (queue >>> 16) == onlyTopic) {
                    groups.commit(group.name(), queue, offset);
                    Topic topic = topics.get((int) (queue >>> 16));
                    if (topic != null) {
                        pops.goBack(group.name(), topic, queue, offset);
                    }
                }
            });
            from.answer(request, request.answer(ResponseCode.SUCCESS, null));
        }));
    }
}
