/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import com.alibaba.fastjson2.JSONObject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.half.HalfMessage;
import org.polymq.broker.half.HalfMessages;
import org.polymq.broker.message.Names;
import org.polymq.broker.message.NativeScan;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.security.Access;
import org.polymq.broker.security.Action;
import org.polymq.broker.security.Audit;
import org.polymq.broker.state.MessageReader;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.Topics;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ForeignCodes;
import org.polymq.remoting.wire.JsonSafety;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.body.GroupConfig;
import org.polymq.remoting.wire.body.HeartbeatData;
import org.polymq.remoting.wire.body.LockBatchBody;
import org.polymq.remoting.wire.body.TopicConfig;
import org.polymq.remoting.wire.header.SendHeader;

/**
 * What each request code needs: the one table of codes, actions and resources. A code that is served and not in it
 * keeps the gateway from being built. Safe from any thread.
 */
final class AccessRules {
    /**
     * What a code needs.
     *
     * @param name RocketMQ's name of the code
     * @param on in words, what the action is on
     * @param changes whether it changes something as an administrator does, and goes to the audit log
     */
    record Rule(String name, Action action, String on, boolean changes, Check check) {}

    /** Asks for what one request needs; refuses with NO_PERMISSION. */
    interface Check {
        void of(RemotingCommand request, Access access);
    }

    private final Map<Integer, Rule> rules = new TreeMap<>();
    private final Topics topics;
    private final MessageReader messages;
    private final HalfMessages halves;
    private final NativeTopicNames names;
    private final Audit audit;

    AccessRules(Topics topics, MessageReader messages, HalfMessages halves, NativeTopicNames names, Audit audit) {
        this.topics = topics;
        this.messages = messages;
        this.halves = halves;
        this.names = names;
        this.audit = audit;
        producing();
        consuming();
        managingTopicsAndGroups();
        managingTheCluster();
    }

    @Nullable
    Rule find(int code) {
        return rules.get(code);
    }

    /** The codes in the table. */
    Set<Integer> codes() {
        return rules.keySet();
    }

    /** Refuses a request that its sender may not make. */
    void check(RemotingCommand request, Access access) {
        Rule rule = rules.get(request.code());
        if (rule == null) {
            throw new IllegalStateException("request code " + request.code() + " has no rule");
        }
        if (!access.unrestricted()) {
            rule.check().of(request, access);
        }
        if (rule.changes()) {
            audit.write(new Audit.Event(
                    Audit.Kind.ADMIN, access.principal().name(), access.origin(), rule.name(), details(request)));
        }
    }

    private static Map<String, String> details(RemotingCommand request) {
        Map<String, String> details = new TreeMap<>();
        for (String name :
                List.of("topic", "group", "groupName", "consumerGroup", "srcGroup", "destGroup", "username")) {
            String value = request.fields().get(name);
            if (value != null) {
                details.put(name, value);
            }
        }
        return details;
    }

    // ---- the table

    private void producing() {
        Check eachMessage = this::publish;
        rule(10, "SEND_MESSAGE", Action.PUB, "topic and TOPIC_PATH of each message", eachMessage);
        rule(310, "SEND_MESSAGE_V2", Action.PUB, "topic and TOPIC_PATH of each message", eachMessage);
        rule(320, "SEND_BATCH_MESSAGE", Action.PUB, "topic and TOPIC_PATH of each message", eachMessage);
        rule(37, "END_TRANSACTION", Action.PUB, "address of the half message", this::endTransaction);
        rule(
                370,
                "RECALL_MESSAGE",
                Action.PUB,
                "topic",
                (request, access) ->
                        access.publish(Names.ofNative(request.fields().string("topic"), null)));
        // The answer of a request goes to whom it names; an address of another kind is asked for where it is known.
        Check whoeverIsProved = (request, access) -> {};
        rule(324, "SEND_REPLY_MESSAGE", Action.PUB, "the requester's address", whoeverIsProved);
        rule(325, "SEND_REPLY_MESSAGE_V2", Action.PUB, "the requester's address", whoeverIsProved);
    }

