/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.body;

import com.alibaba.fastjson2.JSONObject;
import org.polymq.remoting.wire.JsonSafety;

/**
 * The body of code 401: how a group is to consume a topic.
 *
 * @param mode {@code PULL} or {@code POP}
 */
public record RequestModeBody(String topic, String consumerGroup, String mode, int popShareQueueNum) {
    public static RequestModeBody of(byte[] body) {
        JSONObject json = JsonSafety.object(body);
        return new RequestModeBody(
                JsonFields.string(json, "topic"),
                JsonFields.string(json, "consumerGroup"),
                JsonFields.string(json, "mode", "PULL"),
                JsonFields.integer(json, "popShareQueueNum", 0));
    }
}
