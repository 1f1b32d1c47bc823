/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.regex.Pattern;
import org.polymq.broker.group.Group;
import org.polymq.broker.group.Groups;
import org.polymq.broker.topic.Topic;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.JsonText;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.RequestCode;
import org.polymq.remoting.wire.ResponseCode;
import org.polymq.remoting.wire.body.DataVersion;
import org.polymq.remoting.wire.body.GroupConfig;
import org.polymq.remoting.wire.body.SubscriptionData;
import org.polymq.remoting.wire.body.TextLists;

/** Codes 200, 201, 207, 225, 343, 345 and 352: consumer groups are made, changed, listed and deleted. */
final class GroupAdmin {
    private static final Pattern NAME = Pattern.compile("[%|a-zA-Z0-9_-]{1,120}");
    private static final int LONGEST_POLICY = 4_096;
    private static final int MOST_ATTRIBUTES = 32;

    private final Groups groups;
    private final ConsumerGroups members;
    private final TopicDirectory directory;
    private final DataVersion version;

    /** {@code startedAt} in ms since the epoch stands for the state of the groups. */
    GroupAdmin(Groups groups, ConsumerGroups members, TopicDirectory directory, long startedAt) {
        this.groups = groups;
        this.members = members;
        this.directory = directory;
        this.version = new DataVersion(0, startedAt, 0);
    }

    void addTo(Map<Integer, RequestHandler> handlers) {
        handlers.put(RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP, this::update);
        handlers.put(RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP_LIST, this::updateList);
        handlers.put(RequestCode.GET_ALL_SUBSCRIPTIONGROUP_CONFIG, this::all);
        handlers.put(RequestCode.GET_SUBSCRIPTIONGROUP_CONFIG, this::config);
        handlers.put(RequestCode.DELETE_SUBSCRIPTIONGROUP, this::delete);
        handlers.put(RequestCode.QUERY_TOPICS_BY_CONSUMER, this::topics);
        handlers.put(RequestCode.QUERY_SUBSCRIPTION_BY_CONSUMER, this::subscription);
    }

    private void update(RemotingCommand request, NativeConnection from) {
        updateNext(new ArrayDeque<>(List.of(group(GroupConfig.of(request.body())))), request, from);
    }

    private void updateList(RemotingCommand request, NativeConnection from) {
        Queue<Group> asked = new ArrayDeque<>();
        GroupConfig.ofList(request.body()).forEach(config -> asked.add(group(config)));
        updateNext(asked, request, from);
    }

    /** One after the other: the first that is refused is the answer. */
    private void updateNext(Queue<Group> left, RemotingCommand request, NativeConnection from) {
        Group next = left.poll();
        if (next == null) {
            from.answer(request, request.answer(ResponseCode.SUCCESS, null));
        } else {
            groups.update(next, from, from.guarded(request, made -> updateNext(left, request, from)));
        }
    }

    private Group group(GroupConfig config) {
        if (!NAME.matcher(config.name()).matches()) {
            throw invalid("the specified group[" + config.name() + "] has other characters than " + NAME.pattern());
        }
        if (config.maxRetries() < -1 || config.retryQueues() < 0 || config.retryQueues() > Topic.MAX_QUEUES) {
            throw invalid("group[" + config.name() + "] cannot have " + config.maxRetries() + " retries and "
                    + config.retryQueues() + " retry queues");
        }
        if (config.retryPolicy().length() > LONGEST_POLICY
                || config.attributes().size() > MOST_ATTRIBUTES) {
            throw invalid("the retry policy or the attributes of group[" + config.name() + "] are too long");
        }
        Map<String, String> attributes =
                new HashMap<>(groups.find(config.name()).map(Group::attributes).orElse(Map.of()));
        config.attributes().forEach((signed, value) -> {
            if (signed.startsWith("-")) {
                attributes.remove(signed.substring(1));
            } else {
                attributes.put(signed.startsWith("+") ? signed.substring(1) : signed, value);
            }
        });
        return new Group(
                config.name(),
                config.consumeEnable(),
                config.consumeBroadcast(),
                config.maxRetries(),
                config.orderly(),
                config.consumeFromMin(),
                config.notifyMembers(),
                config.retryQueues(),
                config.retryPolicy(),
                attributes);
    }

    private static BadRequestException invalid(String remark) {
        return new BadRequestException(ResponseCode.INVALID_PARAMETER, remark);
    }

    static GroupConfig config(Group group) {
        return new GroupConfig(
                group.name(),
                group.consumeEnabled(),
                group.fromMin(),
                group.broadcastEnabled(),
                group.orderly(),
                group.retryQueues(),
                group.maxRetries(),
                group.notifiesMembers(),
                group.retryPolicy(),
                group.attributes());
    }

    private void all(RemotingCommand request, NativeConnection from) {
        JsonText out = new JsonText();
        out.open().name("dataVersion");
        version.write(out);
        out.name("forbiddenTable").open().close();
        out.name("subscriptionGroupTable").open();
        groups.all().forEach(group -> config(group).write(out.name(group.name())));
        from.answer(request, request.answer(out.close().close().bytes()));
    }

    private void config(RemotingCommand request, NativeConnection from) {
        String name = request.fields().string("group");
        Group group = groups.find(name).orElseThrow(() -> missing(name));
        from.answer(request, request.answer(config(group).encode()));
    }

    private static BadRequestException missing(String name) {
        return new BadRequestException(
                ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, "No group in this broker. group: " + name);
    }

    private void delete(RemotingCommand request, NativeConnection from) {
        String name = request.fields().string("groupName");
        groups.delete(
                name,
                from,
                from.guarded(request, was -> from.answer(request, request.answer(ResponseCode.SUCCESS, null))));
    }

    private void topics(RemotingCommand request, NativeConnection from) {
        from.answer(
                request,
                request.answer(
                        TextLists.topics(directory.topicsRead(request.fields().string("group")), "")));
    }

    private void subscription(RemotingCommand request, NativeConnection from) {
        ExtFields fields = request.fields();
        String group = fields.string("group");
        String topic = fields.string("topic");
        JsonText out = new JsonText();
        out.open().name("group").value(group);
        SubscriptionData known = members.subscription(group, topic);
        if (known != null) {
            known.write(out.name("subscriptionData"));
        }
        from.answer(
                request, request.answer(out.name("topic").value(topic).close().bytes()));
    }
}
