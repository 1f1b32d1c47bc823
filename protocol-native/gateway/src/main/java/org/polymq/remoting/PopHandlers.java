/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.polymq.broker.Reply;
import org.polymq.broker.group.Group;
import org.polymq.broker.group.Groups;
import org.polymq.broker.state.QueueReader;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.TopicKind;
import org.polymq.broker.topic.Topics;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.RequestCode;
import org.polymq.remoting.wire.ResponseCode;
import org.polymq.remoting.wire.body.BatchAckBody;
import org.polymq.remoting.wire.body.SubscriptionData;
import org.polymq.remoting.wire.header.AckHeader;
import org.polymq.remoting.wire.header.PopHeader;
import org.polymq.remoting.wire.header.QueueHeader;

/** Codes 200050, 200051, 200053, 200054, 200055 and 200151: consuming by POP. */
final class PopHandlers {
    private static final int MOST_MESSAGES = 32;
    private static final String EXPIRED =
            "the receipt handle has expired: the message was or will be handed out again, use the handle of that delivery";

    private final Topics topics;
    private final Groups groups;
    private final QueueReader queues;
    private final NativeTopicNames names;
    private final NativeFilters filters;
    private final PopGroups pops;

    PopHandlers(
            Topics topics,
            Groups groups,
            QueueReader queues,
            NativeTopicNames names,
            NativeFilters filters,
            PopGroups pops) {
        this.topics = topics;
        this.groups = groups;
        this.queues = queues;
        this.names = names;
        this.filters = filters;
        this.pops = pops;
    }

    void addTo(Map<Integer, RequestHandler> handlers) {
        handlers.put(
                RequestCode.POP_MESSAGE, (request, from) -> ask(request, PopHeader.of(request.fields()), false, from));
        handlers.put(
                RequestCode.NOTIFICATION,
                (request, from) -> ask(request, PopHeader.ofNotification(request.fields()), true, from));
        handlers.put(RequestCode.ACK_MESSAGE, this::acknowledge);
        handlers.put(RequestCode.BATCH_ACK_MESSAGE, this::acknowledgeAll);
        handlers.put(RequestCode.CHANGE_MESSAGE_INVISIBLETIME, this::change);
        handlers.put(RequestCode.POLLING_INFO, this::pollingInfo);
    }

    /** The answer to code 200054. */
    static RemotingCommand notified(RemotingCommand request, boolean hasMessages, boolean full) {
        return request.answer(new ExtFields().with("hasMsg", hasMessages).with("pollingFull", full));
    }

    // The order of the checks is RocketMQ's.
    private void ask(RemotingCommand request, PopHeader header, boolean peek, NativeConnection from) {
        if (header.maxMsgNums() > MOST_MESSAGES || header.maxMsgNums() < 1) {
            throw new BadRequestException(
                    ResponseCode.INVALID_PARAMETER,
                    "maxMsgNums " + header.maxMsgNums() + " is not from 1 to " + MOST_MESSAGES);
        }
        if (!peek && header.invisibleTime() < 0) {
            throw new BadRequestException(
                    ResponseCode.INVALID_PARAMETER, "invisibleTime " + header.invisibleTime() + " is negative");
        }
        Topic topic = readable(header.topic());
        if (header.queueId() >= topic.readQueues()) {
            throw illegalQueue(ResponseCode.INVALID_PARAMETER, header.queueId(), header.topic(), topic);
        }
        checkQueueGroup(header, topic);
        GroupNames.check(header.consumerGroup());
        groups.ensure(
                header.consumerGroup(),
                from,
                from.guarded(request, group -> ask(request, header, peek, topic, group, from)));
    }

    private void ask(
            RemotingCommand request, PopHeader header, boolean peek, Topic topic, Group group, NativeConnection from) {
        if (!group.consumeEnabled()) {
            throw new BadRequestException(
                    ResponseCode.NO_PERMISSION, "subscription group no permission, " + group.name());
        }
        NativeFilter filter = header.expression().isEmpty()
                ? NativeFilter.ALL
                : filters.of(SubscriptionData.of(header.topic(), header.expression(), header.expressionType(), 0));
        if (filter != NativeFilter.ALL && PopGroups.isQueueGroup(group.name())) {
            throw new BadRequestException(
                    ResponseCode.SUBSCRIPTION_PARSE_FAILED,
                    "a group of a queue takes every message of it: subscribe to " + header.topic() + " with *");
        }
        groups.markRead(topic.id());
        pops.submit(topic, new PopGroup.Question(request, header, filter, peek, from));
    }

    private static void checkQueueGroup(PopHeader header, Topic topic) {
        String group = header.consumerGroup();
        if (!PopGroups.isQueueGroup(group)) {
            return;
        }
        if (topic.kind() != TopicKind.QUEUE || !PopGroups.queueOf(group).equals(header.topic())) {
            throw new BadRequestException(
                    ResponseCode.NO_PERMISSION,
                    "the group " + group + " is for the messages of the queue " + PopGroups.queueOf(group) + ", but "
                            + header.topic() + " is "
                            + (topic.kind() == TopicKind.QUEUE ? "another one" : "a topic"));
        }
    }

    private Topic readable(String nativeTopic) {
        Topic topic = existing(nativeTopic);
        if (!topic.readable()) {
            throw new BadRequestException(
                    ResponseCode.NO_PERMISSION, "the topic[" + nativeTopic + "] peeking message is forbidden");
        }
        return topic;
    }

