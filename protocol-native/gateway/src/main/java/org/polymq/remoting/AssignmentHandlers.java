/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.polymq.broker.group.Groups;
import org.polymq.broker.group.RequestMode;
import org.polymq.broker.group.RequestModes;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.Topics;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.RequestCode;
import org.polymq.remoting.wire.ResponseCode;
import org.polymq.remoting.wire.body.AssignmentBody;
import org.polymq.remoting.wire.body.QueueRef;
import org.polymq.remoting.wire.body.RequestModeBody;

/** Codes 400 and 401: the broker shares out queues, and is told whether a group pulls or pops. */
final class AssignmentHandlers {
    private final Topics topics;
    private final Groups groups;
    private final RequestModes modes;
    private final ConsumerGroups members;
    private final NativeTopicNames names;
    private final PopGroups pops;
    private final String brokerName;

    AssignmentHandlers(
            Topics topics,
            Groups groups,
            RequestModes modes,
            ConsumerGroups members,
            NativeTopicNames names,
            PopGroups pops,
            String brokerName) {
        this.topics = topics;
        this.groups = groups;
        this.modes = modes;
        this.members = members;
        this.names = names;
        this.pops = pops;
        this.brokerName = brokerName;
    }

    void addTo(Map<Integer, RequestHandler> handlers) {
        handlers.put(RequestCode.QUERY_ASSIGNMENT, this::query);
        handlers.put(RequestCode.SET_MESSAGE_REQUEST_MODE, this::setMode);
    }

    private Topic existing(String nativeTopic) {
        Topic topic = topics.get(names.of(nativeTopic).topic());
        if (topic == null) {
            throw new BadRequestException(ResponseCode.TOPIC_NOT_EXIST, "topic[" + nativeTopic + "] not exist");
        }
        return topic;
    }

    private void query(RemotingCommand request, NativeConnection from) {
        AssignmentBody body = AssignmentBody.of(request.body());
        Topic topic = existing(body.topic());
        boolean pop = !body.topic().startsWith(NativeTopicNames.RETRY_PREFIX)
                && (modes.of(body.consumerGroup(), topic.name()).pop() || PopGroups.isQueueGroup(body.consumerGroup()));
        RequestMode mode = pop ? modes.of(body.consumerGroup(), topic.name()) : RequestMode.PULL;
        Set<QueueRef> assigned = new LinkedHashSet<>();
        for (int queue : queues(body, topic, pop, mode)) {
            assigned.add(new QueueRef(body.topic(), brokerName, queue));
        }
        from.answer(request, request.answer(AssignmentBody.assigned(assigned, pop ? "POP" : "PULL")));
    }

    private List<Integer> queues(AssignmentBody body, Topic topic, boolean pop, RequestMode mode) {
        List<Integer> all = IntStream.range(0, topic.readQueues()).boxed().toList();
        if (body.messageModel().equals("BROADCASTING")) {
            return all;
        }
        List<String> clients =
                members.clientIds(body.consumerGroup()).stream().sorted().toList();
        int index = clients.indexOf(body.clientId());
        if (pop && (mode.shareQueues() <= 0 || mode.shareQueues() >= clients.size() - 1)) {
            return List.of(-1);
        }
        if (index < 0) {
            return List.of();
        }
        if (!pop) {
            return allocate(body.strategyName(), all, index, clients.size());
        }
        if (clients.size() > all.size()) {
            return List.of(all.get(index % all.size()));
        }
        List<Integer> shared = new ArrayList<>();
        for (int i = 0; i <= mode.shareQueues(); i++) {
            shared.addAll(allocate(body.strategyName(), all, (index + i) % clients.size(), clients.size()));
        }
        return shared;
    }

    /** RocketMQ's strategies AVG and AVG_BY_CIRCLE; a client that asks for another gets AVG. */
    static List<Integer> allocate(String strategy, List<Integer> queues, int index, int clients) {
        if (strategy.equals("AVG_BY_CIRCLE")) {
            return IntStream.range(0, queues.size())
                    .filter(i -> i % clients == index)
                    .mapToObj(queues::get)
                    .toList();
        }
        int rest = queues.size() % clients;
        int each = queues.size() / clients + (index < rest ? 1 : 0);
        int start = index < rest ? index * each : index * each + rest;
        return queues.subList(Math.min(start, queues.size()), Math.min(start + each, queues.size()));
    }

    private void setMode(RemotingCommand request, NativeConnection from) {
        RequestModeBody body = RequestModeBody.of(request.body());
        if (body.topic().startsWith(NativeTopicNames.RETRY_PREFIX)) {
            throw new BadRequestException(ResponseCode.NO_PERMISSION, "retry topic is not allowed to set mode");
        }
        if (!body.mode().equals("PULL") && !body.mode().equals("POP")) {
            throw new BadRequestException(
                    ResponseCode.INVALID_PARAMETER, "the mode " + body.mode() + " is neither PULL nor POP");
        }
        Topic topic = existing(body.topic());
        if (groups.find(body.consumerGroup()).isEmpty()) {
            throw new BadRequestException(
                    ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST,
                    "subscription group [" + body.consumerGroup() + "] does not exist: make it first");
        }
        boolean pop = body.mode().equals("POP");
        int inFlight = pops.inFlight(body.consumerGroup(), topic);
        if (!pop && inFlight > 0) {
            throw new BadRequestException(
                    ResponseCode.SYSTEM_ERROR,
                    "members of " + body.consumerGroup() + " have " + inFlight + " messages of " + body.topic()
                            + " that they did not acknowledge yet: stop them, or try again when that is done");
        }
        boolean changes = pop != modes.of(body.consumerGroup(), topic.name()).pop();
        modes.set(
                body.consumerGroup(),
                topic.name(),
                new RequestMode(pop, body.popShareQueueNum()),
                from,
                from.guarded(request, done -> {
                    if (changes) {
                        pops.end(body.consumerGroup(), topic);
                    }
                    from.answer(request, request.answer(ResponseCode.SUCCESS, null));
                }));
    }
}
