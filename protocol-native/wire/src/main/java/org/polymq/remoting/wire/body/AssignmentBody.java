/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.body;

import com.alibaba.fastjson2.JSONObject;
import java.util.Collection;
import org.polymq.remoting.wire.JsonSafety;
import org.polymq.remoting.wire.JsonText;

/**
 * The body of code 400: a member asks which queues are its own.
 *
 * @param strategyName {@code AVG}, {@code AVG_BY_CIRCLE}, ...
 * @param messageModel {@code CLUSTERING} or {@code BROADCASTING}
 */
public record AssignmentBody(
        String topic, String consumerGroup, String clientId, String strategyName, String messageModel) {
    public static AssignmentBody of(byte[] body) {
        JSONObject json = JsonSafety.object(body);
        return new AssignmentBody(
                JsonFields.string(json, "topic"),
                JsonFields.string(json, "consumerGroup"),
                JsonFields.string(json, "clientId"),
                JsonFields.string(json, "strategyName", "AVG"),
                JsonFields.string(json, "messageModel", "CLUSTERING"));
    }

    /** The answer; {@code mode} is {@code PULL} or {@code POP}. */
    public static byte[] assigned(Collection<QueueRef> queues, String mode) {
        JsonText out = new JsonText();
        out.open().name("messageQueueAssignments").openList();
        for (QueueRef queue : queues) {
            out.open().name("messageQueue");
            queue.write(out);
            out.name("mode").value(mode).close();
        }
        return out.closeList().close().bytes();
    }
}
