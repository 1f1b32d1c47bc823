/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire;

import java.util.Map;
import java.util.TreeMap;

/** Request codes for parts of RocketMQ that PolyMQ is built without, and what to say of them. */
public final class ForeignCodes {
    private static final String STATIC_TOPICS =
            "PolyMQ has no static topics: a topic's queues stay where they are; make an ordinary topic";
    private static final String HA =
            "PolyMQ has no controllers, masters and slaves: brokers of a group replicate one log among themselves";
    private static final String CONTAINERS = "PolyMQ has no broker containers: start one process for each broker";
    private static final String COLD_DATA =
            "PolyMQ has no flow control of cold data: old messages are read by a pool that shares fairly";
    private static final String ROCKSDB =
            "PolyMQ keeps no queues, settings or timers as RocketMQ's RocksDB tools know them";
    private static final String LITE = "PolyMQ has no lite topics: use the property TOPIC_PATH below a topic";

    private static final Map<Integer, String> REASONS = reasons();

    private ForeignCodes() {}

    /** Codes and reasons. */
    public static Map<Integer, String> all() {
        return REASONS;
    }

    private static Map<Integer, String> reasons() {
        Map<Integer, String> reasons = new TreeMap<>();
        put(reasons, STATIC_TOPICS, RequestCode.UPDATE_AND_CREATE_STATIC_TOPIC);
        put(
                reasons,
                HA,
                RequestCode.NOTIFY_MIN_BROKER_ID_CHANGE,
                RequestCode.EXCHANGE_BROKER_HA_INFO,
                RequestCode.GET_BROKER_HA_STATUS,
                RequestCode.RESET_MASTER_FLUSH_OFFSET,
                RequestCode.CONTROLLER_ALTER_SYNC_STATE_SET,
                RequestCode.CONTROLLER_ELECT_MASTER,
                RequestCode.CONTROLLER_REGISTER_BROKER,
                RequestCode.CONTROLLER_GET_REPLICA_INFO,
                RequestCode.CONTROLLER_GET_METADATA_INFO,
                RequestCode.CONTROLLER_GET_SYNC_STATE_DATA,
                RequestCode.GET_BROKER_EPOCH_CACHE,
                RequestCode.NOTIFY_BROKER_ROLE_CHANGED,
                RequestCode.UPDATE_CONTROLLER_CONFIG,
                RequestCode.GET_CONTROLLER_CONFIG,
                RequestCode.CLEAN_BROKER_DATA,
                RequestCode.CONTROLLER_GET_NEXT_BROKER_ID,
                RequestCode.CONTROLLER_APPLY_BROKER_ID);
        put(reasons, CONTAINERS, RequestCode.ADD_BROKER, RequestCode.REMOVE_BROKER);
        put(
                reasons,
                COLD_DATA,
                RequestCode.UPDATE_COLD_DATA_FLOW_CTR_CONFIG,
                RequestCode.REMOVE_COLD_DATA_FLOW_CTR_CONFIG,
                RequestCode.GET_COLD_DATA_FLOW_CTR_INFO,
                RequestCode.SET_COMMITLOG_READ_MODE);
        put(
                reasons,
                ROCKSDB,
                RequestCode.CHECK_ROCKSDB_CQ_WRITE_PROGRESS,
                RequestCode.EXPORT_ROCKSDB_CONFIG_TO_JSON,
                RequestCode.SWITCH_TIMER_ENGINE,
                RequestCode.POP_ROLLBACK);
        put(
                reasons,
                LITE,
                RequestCode.GET_BROKER_LITE_INFO,
                RequestCode.GET_PARENT_TOPIC_INFO,
                RequestCode.GET_LITE_TOPIC_INFO,
                RequestCode.GET_LITE_CLIENT_INFO,
                RequestCode.GET_LITE_GROUP_INFO,
                RequestCode.TRIGGER_LITE_DISPATCH);
        return Map.copyOf(reasons);
    }

    private static void put(Map<Integer, String> reasons, String reason, int... codes) {
        for (int code : codes) {
            reasons.put(code, reason);
        }
    }
}
