/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.util.Optional;
import org.polymq.broker.BrokerException;
import org.polymq.broker.group.Group;
import org.polymq.broker.group.Groups;
import org.polymq.broker.state.QueueReader;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.Topics;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.ResponseCode;
import org.polymq.remoting.wire.header.PullFlags;
import org.polymq.remoting.wire.header.PullHeader;

/** Serves pulls on a node that follows: nothing is committed by them, and no group is made. */
final class FollowerPull implements RequestHandler {
    private final Topics topics;
    private final Groups groups;
    private final QueueReader queues;
    private final ConsumerGroups members;
    private final NativeTopicNames names;
    private final PullHandler pulls;

    FollowerPull(
            Topics topics,
            Groups groups,
            QueueReader queues,
            ConsumerGroups members,
            NativeTopicNames names,
            PullHandler pulls) {
        this.topics = topics;
        this.groups = groups;
        this.queues = queues;
        this.members = members;
        this.names = names;
        this.pulls = pulls;
    }

    /** Whether this node has something at the offset that is asked for, and knows all that is needed to give it. */
    boolean has(RemotingCommand request) {
        try {
            PullHeader header = PullHeader.of(request.fields());
            Topic topic = names.find(topics, header.topic());
            if ((header.sysFlag() & PullFlags.COMMIT_OFFSET) != 0
                    || topic == null
                    || header.queueId() < 0
                    || header.queueId() >= topic.readQueues()
                    || groups.find(header.consumerGroup()).isEmpty()) {
                return false;
            }
            boolean subscribed = (header.sysFlag() & PullFlags.SUBSCRIPTION) != 0
                    || members.subscription(header.consumerGroup(), header.topic()) != null;
            long queue = topic.queueKey(header.queueId());
            return subscribed
                    && header.queueOffset() >= queues.start(queue)
                    && header.queueOffset() < queues.end(queue);
        } catch (BadRequestException | BrokerException wrong) {
            return false; // the leader says what is wrong
        }
    }

    @Override
    public void handle(RemotingCommand request, NativeConnection from) {
        PullHeader header = withoutCommit(PullHeader.of(request.fields()));
        Optional<Group> group = groups.find(header.consumerGroup());
        if (group.isEmpty()) {
            GroupNames.check(header.consumerGroup());
            throw new BadRequestException(
                    ResponseCode.SERVICE_NOT_AVAILABLE,
                    "the group " + header.consumerGroup() + " is new, and no node leads that could make it");
        }
        pulls.pull(request, header, group.get(), from);
    }

    // The client says it again until it is heard by a node that leads.
    private static PullHeader withoutCommit(PullHeader header) {
        return new PullHeader(
                header.consumerGroup(),
                header.topic(),
                header.queueId(),
                header.queueOffset(),
                header.maxMsgNums(),
                header.sysFlag() & ~PullFlags.COMMIT_OFFSET,
                header.commitOffset(),
                header.suspendTimeoutMillis(),
                header.subscription(),
                header.subVersion(),
                header.expressionType(),
                header.maxMsgBytes());
    }
}
