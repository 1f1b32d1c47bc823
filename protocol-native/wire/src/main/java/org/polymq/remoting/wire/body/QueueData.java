/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.body;

import com.alibaba.fastjson2.JSONObject;
import org.polymq.remoting.wire.JsonText;

/** The queues of a topic on one broker; {@code perm} as in {@link TopicConfig}. */
public record QueueData(String brokerName, int readQueues, int writeQueues, int perm, int sysFlag) {
    /** The queues of a topic on a broker. */
    public static QueueData of(String brokerName, TopicConfig topic) {
        return new QueueData(brokerName, topic.readQueues(), topic.writeQueues(), topic.perm(), topic.sysFlag());
    }

    static QueueData of(JSONObject json) {
        return new QueueData(
                JsonFields.string(json, "brokerName"),
                JsonFields.integer(json, "readQueueNums", 0),
                JsonFields.integer(json, "writeQueueNums", 0),
                JsonFields.integer(json, "perm", 0),
                JsonFields.integer(json, "topicSysFlag", 0));
    }

    public QueueData withPerm(int newPerm) {
        return new QueueData(brokerName, readQueues, writeQueues, newPerm, sysFlag);
    }

    void write(JsonText out) {
        out.open().name("brokerName").value(brokerName);
        out.name("perm").value(perm);
        out.name("readQueueNums").value(readQueues);
        out.name("topicSysFlag").value(sysFlag);
        out.name("writeQueueNums").value(writeQueues).close();
    }
}
