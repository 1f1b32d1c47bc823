/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.body;

import com.alibaba.fastjson2.JSONObject;
import java.util.List;

/**
 * A client's membership in a consumer group.
 *
 * @param consumeType {@code CONSUME_PASSIVELY} (push) or {@code CONSUME_ACTIVELY} (pull)
 * @param messageModel {@code CLUSTERING} or {@code BROADCASTING}
 */
public record ConsumerData(
        String groupName,
        String consumeType,
        String messageModel,
        String consumeFromWhere,
        List<SubscriptionData> subscriptions) {
    public ConsumerData {
        subscriptions = List.copyOf(subscriptions);
    }

    static ConsumerData of(JSONObject json) {
        return new ConsumerData(
                JsonFields.string(json, "groupName"),
                JsonFields.string(json, "consumeType", "CONSUME_PASSIVELY"),
                JsonFields.string(json, "messageModel", "CLUSTERING"),
                JsonFields.string(json, "consumeFromWhere", "CONSUME_FROM_LAST_OFFSET"),
                JsonFields.objects(json, "subscriptionDataSet", SubscriptionData::of));
    }
}