    private void consuming() {
        Check reads = (request, access) -> read(request.fields().string("topic"), access);
        Check uses = (request, access) -> access.useGroup(request.fields().string("consumerGroup"));
        Check both = (request, access) -> {
            uses.of(request, access);
            reads.of(request, access);
        };
        String all = "everything under the topic; the group";
        rule(11, "PULL_MESSAGE", Action.SUB, all, both);
        rule(361, "LITE_PULL_MESSAGE", Action.SUB, all, both);
        rule(14, "QUERY_CONSUMER_OFFSET", Action.SUB, all, both);
        rule(15, "UPDATE_CONSUMER_OFFSET", Action.SUB, all, both);
        rule(200050, "POP_MESSAGE", Action.SUB, all, both);
        rule(200051, "ACK_MESSAGE", Action.SUB, all, both);
        rule(200052, "PEEK_MESSAGE", Action.SUB, all, both);
        rule(200053, "CHANGE_MESSAGE_INVISIBLETIME", Action.SUB, all, both);
        rule(200054, "NOTIFICATION", Action.SUB, all, both);
        rule(200055, "POLLING_INFO", Action.SUB, all, both);
        rule(200151, "BATCH_ACK_MESSAGE", Action.SUB, all, this::batchAck);
        rule(400, "QUERY_ASSIGNMENT", Action.SUB, all, (request, access) -> {
            JSONObject body = JsonSafety.object(request.body());
            access.useGroup(text(body, "consumerGroup"));
            read(text(body, "topic"), access);
        });
        rule(
                46,
                "CHECK_CLIENT_CONFIG",
                Action.SUB,
                "the group",
                (request, access) -> access.useGroup(text(JsonSafety.object(request.body()), "group")));
        rule(34, "HEART_BEAT", Action.SUB, all, this::heartbeat);
        rule(35, "UNREGISTER_CLIENT", Action.SUB, "the group", (request, access) -> {
            String group = request.fields().get("consumerGroup");
            if (group != null && !group.isEmpty()) {
                access.useGroup(group);
            }
        });
        rule(38, "GET_CONSUMER_LIST_BY_GROUP", Action.SUB, "the group", uses);
        Check locks = (request, access) ->
                access.useGroup(LockBatchBody.of(request.body()).consumerGroup());
        rule(41, "LOCK_BATCH_MQ", Action.SUB, "the group", locks);
        rule(42, "UNLOCK_BATCH_MQ", Action.SUB, "the group", locks);
        rule(36, "CONSUMER_SEND_MSG_BACK", Action.SUB, all, (request, access) -> {
            access.useGroup(request.fields().string("group"));
            readStored(request.fields().number("offset"), access);
        });
        String topic = "everything under the topic";
        rule(12, "QUERY_MESSAGE", Action.SUB, topic, reads);
        rule(29, "SEARCH_OFFSET_BY_TIMESTAMP", Action.SUB, topic, reads);
        rule(30, "GET_MAX_OFFSET", Action.SUB, topic, reads);
        rule(31, "GET_MIN_OFFSET", Action.SUB, topic, reads);
        rule(32, "GET_EARLIEST_MSG_STORETIME", Action.SUB, topic, reads);
        rule(
                33,
                "VIEW_MESSAGE_BY_ID",
                Action.SUB,
                "everything under the message's topic",
                (request, access) -> readStored(request.fields().number("offset"), access));
    }

