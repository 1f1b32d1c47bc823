/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.security;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Every request code of RocketMQ that PolyMQ answers, and who may send it: one row each. */
final class RequestCodes {
    /** What a sender needs; each is had by one of the test's users and no other. */
    enum Need {
        /** PUB on the topic. */
        PUBLISH,
        /** SUB on everything under the topic, and SUB on the group. */
        CONSUME,
        /** MANAGE on the topic. */
        MANAGE_TOPIC,
        /** MANAGE on the group. */
        MANAGE_GROUP,
        /** MANAGE on the cluster. */
        MANAGE_CLUSTER,
        /** To be somebody. */
        LOGIN
    }

    /** What every row's request is about. */
    static final String NAME = "secret";

    private static final String CONSUMING = "11 PULL_MESSAGE, 12 QUERY_MESSAGE, 14 QUERY_CONSUMER_OFFSET,"
            + " 15 UPDATE_CONSUMER_OFFSET, 29 SEARCH_OFFSET_BY_TIMESTAMP, 30 GET_MAX_OFFSET, 31 GET_MIN_OFFSET,"
            + " 32 GET_EARLIEST_MSG_STORETIME, 33 VIEW_MESSAGE_BY_ID, 34 HEART_BEAT, 35 UNREGISTER_CLIENT,"
            + " 36 CONSUMER_SEND_MSG_BACK, 38 GET_CONSUMER_LIST_BY_GROUP, 41 LOCK_BATCH_MQ, 42 UNLOCK_BATCH_MQ,"
            + " 46 CHECK_CLIENT_CONFIG, 361 LITE_PULL_MESSAGE, 400 QUERY_ASSIGNMENT, 200050 POP_MESSAGE,"
            + " 200051 ACK_MESSAGE, 200052 PEEK_MESSAGE, 200053 CHANGE_MESSAGE_INVISIBLETIME, 200054 NOTIFICATION,"
            + " 200055 POLLING_INFO, 200151 BATCH_ACK_MESSAGE";
    private static final String PUBLISHING =
            "10 SEND_MESSAGE, 37 END_TRANSACTION, 310 SEND_MESSAGE_V2," + " 320 SEND_BATCH_MESSAGE, 370 RECALL_MESSAGE";
    private static final String TOPIC = "17 UPDATE_AND_CREATE_TOPIC, 18 UPDATE_AND_CREATE_TOPIC_LIST,"
            + " 202 GET_TOPIC_STATS_INFO, 300 QUERY_TOPIC_CONSUME_BY_WHO, 308 QUERY_CORRECTION_OFFSET,"
            + " 321 QUERY_CONSUME_QUEUE, 351 GET_TOPIC_CONFIG, 215 DELETE_TOPIC_IN_BROKER";
    private static final String GROUP = "200 UPDATE_AND_CREATE_SUBSCRIPTIONGROUP, 203 GET_CONSUMER_CONNECTION_LIST,"
            + " 208 GET_CONSUME_STATS, 222 INVOKE_BROKER_TO_RESET_OFFSET, 223 INVOKE_BROKER_TO_GET_CONSUMER_STATUS,"
            + " 225 UPDATE_AND_CREATE_SUBSCRIPTIONGROUP_LIST, 303 QUERY_CONSUME_TIME_SPAN,"
            + " 307 GET_CONSUMER_RUNNING_INFO, 309 CONSUME_MESSAGE_DIRECTLY, 314 CLONE_GROUP_OFFSET,"
            + " 343 QUERY_TOPICS_BY_CONSUMER, 345 QUERY_SUBSCRIPTION_BY_CONSUMER, 352 GET_SUBSCRIPTIONGROUP_CONFIG,"
            + " 401 SET_MESSAGE_REQUEST_MODE, 207 DELETE_SUBSCRIPTIONGROUP";
    private static final String CLUSTER = "21 GET_ALL_TOPIC_CONFIG, 25 UPDATE_BROKER_CONFIG, 26 GET_BROKER_CONFIG,"
            + " 28 GET_BROKER_RUNTIME_INFO, 43 GET_ALL_CONSUMER_OFFSET, 201 GET_ALL_SUBSCRIPTIONGROUP_CONFIG,"
            + " 204 GET_PRODUCER_CONNECTION_LIST, 305 GET_SYSTEM_TOPIC_LIST_FROM_BROKER,"
            + " 306 CLEAN_EXPIRED_CONSUMEQUEUE, 315 VIEW_BROKER_STATS_DATA, 317 GET_BROKER_CONSUME_STATS,"
            + " 323 RESUME_CHECK_HALF_MESSAGE, 328 GET_ALL_PRODUCER_INFO, 329 DELETE_EXPIRED_COMMITLOG,"
            + " 402 GET_ALL_MESSAGE_REQUEST_MODE, 3001 AUTH_CREATE_USER, 3002 AUTH_UPDATE_USER, 3003 AUTH_DELETE_USER,"
            + " 3004 AUTH_GET_USER, 3005 AUTH_LIST_USER, 3006 AUTH_CREATE_ACL, 3007 AUTH_UPDATE_ACL,"
            + " 3008 AUTH_DELETE_ACL, 3009 AUTH_GET_ACL, 3010 AUTH_LIST_ACL, 316 CLEAN_UNUSED_TOPIC";
    /** Answered with a sentence that says what PolyMQ has instead. */
    private static final String FOREIGN = "354 CHECK_ROCKSDB_CQ_WRITE_PROGRESS, 355 EXPORT_ROCKSDB_CONFIG_TO_JSON,"
            + " 513 UPDATE_AND_CREATE_STATIC_TOPIC, 902 ADD_BROKER, 903 REMOVE_BROKER, 905 NOTIFY_MIN_BROKER_ID_CHANGE,"
            + " 906 EXCHANGE_BROKER_HA_INFO, 907 GET_BROKER_HA_STATUS, 908 RESET_MASTER_FLUSH_OFFSET,"
            + " 1001 CONTROLLER_ALTER_SYNC_STATE_SET, 1002 CONTROLLER_ELECT_MASTER, 1003 CONTROLLER_REGISTER_BROKER,"
            + " 1004 CONTROLLER_GET_REPLICA_INFO, 1005 CONTROLLER_GET_METADATA_INFO,"
            + " 1006 CONTROLLER_GET_SYNC_STATE_DATA, 1007 GET_BROKER_EPOCH_CACHE, 1008 NOTIFY_BROKER_ROLE_CHANGED,"
            + " 1009 UPDATE_CONTROLLER_CONFIG, 1010 GET_CONTROLLER_CONFIG, 1011 CLEAN_BROKER_DATA,"
            + " 1012 CONTROLLER_GET_NEXT_BROKER_ID, 1013 CONTROLLER_APPLY_BROKER_ID,"
            + " 2001 UPDATE_COLD_DATA_FLOW_CTR_CONFIG, 2002 REMOVE_COLD_DATA_FLOW_CTR_CONFIG,"
            + " 2003 GET_COLD_DATA_FLOW_CTR_INFO, 2004 SET_COMMITLOG_READ_MODE, 5001 SWITCH_TIMER_ENGINE,"
            + " 200056 POP_ROLLBACK, 200074 GET_BROKER_LITE_INFO, 200075 GET_PARENT_TOPIC_INFO,"
            + " 200076 GET_LITE_TOPIC_INFO, 200077 GET_LITE_CLIENT_INFO, 200078 GET_LITE_GROUP_INFO,"
            + " 200079 TRIGGER_LITE_DISPATCH";

