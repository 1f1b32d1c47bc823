/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.util.Map;
import org.polymq.broker.group.Groups;
import org.polymq.broker.message.MessageRecord;
import org.polymq.broker.state.QueueReader;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.Topics;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.RequestCode;
import org.polymq.remoting.wire.ResponseCode;
import org.polymq.remoting.wire.header.QueryConsumerOffsetHeader;
import org.polymq.remoting.wire.header.QueueHeader;
import org.polymq.remoting.wire.header.SearchOffsetHeader;
import org.polymq.remoting.wire.header.UpdateConsumerOffsetHeader;

/** Codes 14, 15, 29, 30, 31 and 32: offsets of queues and of groups. */
final class OffsetHandlers {
    /**
     * RocketMQ lets a new group begin at a young queue's first message, where "young" is that the message is still in
     * memory. Here: no more bytes of log than this were written after it.
     */
    private static final long YOUNG_BYTES = 1L << 30;

    private static final long NO_QUEUE = -1;

    private final Topics topics;
    private final Groups groups;
    private final QueueReader queues;
    private final NativeTopicNames names;
    private final OffsetResets resets;
    private final PopGroups pops;
    private final PullFollowing following;

    OffsetHandlers(
            Topics topics,
            Groups groups,
            QueueReader queues,
            NativeTopicNames names,
            OffsetResets resets,
            PopGroups pops,
            PullFollowing following) {
        this.following = following;
        this.topics = topics;
        this.groups = groups;
        this.queues = queues;
        this.names = names;
        this.resets = resets;
        this.pops = pops;
    }

    void addTo(Map<Integer, RequestHandler> handlers) {
        handlers.put(RequestCode.QUERY_CONSUMER_OFFSET, this::query);
        handlers.put(RequestCode.UPDATE_CONSUMER_OFFSET, this::update);
        handlers.put(RequestCode.SEARCH_OFFSET_BY_TIMESTAMP, this::search);
        handlers.put(
                RequestCode.GET_MAX_OFFSET,
                (request, from) -> offset(request, from, queues.end(queue(QueueHeader.of(request.fields())))));
        handlers.put(
                RequestCode.GET_MIN_OFFSET,
                (request, from) -> offset(request, from, queues.start(queue(QueueHeader.of(request.fields())))));
        handlers.put(RequestCode.GET_EARLIEST_MSG_STORETIME, this::earliestStoreTime);
    }

    private void query(RemotingCommand request, NativeConnection from) {
        QueryConsumerOffsetHeader header = QueryConsumerOffsetHeader.of(request.fields());
        Topic topic = names.find(topics, header.topic());
        long queue = topic != null && hasQueue(topic, header.queueId()) ? topic.queueKey(header.queueId()) : NO_QUEUE;
        long committed = queue == NO_QUEUE ? -1 : groups.offset(header.consumerGroup(), queue);
        if (committed >= 0) {
            offset(request, from, committed);
        } else if (queue != NO_QUEUE && header.setZeroIfNotFound() && isYoung(queue)) {
            offset(request, from, 0);
        } else {
            from.answer(
                    request,
                    request.answer(
                            ResponseCode.QUERY_NOT_FOUND,
                            "Not found, maybe this group consumer boot first: " + header.consumerGroup()));
        }
    }

    private boolean isYoung(long queue) {
        if (queues.start(queue) > 0) {
            return false;
        }
        boolean[] young = {true};
        queues.visit(queue, 0, 1, (offset, position, size, tagHash, expiresAt) -> {
            young[0] = queues.logEnd() - position <= YOUNG_BYTES;
            return false;
        });
        return young[0];
    }

    private void update(RemotingCommand request, NativeConnection from) {
        UpdateConsumerOffsetHeader header = UpdateConsumerOffsetHeader.of(request.fields());
        Topic topic = topic(header.topic());
        long queue = queue(topic, header.topic(), header.queueId());
        if (header.commitOffset() < 0) {
            throw new BadRequestException(
                    ResponseCode.INVALID_PARAMETER, "commitOffset " + header.commitOffset() + " is negative");
        }
        if (groups.find(header.consumerGroup()).isEmpty()) {
            throw GroupNames.missing(
                    header.consumerGroup(),
                    "start a consumer of it, or make it by an administrator, before it commits");
        }
        if (resets.allows(header.consumerGroup(), queue, header.commitOffset())) {
            following.committing(from, header.consumerGroup(), queue, header.commitOffset());
            groups.commit(header.consumerGroup(), queue, header.commitOffset());
            // While members pop, what they acknowledge counts, not what one that pulled before still commits.
            if (pops.find(header.consumerGroup(), topic) == null) {
                pops.goBack(header.consumerGroup(), topic, queue, header.commitOffset());
            }
        }
        from.answer(request, request.answer(ResponseCode.SUCCESS, null));
    }

    private void search(RemotingCommand request, NativeConnection from) {
        SearchOffsetHeader header = SearchOffsetHeader.of(request.fields());
        long queue = queue(topic(header.topic()), header.topic(), header.queueId());
        if (header.boundaryType().equalsIgnoreCase("UPPER")) {
            long after = queues.offsetAt(queue, header.timestamp() + 1);
            offset(request, from, Math.max(queues.start(queue), after - 1));
        } else {
            offset(request, from, queues.offsetAt(queue, header.timestamp()));
        }
    }

    private void earliestStoreTime(RemotingCommand request, NativeConnection from) {
        long queue = queue(QueueHeader.of(request.fields()));
        long[] time = {-1};
        queues.visit(queue, queues.start(queue), 1, (offset, position, size, tagHash, expiresAt) -> {
            time[0] = MessageRecord.storeTime(queues.record(position));
            return false;
        });
        from.answer(request, request.answer(new ExtFields().with("timestamp", time[0])));
    }

    private static void offset(RemotingCommand request, NativeConnection from, long offset) {
        from.answer(request, request.answer(new ExtFields().with("offset", offset)));
    }

    private static boolean hasQueue(Topic topic, int queueId) {
        return queueId >= 0 && queueId < topic.queues();
    }

    private long queue(QueueHeader header) {
        return queue(topic(header.topic()), header.topic(), header.queueId());
    }

    private Topic topic(String nativeTopic) {
        Topic topic = names.find(topics, nativeTopic);
        if (topic == null) {
            throw new BadRequestException(
                    ResponseCode.TOPIC_NOT_EXIST, "topic[" + nativeTopic + "] not exist, apply first please!");
        }
        return topic;
    }

    private static long queue(Topic topic, String nativeTopic, int queueId) {
        if (!hasQueue(topic, queueId)) {
            throw new BadRequestException(
                    ResponseCode.INVALID_PARAMETER,
                    "queueId[" + queueId + "] is illegal, topic[" + nativeTopic + "] has " + topic.readQueues()
                            + " queues");
        }
        return topic.queueKey(queueId);
    }
}
