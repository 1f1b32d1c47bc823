/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.polymq.broker.state.QueueReader;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.TopicKind;
import org.polymq.broker.topic.TopicSpec;
import org.polymq.broker.topic.Topics;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.JsonText;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.RequestCode;
import org.polymq.remoting.wire.ResponseCode;
import org.polymq.remoting.wire.body.RegisterBrokerBody;
import org.polymq.remoting.wire.body.TextLists;
import org.polymq.remoting.wire.body.TopicConfig;
import org.polymq.remoting.wire.header.CreateTopicHeader;
import org.polymq.remoting.wire.header.TopicHeader;

/** Codes 17, 18, 21, 202, 215, 300, 305, 321 and 351: topics are made, changed, listed, examined and deleted. */
final class TopicAdmin {
    private static final String MESSAGE_TYPE = "message.type";
    private static final List<String> MESSAGE_TYPES =
            List.of("UNSPECIFIED", "NORMAL", "FIFO", "DELAY", "TRANSACTION", "MIXED", "PRIORITY");
    private static final int MOST_ENTRIES = 1_000;

    private final Topics topics;
    private final QueueReader queues;
    private final NativeTopicNames names;
    private final TopicDirectory directory;
    private final TopicConfigs configs;
    private final ConsumerGroups members;
    private final NativeStats stats;

    TopicAdmin(
            Topics topics,
            QueueReader queues,
            NativeTopicNames names,
            TopicDirectory directory,
            TopicConfigs configs,
            ConsumerGroups members,
            NativeStats stats) {
        this.topics = topics;
        this.queues = queues;
        this.names = names;
        this.directory = directory;
        this.configs = configs;
        this.members = members;
        this.stats = stats;
    }

    void addTo(Map<Integer, RequestHandler> handlers) {
        handlers.put(RequestCode.UPDATE_AND_CREATE_TOPIC, this::update);
        handlers.put(RequestCode.UPDATE_AND_CREATE_TOPIC_LIST, this::updateList);
        handlers.put(RequestCode.GET_ALL_TOPIC_CONFIG, this::all);
        handlers.put(RequestCode.GET_TOPIC_STATS_INFO, this::status);
        handlers.put(RequestCode.DELETE_TOPIC_IN_BROKER, this::delete);
        handlers.put(RequestCode.QUERY_TOPIC_CONSUME_BY_WHO, this::readers);
        handlers.put(RequestCode.GET_SYSTEM_TOPIC_LIST_FROM_BROKER, this::systemTopics);
        handlers.put(RequestCode.QUERY_CONSUME_QUEUE, this::entries);
        handlers.put(RequestCode.GET_TOPIC_CONFIG, this::config);
    }

    private void update(RemotingCommand request, NativeConnection from) {
        CreateTopicHeader header = CreateTopicHeader.of(request.fields());
        TopicConfig asked = new TopicConfig(
                header.topic(),
                header.readQueueNums(),
                header.writeQueueNums(),
                header.perm(),
                header.topicSysFlag(),
                header.order(),
                parsed(header.attributes()));
        updateNext(new ArrayDeque<>(List.of(spec(asked))), request, from);
    }

    private void updateList(RemotingCommand request, NativeConnection from) {
        Queue<TopicSpec> specs = new ArrayDeque<>();
        TopicConfig.ofList(request.body()).forEach(asked -> specs.add(spec(asked)));
        updateNext(specs, request, from);
    }

    /** One after the other: the first that is refused is the answer. */
    private void updateNext(Queue<TopicSpec> left, RemotingCommand request, NativeConnection from) {
        TopicSpec next = left.poll();
        if (next == null) {
            from.answer(request, request.answer(ResponseCode.SUCCESS, null));
        } else {
            topics.update(next, from, from.guarded(request, made -> updateNext(left, request, from)));
        }
    }

    private TopicSpec spec(TopicConfig asked) {
        NativeTopicNames.Name name = changeable(asked.name());
        check("readQueueNums", asked.readQueues());
        check("writeQueueNums", asked.writeQueues());
        Topic existing = topics.get(name.topic());
        return new TopicSpec(
                name.topic(),
                existing == null ? TopicKind.TOPIC : existing.kind(),
                asked.writeQueues(),
                asked.readQueues(),
                asked.perm(),
                asked.order(),
                existing == null ? Topic.Origin.NATIVE : existing.origin(),
                existing == null ? 0 : existing.retentionMillis(),
                changed(existing == null ? Map.of() : existing.attributes(), asked.attributes()));
    }

    private NativeTopicNames.Name changeable(String topic) {
        NativeTopicNames.Name name = names.of(topic);
        if (!name.isForSending()) {
            throw new BadRequestException(
                    ResponseCode.INVALID_PARAMETER, "the topic[" + topic + "] is kept for the broker");
        }
        return name;
    }

    private static void check(String what, int queues) {
        if (queues < 1 || queues > Topic.MAX_QUEUES) {
            throw new BadRequestException(
                    ResponseCode.INVALID_PARAMETER, what + " " + queues + " is not between 1 and " + Topic.MAX_QUEUES);
        }
    }