    private void managingTopicsAndGroups() {
        Check topic = (request, access) -> manage(request.fields().string("topic"), access);
        change(17, "UPDATE_AND_CREATE_TOPIC", "the topic", topic);
        change(
                18,
                "UPDATE_AND_CREATE_TOPIC_LIST",
                "each topic",
                (request, access) -> TopicConfig.ofList(request.body()).forEach(each -> manage(each.name(), access)));
        change(215, "DELETE_TOPIC_IN_BROKER", "the topic", topic);
        look(202, "GET_TOPIC_STATS_INFO", "the topic", topic);
        look(300, "QUERY_TOPIC_CONSUME_BY_WHO", "the topic", topic);
        look(321, "QUERY_CONSUME_QUEUE", "the topic", topic);
        look(351, "GET_TOPIC_CONFIG", "the topic", topic);
        look(308, "QUERY_CORRECTION_OFFSET", "the topic", topic);

        Check group = (request, access) -> access.manageGroup(request.fields().string("group"));
        Check consumerGroup =
                (request, access) -> access.manageGroup(request.fields().string("consumerGroup"));
        change(
                200,
                "UPDATE_AND_CREATE_SUBSCRIPTIONGROUP",
                "the group",
                (request, access) ->
                        access.manageGroup(GroupConfig.of(request.body()).name()));
        change(
                225,
                "UPDATE_AND_CREATE_SUBSCRIPTIONGROUP_LIST",
                "each group",
                (request, access) ->
                        GroupConfig.ofList(request.body()).forEach(each -> access.manageGroup(each.name())));
        change(
                207,
                "DELETE_SUBSCRIPTIONGROUP",
                "the group",
                (request, access) -> access.manageGroup(request.fields().string("groupName")));
        change(222, "INVOKE_BROKER_TO_RESET_OFFSET", "the group", group);
        change(314, "CLONE_GROUP_OFFSET", "both groups", (request, access) -> {
            access.manageGroup(request.fields().string("srcGroup"));
            access.manageGroup(request.fields().string("destGroup"));
        });
        change(
                401,
                "SET_MESSAGE_REQUEST_MODE",
                "the group",
                (request, access) -> access.manageGroup(text(JsonSafety.object(request.body()), "consumerGroup")));
        change(309, "CONSUME_MESSAGE_DIRECTLY", "the group", consumerGroup);
        look(203, "GET_CONSUMER_CONNECTION_LIST", "the group", consumerGroup);
        look(208, "GET_CONSUME_STATS", "the group", consumerGroup);
        look(223, "INVOKE_BROKER_TO_GET_CONSUMER_STATUS", "the group", group);
        look(303, "QUERY_CONSUME_TIME_SPAN", "the group", group);
        look(307, "GET_CONSUMER_RUNNING_INFO", "the group", consumerGroup);
        look(343, "QUERY_TOPICS_BY_CONSUMER", "the group", group);
        look(345, "QUERY_SUBSCRIPTION_BY_CONSUMER", "the group", group);
        look(352, "GET_SUBSCRIPTIONGROUP_CONFIG", "the group", group);
    }

    private void managingTheCluster() {
        Check cluster = (request, access) -> access.manageCluster();
        change(25, "UPDATE_BROKER_CONFIG", "the cluster", cluster);
        change(306, "CLEAN_EXPIRED_CONSUMEQUEUE", "the cluster", cluster);
        change(316, "CLEAN_UNUSED_TOPIC", "the cluster", cluster);
        change(323, "RESUME_CHECK_HALF_MESSAGE", "the cluster", cluster);
        change(329, "DELETE_EXPIRED_COMMITLOG", "the cluster", cluster);
        change(3001, "AUTH_CREATE_USER", "the cluster", cluster);
        change(3002, "AUTH_UPDATE_USER", "the cluster", cluster);
        change(3003, "AUTH_DELETE_USER", "the cluster", cluster);
        change(3006, "AUTH_CREATE_ACL", "the cluster", cluster);
        change(3007, "AUTH_UPDATE_ACL", "the cluster", cluster);
        change(3008, "AUTH_DELETE_ACL", "the cluster", cluster);
        look(21, "GET_ALL_TOPIC_CONFIG", "the cluster", cluster);
        look(26, "GET_BROKER_CONFIG", "the cluster", cluster);
        look(28, "GET_BROKER_RUNTIME_INFO", "the cluster", cluster);
        look(43, "GET_ALL_CONSUMER_OFFSET", "the cluster", cluster);
        look(201, "GET_ALL_SUBSCRIPTIONGROUP_CONFIG", "the cluster", cluster);
        look(204, "GET_PRODUCER_CONNECTION_LIST", "the cluster", cluster);
        look(305, "GET_SYSTEM_TOPIC_LIST_FROM_BROKER", "the cluster", cluster);
        look(315, "VIEW_BROKER_STATS_DATA", "the cluster", cluster);
        look(317, "GET_BROKER_CONSUME_STATS", "the cluster", cluster);
        look(328, "GET_ALL_PRODUCER_INFO", "the cluster", cluster);
        look(402, "GET_ALL_MESSAGE_REQUEST_MODE", "the cluster", cluster);
        look(3004, "AUTH_GET_USER", "the cluster", cluster);
        look(3005, "AUTH_LIST_USER", "the cluster", cluster);
        look(3009, "AUTH_GET_ACL", "the cluster", cluster);
        look(3010, "AUTH_LIST_ACL", "the cluster", cluster);
        ForeignCodes.all().keySet().forEach(code -> look(code, "code " + code, "the cluster", cluster));
    }

