/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.publish;

import org.polymq.broker.message.Message;
import org.polymq.broker.topic.TopicKind;

/** A message and what its address is meant to be. */
public record Outgoing(Message message, TopicKind kind) {
    public static Outgoing toTopic(Message message) {
        return new Outgoing(message, TopicKind.TOPIC);
    }

    public static Outgoing toQueue(Message message) {
        return new Outgoing(message, TopicKind.QUEUE);
    }
}
