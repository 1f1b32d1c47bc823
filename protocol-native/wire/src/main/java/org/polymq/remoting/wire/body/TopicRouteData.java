/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.body;

import com.alibaba.fastjson2.JSONObject;
import java.util.List;
import org.polymq.remoting.wire.JsonSafety;
import org.polymq.remoting.wire.JsonText;

/**
 * Where a topic is served: the body of code 105's answer.
 *
 * @param orderConf the topic's entry in the namespace {@code ORDER_TOPIC_CONFIG}; empty for most
 */
public record TopicRouteData(String orderConf, List<BrokerData> brokers, List<QueueData> queues) {
    public TopicRouteData {
        brokers = List.copyOf(brokers);
        queues = List.copyOf(queues);
    }

    public static TopicRouteData of(byte[] body) {
        JSONObject json = JsonSafety.object(body);
        return new TopicRouteData(
                JsonFields.string(json, "orderTopicConf", ""),
                JsonFields.objects(json, "brokerDatas", BrokerData::of),
                JsonFields.objects(json, "queueDatas", QueueData::of));
    }

    /**
     * The body.
     *
     * @param standard whether broker ids are quoted, as clients from 4.9.4 on read them
     */
    public byte[] encode(boolean standard) {
        JsonText out = new JsonText();
        out.open().name("brokerDatas").openList();
        brokers.forEach(broker -> broker.write(out, standard));
        out.closeList().name("filterServerTable").open().close();
        if (!orderConf.isEmpty()) {
            out.name("orderTopicConf").value(orderConf);
        }
        out.name("queueDatas").openList();
        queues.forEach(queue -> queue.write(out));
        return out.closeList().close().bytes();
    }
}
