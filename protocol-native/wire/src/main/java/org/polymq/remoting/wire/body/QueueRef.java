/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.body;

import com.alibaba.fastjson2.JSONObject;
import org.polymq.remoting.wire.JsonText;

/** A queue as clients name it: RocketMQ's {@code MessageQueue}. */
public record QueueRef(String topic, String brokerName, int queueId) {
    static QueueRef of(JSONObject json) {
        return new QueueRef(
                JsonFields.string(json, "topic"),
                JsonFields.string(json, "brokerName"),
                JsonFields.integer(json, "queueId", 0));
    }

    /** Writes this as a value. */
    public void write(JsonText out) {
        out.open().name("brokerName").value(brokerName);
        out.name("queueId").value(queueId);
        out.name("topic").value(topic).close();
    }
}