    private void rule(int code, String name, Action action, String on, Check check) {
        rules.put(code, new Rule(name, action, on, false, check));
    }

    private void look(int code, String name, String on, Check check) {
        rules.put(code, new Rule(name, Action.MANAGE, on, false, check));
    }

    private void change(int code, String name, String on, Check check) {
        rules.put(code, new Rule(name, Action.MANAGE, on, true, check));
    }

    // ---- checks that read more than one field

    /** SUB on everything under a native topic. */
    private void read(String nativeTopic, Access access) {
        access.read(names.of(nativeTopic).topic());
    }

    private void manage(String nativeTopic, Access access) {
        access.manageTopic(names.of(nativeTopic).topic());
    }

    private void readStored(long position, Access access) {
        StoredMessage message = messages.read(position);
        Topic topic = topics.get(message.topicId());
        if (topic == null) {
            access.manageCluster(); // its topic is deleted: what was permitted on it is not known any more
        } else {
            access.read(topic.name());
        }
    }

    private void publish(RemotingCommand request, Access access) {
        SendHeader header = SendHeader.of(request);
        NativeScan scan = new NativeScan();
        if (SendHandler.isBatch(request, header)) {
            BatchBody.forEach(
                    request.bodyView(),
                    inner -> access.publish(Names.ofNative(
                            header.topic(),
                            scan.scan(request.bodyView(), inner.propertiesAt(), inner.propertiesLength())
                                    .path())));
        } else {
            access.publish(Names.ofNative(
                    header.topic(), scan.scan(header.properties()).path()));
        }
    }

    private void endTransaction(RemotingCommand request, Access access) {
        HalfMessage half = halves.find(request.fields().number("commitLogOffset"));
        if (half == null) {
            access.publish(Names.ofNative(request.fields().string("topic"), null));
        } else {
            access.publish(halves.read(half).address());
        }
    }

    private void heartbeat(RemotingCommand request, Access access) {
        HeartbeatData heartbeat = HeartbeatData.of(request.body());
        access.useClientId(heartbeat.clientId());
        heartbeat.consumers().forEach(consumer -> {
            access.useGroup(consumer.groupName());
            consumer.subscriptions().forEach(subscription -> read(subscription.topic(), access));
        });
    }

    private void batchAck(RemotingCommand request, Access access) {
        JSONObject body = JsonSafety.object(request.body());
        if (!(body.get("acks") instanceof Iterable<?> acks)) {
            throw BadRequestException.field("the member \"acks\" of the body is not a list");
        }
        for (Object each : acks) {
            if (!(each instanceof JSONObject ack)) {
                throw BadRequestException.field("the member \"acks\" of the body is not a list of objects");
            }
            access.useGroup(text(ack, "c"));
            read(text(ack, "t"), access);
        }
    }

    private static String text(JSONObject object, String name) {
        if (object.get(name) instanceof String value) {
            return value;
        }
        throw BadRequestException.field("the member \"" + name + "\" of the body is not a string");
    }
}
