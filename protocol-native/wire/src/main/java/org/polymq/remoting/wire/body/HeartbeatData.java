/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.body;

import com.alibaba.fastjson2.JSONObject;
import java.util.List;
import org.polymq.remoting.wire.JsonSafety;

/**
 * The body of code 34: which groups a client belongs to.
 *
 * @param fingerprint not 0 when the client sends short heartbeats (5.x): a hash of its subscriptions
 * @param withoutSubscriptions whether this is a short heartbeat, that leaves the subscriptions out
 */
public record HeartbeatData(
        String clientId,
        List<String> producerGroups,
        List<ConsumerData> consumers,
        int fingerprint,
        boolean withoutSubscriptions) {
    public HeartbeatData {
        producerGroups = List.copyOf(producerGroups);
        consumers = List.copyOf(consumers);
    }

    public static HeartbeatData of(byte[] body) {
        JSONObject json = JsonSafety.object(body);
        return new HeartbeatData(
                JsonFields.string(json, "clientID"),
                JsonFields.objects(json, "producerDataSet", producer -> JsonFields.string(producer, "groupName")),
                JsonFields.objects(json, "consumerDataSet", ConsumerData::of),
                JsonFields.integer(json, "heartbeatFingerprint", 0),
                JsonFields.flag(json, "withoutSub", false));
    }
}
