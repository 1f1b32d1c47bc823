/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.publish;

import org.jspecify.annotations.Nullable;
import org.polymq.broker.message.Message;
import org.polymq.broker.topic.TopicKind;

/**
 * A message and what its address is meant to be.
 *
 * @param upload the body, if it was stored ahead in parts; the message's own is empty then
 */
public record Outgoing(
        Message message, TopicKind kind, @Nullable Upload upload) {
    public Outgoing(Message message, TopicKind kind) {
        this(message, kind, null);
    }

    public static Outgoing toTopic(Message message) {
        return new Outgoing(message, TopicKind.TOPIC);
    }

    public static Outgoing toQueue(Message message) {
        return new Outgoing(message, TopicKind.QUEUE);
    }

    /** Gives up a body that was stored ahead: this will not be published. */
    public void abandon() {
        if (upload != null) {
            upload.abort();
        }
    }

    /** The same with a body that was stored ahead; publishing it ends the upload. */
    public Outgoing withBody(Upload body) {
        return new Outgoing(message, kind, body);
    }
}