    private static final String ROUTES = "105 GET_ROUTEINFO_BY_TOPIC, 106 GET_BROKER_CLUSTER_INFO,"
            + " 206 GET_ALL_TOPIC_LIST_FROM_NAMESERVER, 224 GET_TOPICS_BY_CLUSTER, 304 GET_SYSTEM_TOPIC_LIST_FROM_NS,"
            + " 311 GET_UNIT_TOPIC_LIST, 312 GET_HAS_UNIT_SUB_TOPIC_LIST, 313 GET_HAS_UNIT_SUB_UNUNIT_TOPIC_LIST,"
            + " 901 GET_BROKER_MEMBER_GROUP";
    /** A broker says what it serves, or an administrator changes the name server. */
    private static final String REGISTRY = "100 PUT_KV_CONFIG, 102 DELETE_KV_CONFIG, 103 REGISTER_BROKER,"
            + " 104 UNREGISTER_BROKER, 205 WIPE_WRITE_PERM_OF_BROKER, 217 REGISTER_TOPIC_IN_NAMESRV,"
            + " 318 UPDATE_NAMESRV_CONFIG, 319 GET_NAMESRV_CONFIG, 322 QUERY_DATA_VERSION,"
            + " 327 ADD_WRITE_PERM_OF_BROKER, 904 BROKER_HEARTBEAT, 216 DELETE_TOPIC_IN_NAMESRV";

    private static final String KEY_VALUES = "101 GET_KV_CONFIG, 219 GET_KVLIST_BY_NAMESPACE";

    /** One row. */
    record Row(int code, String name, Need need) {}

    private RequestCodes() {}