    /** RocketMQ's text {@code +name=value,-name}. */
    private static Map<String, String> parsed(String text) {
        Map<String, String> changes = new LinkedHashMap<>();
        for (String part : text.isBlank() ? new String[0] : text.split(",", -1)) {
            int equals = part.indexOf('=');
            changes.put(
                    (equals < 0 ? part : part.substring(0, equals)).trim(),
                    equals < 0 ? "" : part.substring(equals + 1).trim());
        }
        return changes;
    }

    private static Map<String, String> changed(Map<String, String> before, Map<String, String> changes) {
        Map<String, String> after = new LinkedHashMap<>(before);
        changes.forEach((signed, value) -> {
            boolean removes = signed.startsWith("-");
            String name = removes || signed.startsWith("+") ? signed.substring(1) : signed;
            if (!name.equals(MESSAGE_TYPE)) {
                throw new BadRequestException(
                        ResponseCode.INVALID_PARAMETER,
                        "the attribute " + name + " has no meaning here; there is " + MESSAGE_TYPE);
            }
            if (removes) {
                after.remove(name);
            } else if (MESSAGE_TYPES.contains(value)) {
                after.put(name, value);
            } else {
                throw new BadRequestException(
                        ResponseCode.INVALID_PARAMETER, MESSAGE_TYPE + " " + value + " is none of " + MESSAGE_TYPES);
            }
        });
        return after;
    }

    private void all(RemotingCommand request, NativeConnection from) {
        RegisterBrokerBody snapshot = configs.snapshot();
        JsonText out = new JsonText();
        out.open().name("dataVersion");
        snapshot.version().write(out);
        out.name("topicConfigTable").open();
        snapshot.topics().forEach((name, topic) -> topic.write(out.name(name)));
        from.answer(request, request.answer(out.close().close().bytes()));
    }

    private void config(RemotingCommand request, NativeConnection from) {
        String name = TopicHeader.of(request.fields()).topic();
        TopicConfig config = configs.find(name)
                .orElseThrow(() -> new BadRequestException(
                        ResponseCode.TOPIC_NOT_EXIST, "No topic in this broker. topic: " + name));
        from.answer(request, request.answer(config.encode()));
    }

    private void status(RemotingCommand request, NativeConnection from) {
        String name = TopicHeader.of(request.fields()).topic();
        Topic topic = directory.topic(name);
        JsonText out = new JsonText();
        out.open().name("offsetTable").open();
        for (int queue = 0; queue < topic.openQueues(); queue++) {
            long key = topic.queueKey(queue);
            long end = queues.end(key);
            directory.queue(name, queue).write(out);
            out.asName().open().name("lastUpdateTimestamp").value(queues.storeTime(key, end - 1));
            out.name("maxOffset").value(end);
            out.name("minOffset").value(queues.start(key)).close();
        }
        out.close().name("topicPutTps").value(stats.storedPerSecond(topic.id()));
        from.answer(request, request.answer(out.close().bytes()));
    }

    private void delete(RemotingCommand request, NativeConnection from) {
        NativeTopicNames.Name name = changeable(TopicHeader.of(request.fields()).topic());
        topics.delete(
                name.topic(),
                from,
                from.guarded(request, was -> from.answer(request, request.answer(ResponseCode.SUCCESS, null))));
    }

    private void readers(RemotingCommand request, NativeConnection from) {
        String name = TopicHeader.of(request.fields()).topic();
        List<String> readers =
                directory.find(name).map(directory::readers).map(List::copyOf).orElse(List.of());
        from.answer(request, request.answer(TextLists.groups(readers)));
    }

    private void systemTopics(RemotingCommand request, NativeConnection from) {
        from.answer(request, request.answer(TextLists.topics(NativeTopicNames.systemTopics(), "")));
    }

    /** The index entries of a queue, as {@code queryCq} shows them. */
    private void entries(RemotingCommand request, NativeConnection from) {
        ExtFields fields = request.fields();
        String name = fields.string("topic");
        int queueId = fields.integer("queueId");
        long index = fields.number("index");
        int count = Math.max(0, Math.min(fields.integer("count"), MOST_ENTRIES));
        String group = fields.string("consumerGroup", "");
        Topic topic = directory.topic(name);
        if (queueId < 0 || queueId >= topic.queues()) {
            throw new BadRequestException(ResponseCode.SYSTEM_ERROR, queueId + "@" + name + " is not exist!");
        }
        long key = topic.queueKey(queueId);
        long start = queues.start(key);
        long end = queues.end(key);
        JsonText out = new JsonText();
        out.open();
        if (!group.isEmpty()) {
            subscription(group, name, out);
        }
        out.name("maxQueueIndex").value(end).name("minQueueIndex").value(start);
        out.name("queueData").openList();
        if (count > 0 && index < end) {
            queues.visit(key, Math.max(index, start), count, (offset, position, size, tagHash, expiresAt) -> {
                out.open()
                        .name("physicOffset")
                        .value(position)
                        .name("physicSize")
                        .value(size);
                out.name("tagsCode").value(tagHash).name("eval").value(false).close();
                return true;
            });
        }
        out.closeList().close();
        from.answer(request, request.answer(out.bytes()));
    }

    private void subscription(String group, String topic, JsonText out) {
        var subscription = members.subscription(group, topic);
        if (subscription == null) {
            out.name("filterData").value(group + "@" + topic + " is not online!");
        } else {
            out.name("filterData").value("null").name("subscriptionData");
            subscription.write(out);
        }
    }
}
