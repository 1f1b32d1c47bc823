/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.publish;

import org.jspecify.annotations.Nullable;
import org.polymq.broker.message.Destination;
import org.polymq.broker.message.Message;
import org.polymq.broker.topic.TopicKind;

/**
 * A message and what its address is meant to be.
 *
 * @param upload the body, if it was stored ahead in parts; the message's own is empty then
 * @param direct the client it is for, if its address is no topic or queue
 */
public record Outgoing(
        Message message,
        TopicKind kind,
        @Nullable Upload upload,
        @Nullable Destination direct) {
    public static Outgoing toTopic(Message message) {
        return new Outgoing(message, TopicKind.TOPIC, null, null);
    }

    public static Outgoing toQueue(Message message) {
        return new Outgoing(message, TopicKind.QUEUE, null, null);
    }

    /** A message to a client; see {@link DirectDelivery#takes}. */
    public static Outgoing toClient(Destination client, Message message) {
        return new Outgoing(message, TopicKind.QUEUE, null, client);
    }

    /** Gives up a body that was stored ahead: this will not be published. */
    public void abandon() {
        if (upload != null) {
            upload.abort();
        }
    }

    /** The same with a body that was stored ahead; publishing it ends the upload. */
    public Outgoing withBody(Upload body) {
        return new Outgoing(message, kind, body, direct);
    }

    /** The same with another message. */
    public Outgoing withMessage(Message other) {
        return new Outgoing(other, kind, upload, direct);
    }
}
