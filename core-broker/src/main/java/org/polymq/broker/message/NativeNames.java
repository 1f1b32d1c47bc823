/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import java.util.Set;

/** The property names that RocketMQ and PolyMQ give a meaning in a native message. */
public final class NativeNames {
    public static final String KEYS = "KEYS";
    public static final String TAGS = "TAGS";
    public static final String UNIQ_KEY = "UNIQ_KEY";
    public static final String DELAY = "DELAY";
    public static final String TIMER_DELIVER_MS = "TIMER_DELIVER_MS";
    public static final String TIMER_DELAY_MS = "TIMER_DELAY_MS";
    public static final String TIMER_DELAY_SEC = "TIMER_DELAY_SEC";
    /** ONS's name for {@link #TIMER_DELIVER_MS}. */
    public static final String START_DELIVER_TIME = "__STARTDELIVERTIME";
    /** When a message with one of the others became visible, ms since the epoch. */
    public static final String TIMER_OUT_MS = "TIMER_OUT_MS";

    public static final String SHARDING_KEY = "__SHARDINGKEY";
    public static final String TRAN_MSG = "TRAN_MSG";
    public static final String PGROUP = "PGROUP";
    public static final String REAL_TOPIC = "REAL_TOPIC";
    public static final String REAL_QUEUE = "REAL_QID";
    public static final String CHECK_TIMES = "TRANSACTION_CHECK_TIMES";
    public static final String CHECK_IMMUNITY_SECONDS = "CHECK_IMMUNITY_TIME_IN_SECONDS";
    public static final String CORRELATION_ID = "CORRELATION_ID";
    public static final String REPLY_TO_CLIENT = "REPLY_TO_CLIENT";
    public static final String CLUSTER = "CLUSTER";
    public static final String TTL = "TTL";
    public static final String MSG_TYPE = "MSG_TYPE";
    public static final String POP_CK = "POP_CK";
    public static final String RETRY_TOPIC = "RETRY_TOPIC";
    public static final String ORIGIN_MESSAGE_ID = "ORIGIN_MESSAGE_ID";
    public static final String DLQ_ORIGIN_TOPIC = "DLQ_ORIGIN_TOPIC";
    public static final String DLQ_ORIGIN_MESSAGE_ID = "DLQ_ORIGIN_MESSAGE_ID";
    /** The name behind {@code Message.setPriority} of RocketMQ 5.5 clients. */
    public static final String CLIENT_PRIORITY = "_SYS_MSG_PRIORITY_";

    /** The rest of the canonical name below its first level. */
    public static final String TOPIC_PATH = "TOPIC_PATH";
    /** Ms since the epoch. */
    public static final String EXPIRES_AT = "EXPIRES_AT";
    /** 0 to 9. */
    public static final String PRIORITY = "PRIORITY";
    /** {@code 1}: MQTT subscribers that come later get it first. */
    public static final String MQTT_RETAIN = "MQTT_RETAIN";
    /** The types of properties that are not strings: {@code count:int,ratio:double}. */
    public static final String JMS_TYPES = "JMS_TYPES";
    /** The header JMSType. */
    public static final String JMS_TYPE = "JMSType";
    /** The names of properties that did not fit, separated by commas. */
    public static final String PROPERTIES_CUT = "PROPERTIES_CUT";
    /** MQTT's content type. */
    public static final String CONTENT_TYPE = "CONTENT_TYPE";
    /** MQTT's payload format indicator: 0 or 1. */
    public static final String PAYLOAD_FORMAT = "PAYLOAD_FORMAT";

    /** Put before an application's property name that is reserved here. */
    public static final String USER_PREFIX = "USER_";

    /** Before a PolyMQ destination in REPLY_TO_CLIENT. */
    static final String ADDRESS_PREFIX = "addr:";

    private static final Set<String> POLYMQ = Set.of(
            TOPIC_PATH,
            EXPIRES_AT,
            PRIORITY,
            MQTT_RETAIN,
            JMS_TYPES,
            JMS_TYPE,
            PROPERTIES_CUT,
            CONTENT_TYPE,
            PAYLOAD_FORMAT);

    // MessageConst of RocketMQ 4.9.8 and 5.5.0.
    private static final Set<String> ROCKETMQ = Set.of(
            KEYS,
            TAGS,
            "WAIT",
            DELAY,
            RETRY_TOPIC,
            "ORIGIN_GROUP",
            "REAL_TOPIC",
            "REAL_QID",
            TRAN_MSG,
            PGROUP,
            "MIN_OFFSET",
            "MAX_OFFSET",
            "BUYER_ID",
            ORIGIN_MESSAGE_ID,
            "TRANSFER_FLAG",
            "CORRECTION_FLAG",
            "MQ2_FLAG",
            "RECONSUME_TIME",
            "MSG_REGION",
            "TRACE_ON",
            UNIQ_KEY,
            "TRANS_OFFSET",
            "EXTEND_UNIQ_INFO",
            "MAX_RECONSUME_TIMES",
            "CONSUME_START_TIME",
            CLIENT_PRIORITY,
            "INNER_NUM",
            "INNER_BASE",
            "DUP_INFO",
            "CHECK_IMMUNITY_TIME_IN_SECONDS",
            "TRAN_PREPARED_QUEUE_OFFSET",
            "__transactionId__",
            "TRANSACTION_CHECK_TIMES",
            "INSTANCE_ID",
            CORRELATION_ID,
            REPLY_TO_CLIENT,
            TTL,
            "ARRIVE_TIME",
            "PUSH_REPLY_TIME",
            CLUSTER,
            MSG_TYPE,
            POP_CK,
            "POP_CK_OFFSET",
            "1ST_POP_TIME",
            SHARDING_KEY,
            "__LITE_TOPIC",
            "REDIRECT",
            "INNER_MULTI_DISPATCH",
            "INNER_MULTI_QUEUE_OFFSET",
            "TRACE_CONTEXT",
            TIMER_DELAY_SEC,
            TIMER_DELIVER_MS,
            TIMER_DELAY_MS,
            "TIMER_ENQUEUE_MS",
            "TIMER_DEQUEUE_MS",
            "TIMER_ROLL_TIMES",
            TIMER_OUT_MS,
            START_DELIVER_TIME,
            "TIMER_DEL_UNIQKEY",
            "TIMER_ROLL_LABEL",
            "TIMER_DELAY_LEVEL",
            "__BORNHOST",
            "BORN_TIMESTAMP",
            "__CRC32#",
            DLQ_ORIGIN_TOPIC,
            DLQ_ORIGIN_MESSAGE_ID);

    // What tells an application where a dead letter comes from is shown to it by every protocol.
    private static final Set<String> DEAD_LETTERS = Set.of(DLQ_ORIGIN_TOPIC, DLQ_ORIGIN_MESSAGE_ID);

    private NativeNames() {}

    /** Whether an application's property of another protocol must not have this name in a native message. */
    public static boolean isReserved(String name) {
        return ROCKETMQ.contains(name) || POLYMQ.contains(name) || name.startsWith("__RMQ.");
    }

    /** Whether a native property is RocketMQ's own business: other protocols do not show it. */
    static boolean isHidden(String name) {
        return (ROCKETMQ.contains(name) && !DEAD_LETTERS.contains(name)) || name.startsWith("__RMQ.");
    }

    /**
     * Whether a native property tells where a dead letter comes from: the broker writes it, every protocol shows it.
     */
    static boolean isDeadLetters(String name) {
        return DEAD_LETTERS.contains(name);
    }
}
