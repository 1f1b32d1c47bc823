/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.polymq.broker.group.Groups;
import org.polymq.broker.state.QueueReader;
import org.polymq.broker.topic.Topic;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.JsonText;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.ResponseCode;

/**
 * Code 222: an operator sends a group to another offset of a topic, whether its members are online or not. Members that
 * pull are told at once to go on there; those that pop get what follows.
 */
final class ResetHandler implements RequestHandler {
    private final Groups groups;
    private final QueueReader queues;
    private final ConsumerGroups members;
    private final TopicDirectory directory;
    private final PopGroups pops;
    private final OffsetResets resets;

    ResetHandler(
            Groups groups,
            QueueReader queues,
            ConsumerGroups members,
            TopicDirectory directory,
            PopGroups pops,
            OffsetResets resets) {
        this.groups = groups;
        this.queues = queues;
        this.members = members;
        this.directory = directory;
        this.pops = pops;
        this.resets = resets;
    }

    @Override
    public void handle(RemotingCommand request, NativeConnection from) {
        ExtFields fields = request.fields();
        String group = fields.string("group");
        String name = fields.string("topic");
        Topic topic = directory.topic(name);
        if (groups.find(group).isEmpty()) {
            throw new BadRequestException(
                    ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, "Group " + group + " does not exist");
        }
        Map<Integer, Long> offsets = targets(fields, topic, name);
        byte[] body = body(name, offsets);
        if (pops.find(group, topic) == null) {
            tellPulling(group, topic, offsets);
            commit(group, topic, offsets);
            from.answer(request, request.answer(body));
        } else {
            pops.reset(group, topic, () -> {
                commit(group, topic, offsets);
                from.execute(() -> from.answer(request, request.answer(body)));
            });
        }
    }

    private void commit(String group, Topic topic, Map<Integer, Long> offsets) {
        offsets.forEach((queueId, offset) -> groups.commit(group, topic.queueKey(queueId), offset));
    }

    private void tellPulling(String group, Topic topic, Map<Integer, Long> offsets) {
        List<NativeConnection> online = members.connections(group);
        if (!online.isEmpty()) {
            offsets.forEach((queueId, offset) -> resets.put(group, topic.queueKey(queueId), offset));
            online.forEach(member -> member.execute(() -> member.wakeParked(group, topic.id())));
        }
    }

    private Map<Integer, Long> targets(ExtFields fields, Topic topic, String name) {
        int only = fields.integer("queueId", -1);
        long given = fields.number("offset", -1);
        Map<Integer, Long> targets = new TreeMap<>();
        if (only < 0) {
            long time = fields.number("timestamp");
            for (int queueId = 0; queueId < topic.readQueues(); queueId++) {
                targets.put(queueId, at(topic.queueKey(queueId), time));
            }
        } else if (only >= topic.openQueues()) {
            throw new BadRequestException(
                    ResponseCode.SYSTEM_ERROR,
                    "the topic " + name + " has no queue " + only + ": it has " + topic.openQueues());
        } else if (given < 0) {
            targets.put(only, at(topic.queueKey(only), fields.number("timestamp")));
        } else {
            targets.put(only, checked(topic.queueKey(only), given));
        }
        return targets;
    }

    /** The first message stored at that time (ms since the epoch) or later; a negative time is the queue's end. */
    private long at(long queue, long time) {
        return time < 0 ? queues.end(queue) : queues.offsetAt(queue, time);
    }

    private long checked(long queue, long offset) {
        long start = queues.start(queue);
        long end = queues.end(queue);
        if (offset < start || offset > end) {
            throw new BadRequestException(
                    ResponseCode.SYSTEM_ERROR,
                    "Target offset " + offset + " not in consume queue range [" + start + "-" + end + "]");
        }
        return offset;
    }

    private byte[] body(String name, Map<Integer, Long> offsets) {
        JsonText out = new JsonText();
        out.open().name("offsetTable").open();
        offsets.forEach((queueId, offset) -> {
            directory.queue(name, queueId).write(out);
            out.asName().value(offset);
        });
        return out.close().close().bytes();
    }
}
