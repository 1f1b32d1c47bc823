/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.body;

import com.alibaba.fastjson2.JSONObject;
import java.util.Collection;
import java.util.List;
import org.polymq.remoting.wire.JsonSafety;
import org.polymq.remoting.wire.JsonText;

/** The body of codes 41 and 42: a member of a group wants, or gives back, these queues for itself alone. */
public record LockBatchBody(String consumerGroup, String clientId, List<QueueRef> queues) {
    public LockBatchBody {
        queues = List.copyOf(queues);
    }

    public static LockBatchBody of(byte[] body) {
        JSONObject json = JsonSafety.object(body);
        return new LockBatchBody(
                JsonFields.string(json, "consumerGroup"),
                JsonFields.string(json, "clientId"),
                JsonFields.objects(json, "mqSet", QueueRef::of));
    }

    /** The answer to code 41. */
    public static byte[] locked(Collection<QueueRef> queues) {
        JsonText out = new JsonText();
        out.open().name("lockOKMQSet").openList();
        queues.forEach(queue -> queue.write(out));
        return out.closeList().close().bytes();
    }
}
