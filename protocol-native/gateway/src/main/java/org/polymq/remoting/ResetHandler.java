/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

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

/** Code 222: an operator sends a group to another offset of a topic; see {@link GroupMover}. */
final class ResetHandler implements RequestHandler {
    private final Groups groups;
    private final QueueReader queues;
    private final TopicDirectory directory;

    ResetHandler(Groups groups, QueueReader queues, TopicDirectory directory) {
        this.groups = groups;
        this.queues = queues;
        this.directory = directory;
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
        groups.move(group, topic, offsets, () -> from.execute(() -> from.answer(request, request.answer(body))));
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
