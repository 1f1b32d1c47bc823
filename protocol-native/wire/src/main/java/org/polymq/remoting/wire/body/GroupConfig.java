/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.body;

import com.alibaba.fastjson2.JSONObject;
import java.util.List;
import java.util.Map;
import org.polymq.remoting.wire.JsonSafety;
import org.polymq.remoting.wire.JsonText;

/**
 * A consumer group's settings: RocketMQ's {@code SubscriptionGroupConfig}.
 *
 * @param retryPolicy {@code groupRetryPolicy} as JSON; empty for the default
 * @param attributes in a request the names begin with {@code +} or {@code -}
 */
public record GroupConfig(
        String name,
        boolean consumeEnable,
        boolean consumeFromMin,
        boolean consumeBroadcast,
        boolean orderly,
        int retryQueues,
        int maxRetries,
        boolean notifyMembers,
        String retryPolicy,
        Map<String, String> attributes) {
    public GroupConfig {
        attributes = Map.copyOf(attributes);
    }

    /** The body of code 200. */
    public static GroupConfig of(byte[] body) {
        return of(JsonSafety.object(body));
    }

    /** The body of code 225. */
    public static List<GroupConfig> ofList(byte[] body) {
        return JsonFields.objects(JsonSafety.object(body), "groupConfigList", GroupConfig::of);
    }

    static GroupConfig of(JSONObject json) {
        JSONObject policy = JsonFields.object(json, "groupRetryPolicy");
        return new GroupConfig(
                JsonFields.string(json, "groupName"),
                JsonFields.flag(json, "consumeEnable", true),
                JsonFields.flag(json, "consumeFromMinEnable", true),
                JsonFields.flag(json, "consumeBroadcastEnable", true),
                JsonFields.flag(json, "consumeMessageOrderly", false),
                JsonFields.integer(json, "retryQueueNums", 1),
                JsonFields.integer(json, "retryMaxTimes", 16),
                JsonFields.flag(json, "notifyConsumerIdsChangedEnable", true),
                policy.size() <= 1 ? "" : policy.toJSONString(),
                JsonFields.texts(json, "attributes"));
    }

    /** The body of code 352's answer. */
    public byte[] encode() {
        JsonText out = new JsonText();
        write(out);
        return out.bytes();
    }

    /** Writes this as a value. There are no slaves here that a slow group could be sent to. */
    public void write(JsonText out) {
        out.open();
        out.name("attributes").table(attributes);
        out.name("brokerId").value(0);
        out.name("consumeBroadcastEnable").value(consumeBroadcast);
        out.name("consumeEnable").value(consumeEnable);
        out.name("consumeFromMinEnable").value(consumeFromMin);
        out.name("consumeMessageOrderly").value(orderly);
        out.name("consumeTimeoutMinute").value(15);
        out.name("groupName").value(name);
        out.name("groupRetryPolicy");
        if (retryPolicy.isEmpty()) {
            out.open().name("type").value("CUSTOMIZED").close();
        } else {
            out.raw(retryPolicy);
        }
        out.name("groupSysFlag").value(0);
        out.name("notifyConsumerIdsChangedEnable").value(notifyMembers);
        out.name("retryMaxTimes").value(maxRetries);
        out.name("retryQueueNums").value(retryQueues);
        out.name("whichBrokerWhenConsumeSlowly").value(1);
        out.close();
    }
}