    private Topic existing(String nativeTopic) {
        Topic topic = topics.get(names.of(nativeTopic).topic());
        if (topic == null) {
            throw new BadRequestException(
                    ResponseCode.TOPIC_NOT_EXIST, "topic[" + nativeTopic + "] not exist, apply first please!");
        }
        return topic;
    }

    private static BadRequestException illegalQueue(int code, int queueId, String name, Topic topic) {
        return new BadRequestException(
                code,
                "queueId[" + queueId + "] is illegal, topic:[" + name + "] topicConfig.readQueueNums:["
                        + topic.readQueues() + "]");
    }

    // ---- acknowledging

    private Topic check(AckHeader header) {
        Topic topic = existing(header.topic());
        if (header.queueId() < 0 || header.queueId() >= topic.readQueues()) {
            throw illegalQueue(ResponseCode.MESSAGE_ILLEGAL, header.queueId(), header.topic(), topic);
        }
        long queue = topic.queueKey(header.queueId());
        if (header.offset() < queues.start(queue) || header.offset() >= queues.end(queue)) {
            throw new BadRequestException(
                    ResponseCode.NO_MESSAGE,
                    "offset is illegal, key:" + header.topic() + "@" + header.queueId() + ", commit:" + header.offset()
                            + ", store:" + queues.start(queue) + "~" + queues.end(queue));
        }
        return topic;
    }

    private void acknowledge(RemotingCommand request, NativeConnection from) {
        AckHeader header = AckHeader.of(request.fields());
        PopGroup group = pops.find(header.consumerGroup(), check(header));
        if (group == null) {
            expired(request, from);
            return;
        }
        group.acknowledge(
                header.queueId(),
                header.offset(),
                header.receipt(),
                onConnection(from, from.guarded(request, good -> answer(request, good, from))));
    }

    /** An expired handle is a success without effect, as in RocketMQ; the remark says so. */
    private static void expired(RemotingCommand request, NativeConnection from) {
        answer(request, false, from);
    }

    private static void answer(RemotingCommand request, boolean good, NativeConnection from) {
        from.answer(request, request.answer(ResponseCode.SUCCESS, good ? null : EXPIRED));
    }

    private static <T> Reply<T> onConnection(NativeConnection from, Reply<T> reply) {
        return Reply.of(
                value -> from.execute(() -> reply.ok(value)), refused -> from.execute(() -> reply.failed(refused)));
    }

    private void acknowledgeAll(RemotingCommand request, NativeConnection from) {
        BatchAckBody body = BatchAckBody.of(request.body());
        int count = body.acks().stream().mapToInt(acks -> acks.offsets().size()).sum();
        if (count == 0) {
            throw new BadRequestException(ResponseCode.NO_MESSAGE, "the batch acknowledges no message");
        }
        Counted counted = new Counted(request, from, count);
        for (BatchAckBody.Acks acks : body.acks()) {
            Topic topic = topics.get(names.of(acks.topic()).topic());
            PopGroup group = topic == null ? null : pops.find(acks.consumerGroup(), topic);
            for (long offset : acks.offsets()) {
                if (group == null) {
                    counted.ok(false);
                } else {
                    group.acknowledge(acks.queueId(), offset, acks.receipt(), counted);
                }
            }
        }
    }

    /** Answers when the last of several acknowledgements is stored. Safe from any thread. */
    private static final class Counted implements Reply<Boolean> {
        private final RemotingCommand request;
        private final NativeConnection from;
        private final AtomicInteger left;
        private volatile boolean allGood = true;

        Counted(RemotingCommand request, NativeConnection from, int count) {
            this.request = request;
            this.from = from;
            this.left = new AtomicInteger(count);
        }

        @Override
        public void ok(Boolean good) {
            if (!good) {
                allGood = false;
            }
            if (left.decrementAndGet() == 0) {
                from.execute(() -> answer(request, allGood, from));
            }
        }

        @Override
        public void failed(org.polymq.broker.BrokerException cause) {
            ok(false);
        }
    }

    private void change(RemotingCommand request, NativeConnection from) {
        AckHeader header = AckHeader.of(request.fields());
        if (header.invisibleTime() < 0) {
            throw new BadRequestException(
                    ResponseCode.INVALID_PARAMETER, "invisibleTime " + header.invisibleTime() + " is negative");
        }
        PopGroup group = pops.find(header.consumerGroup(), check(header));
        if (group == null) {
            changed(request, header, -1, from);
            return;
        }
        group.change(
                header.queueId(),
                header.offset(),
                header.receipt(),
                header.invisibleTime(),
                onConnection(from, from.guarded(request, popTime -> changed(request, header, popTime, from))));
    }

    private static void changed(RemotingCommand request, AckHeader header, long popTime, NativeConnection from) {
        ExtFields fields = new ExtFields()
                .with("popTime", popTime >= 0 ? popTime : header.receipt().popTime())
                .with("invisibleTime", header.invisibleTime())
                .with("reviveQid", header.receipt().reviveQueue());
        from.answer(request, request.answer(ResponseCode.SUCCESS, popTime >= 0 ? null : EXPIRED, fields));
    }

    private void pollingInfo(RemotingCommand request, NativeConnection from) {
        QueueHeader header = QueueHeader.of(request.fields());
        PopGroup group = pops.find(request.fields().string("consumerGroup"), readable(header.topic()));
        from.answer(
                request, request.answer(new ExtFields().with("pollingNum", group == null ? 0 : group.waitingCount())));
    }
}
