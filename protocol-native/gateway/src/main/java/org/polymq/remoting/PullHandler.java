/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.group.Group;
import org.polymq.broker.group.Groups;
import org.polymq.broker.state.ColdReads;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.Topics;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.ResponseCode;
import org.polymq.remoting.wire.body.SubscriptionData;
import org.polymq.remoting.wire.header.PullFlags;
import org.polymq.remoting.wire.header.PullHeader;

/** Codes 11 and 361: reads a queue from an offset; where nothing is there yet, the request is parked until it is. */
final class PullHandler implements RequestHandler {
    private final Topics topics;
    private final Groups groups;
    private final ConsumerGroups members;
    private final NativeTopicNames names;
    private final NativeFilters filters;
    private final PopGroups pops;
    private final PullReader reader;
    private final OffsetResets resets;
    private final ColdReads coldReads;
    private final LiveSettings settings;
    private final PullFollowing following;

    PullHandler(
            Topics topics,
            Groups groups,
            ConsumerGroups members,
            NativeTopicNames names,
            NativeFilters filters,
            PopGroups pops,
            PullReader reader,
            OffsetResets resets,
            ColdReads coldReads,
            LiveSettings settings,
            PullFollowing following) {
        this.following = following;
        this.topics = topics;
        this.groups = groups;
        this.members = members;
        this.names = names;
        this.filters = filters;
        this.pops = pops;
        this.reader = reader;
        this.resets = resets;
        this.coldReads = coldReads;
        this.settings = settings;
    }

    @Override
    public void handle(RemotingCommand request, NativeConnection from) {
        PullHeader header = PullHeader.of(request.fields());
        Optional<Group> group = groups.find(header.consumerGroup());
        if (group.isPresent()) {
            pull(request, header, group.get(), from);
            return;
        }
        GroupNames.check(header.consumerGroup());
        groups.ensure(header.consumerGroup(), from, from.guarded(request, made -> pull(request, header, made, from)));
    }

    /** Serves a pull of a group that is there. The order of the checks is RocketMQ's. */
    void pull(RemotingCommand request, PullHeader header, Group group, NativeConnection from) {
        if (!settings.readable()) {
            throw new BadRequestException(
                    ResponseCode.NO_PERMISSION, "the broker is not readable: its brokerPermission says so");
        }
        if (!group.consumeEnabled()) {
            throw new BadRequestException(
                    ResponseCode.NO_PERMISSION, "subscription group no permission, " + header.consumerGroup());
        }
        Topic topic = names.find(topics, header.topic());
        if (topic == null) {
            throw new BadRequestException(
                    ResponseCode.TOPIC_NOT_EXIST, "topic[" + header.topic() + "] not exist, apply first please!");
        }
        if (!topic.readable()) {
            throw new BadRequestException(
                    ResponseCode.NO_PERMISSION, "the topic[" + header.topic() + "] pulling message is forbidden");
        }
        if (header.queueId() < 0 || header.queueId() >= topic.readQueues()) {
            throw new BadRequestException(
                    ResponseCode.INVALID_PARAMETER,
                    "queueId[" + header.queueId() + "] is illegal, topic:[" + header.topic()
                            + "] topicConfig.readQueueNums:[" + topic.readQueues() + "] consumer:["
                            + from.channel().remoteAddress() + "]");
        }
        if (!group.broadcastEnabled() && members.isBroadcast(group.name())) {
            throw new BadRequestException(
                    ResponseCode.NO_PERMISSION,
                    "the consumer group[" + group.name() + "] can not consume by broadcast way: its settings say"
                            + " consumeBroadcastEnable=false");
        }
        int popped = pops.inFlight(header.consumerGroup(), topic);
        if (popped > 0) {
            throw new BadRequestException(
                    ResponseCode.SYSTEM_ERROR,
                    "the group " + header.consumerGroup() + " consumes " + header.topic() + " by POP, and its members"
                            + " have " + popped
                            + " messages that they did not acknowledge yet: pull when that is done");
        }
        Supplier<NativeFilter> filter = filter(header);
        groups.markRead(topic.id());
        long queue = topic.queueKey(header.queueId());
        if ((header.sysFlag() & PullFlags.COMMIT_OFFSET) != 0
                && header.commitOffset() >= 0
                && resets.allows(header.consumerGroup(), queue, header.commitOffset())) {
            following.committing(from, header.consumerGroup(), queue, header.commitOffset());
            groups.commit(header.consumerGroup(), queue, header.commitOffset());
        }
        Pull pull = new Pull(
                request, header.consumerGroup(), queue, filter, header.maxMsgNums(), header.maxMsgBytes(), from);
        if (filter.get().readsMessages() && reader.isCold(queue, header.queueOffset())) {
            coldReads.execute(() -> {
                PullReader.Outcome outcome = reader.read(pull, header.queueOffset());
                from.execute(() -> finish(pull, header, outcome));
            });
        } else {
            finish(pull, header, reader.read(pull, header.queueOffset()));
        }
    }

    private void finish(Pull pull, PullHeader header, PullReader.Outcome outcome) {
        boolean suspend = (header.sysFlag() & PullFlags.SUSPEND) != 0;
        if (outcome.isNothingYet()
                && suspend
                && header.suspendTimeoutMillis() > 0
                && !pull.request().isOneway()) {
            ParkedPull.park(reader, pull, header.queueOffset(), outcome.nextOffset(), header.suspendTimeoutMillis());
        } else {
            reader.answer(pull, outcome);
        }
    }

    private Supplier<NativeFilter> filter(PullHeader header) {
        if ((header.sysFlag() & PullFlags.CLASS_FILTER) != 0) {
            throw new BadRequestException(
                    ResponseCode.SUBSCRIPTION_PARSE_FAILED,
                    "this broker runs no filter classes: subscribe to topic " + header.topic() + " by tag or SQL92");
        }
        if ((header.sysFlag() & PullFlags.SUBSCRIPTION) != 0) {
            NativeFilter asked = filters.of(SubscriptionData.of(
                    header.topic(), header.subscription(), header.expressionType(), header.subVersion()));
            return () -> asked;
        }
        @Nullable SubscriptionData known = members.subscription(header.consumerGroup(), header.topic());
        if (known == null) {
            throw new BadRequestException(
                    ResponseCode.SUBSCRIPTION_NOT_EXIST,
                    "the consumer's subscription not exist: no heartbeat of group " + header.consumerGroup()
                            + " names topic " + header.topic());
        }
        if (known.version() < header.subVersion()) {
            throw new BadRequestException(
                    ResponseCode.SUBSCRIPTION_NOT_LATEST,
                    "the consumer's subscription not latest: wait for its next heartbeat");
        }
        return new GroupFilter(members, filters, header.consumerGroup(), known);
    }
}