    /** The rows of a broker; what destroys comes last. */
    static Map<Integer, Row> ofBroker() {
        Map<Integer, Row> rows = new java.util.LinkedHashMap<>();
        add(rows, Need.PUBLISH, PUBLISHING);
        add(rows, Need.CONSUME, CONSUMING);
        add(rows, Need.LOGIN, "324 SEND_REPLY_MESSAGE, 325 SEND_REPLY_MESSAGE_V2");
        add(rows, Need.MANAGE_CLUSTER, FOREIGN);
        add(rows, Need.MANAGE_GROUP, GROUP);
        add(rows, Need.MANAGE_TOPIC, TOPIC);
        add(rows, Need.MANAGE_CLUSTER, CLUSTER);
        return rows;
    }

    /** The rows of a name server. */
    static Map<Integer, Row> ofNameServer() {
        Map<Integer, Row> rows = new java.util.LinkedHashMap<>();
        add(rows, Need.LOGIN, ROUTES);
        add(rows, Need.LOGIN, KEY_VALUES);
        add(rows, Need.LOGIN, FOREIGN);
        add(rows, Need.MANAGE_CLUSTER, REGISTRY);
        return rows;
    }

    private static void add(Map<Integer, Row> rows, Need need, String text) {
        for (String each : text.split(", ?", -1)) {
            String[] words = each.strip().split(" ", -1);
            int code = Integer.parseInt(words[0]);
            rows.put(code, new Row(code, words[1], need));
        }
    }

    /** Codes that are tried to find out which ones a server answers. */
    static IntStream candidates() {
        return IntStream.concat(IntStream.range(0, 6_000), IntStream.range(200_000, 200_300));
    }

    /** Everything that any request's header may ask for, about {@link #NAME}. */
    static Map<String, String> fields(int code, long position) {
        Map<String, String> fields = new TreeMap<>();
        for (String name : List.of("topic", "b", "group", "groupName", "consumerGroup", "srcGroup", "destGroup")) {
            fields.put(name, NAME);
        }
        for (String name : List.of("producerGroup", "a", "defaultTopic", "c", "statsName", "statsKey", "username")) {
            fields.put(name, NAME);
        }
        for (String name : List.of("namespace", "cluster", "clusterName", "brokerName", "brokerAddr", "haServerAddr")) {
            fields.put(name, "nowhere");
        }
        for (String zero : ("queueId e sysFlag f flag h bornTimestamp g defaultTopicQueueNums d queueOffset maxMsgNums"
                        + " commitOffset suspendTimeoutMillis subVersion timestamp delayLevel perm invisibleTime pollTime bornTime"
                        + " initMode index count maxNum beginTimestamp endTimestamp tranStateTableOffset commitOrRollback brokerId"
                        + " boundaryType")
                .split(" ", -1)) {
            fields.put(zero, "0");
        }
        fields.put("subject", "User:nobody");
        fields.put("msgId", "0");
        fields.put("clientId", "c");
        fields.put("clientID", "c");
        fields.put("key", "k");
        fields.put("value", "v");
        fields.put("extraInfo", "0 0 0 0 0 broker-a 0 0");
        fields.put("recallHandle", "x");
        fields.put("readQueueNums", "1");
        fields.put("writeQueueNums", "1");
        fields.put("order", "false");
        fields.put("isOrder", "false");
        fields.put("isForce", "false");
        fields.put("offset", Long.toString(position));
        fields.put("commitLogOffset", Long.toString(position));
        return fields;
    }

    static byte[] body(int code) {
        return switch (code) {
            case 34 ->
                json("{'clientID':'c','consumerDataSet':[{'groupName':'secret','subscriptionDataSet':"
                        + "[{'topic':'secret'}]}]}");
            case 41, 42 -> json("{'consumerGroup':'secret','clientId':'c','mqSet':[]}");
            case 46 -> json("{'group':'secret','subscriptionData':{'topic':'secret'}}");
            case 400, 401 -> json("{'consumerGroup':'secret','topic':'secret','clientId':'c'}");
            case 200151 -> json("{'acks':[{'c':'secret','t':'secret'}]}");
            case 200 -> json("{'groupName':'secret'}");
            case 225 -> json("{'groupConfigList':[{'groupName':'secret'}]}");
            case 18 -> json("{'topicConfigList':[{'topicName':'secret'}]}");
            case 25 -> json("autoCreateTopicEnable=true");
            case 318 -> json("enableTopicList=true");
            case 320 -> batch();
            default -> json("{}");
        };
    }

    /** One message as a batch has it: size, magic, CRC, flag, body, properties. */
    private static byte[] batch() {
        return ByteBuffer.allocate(4 + 4 + 4 + 4 + 4 + 1 + 2)
                .putInt(23)
                .putInt(0)
                .putInt(0)
                .putInt(0)
                .putInt(1)
                .put((byte) 'x')
                .putShort((short) 0)
                .array();
    }

    private static byte[] json(String text) {
        return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }
}
