/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.util.Objects;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.NativeNames;
import org.polymq.broker.message.NativeProperties;
import org.polymq.broker.message.StoredMessage;

/** What a message that a consumer could not process says of its origin when it is stored again. Stateless. */
final class DeadLetters {
    private DeadLetters() {}

    /** For a retry topic: a client shows the message under its first topic, which it finds in a property. */
    static String retry(Message message, StoredMessage stored, String idIfNone) {
        String properties = Objects.requireNonNullElse(message.nativeProperties(), "");
        if (NativeProperties.get(properties, NativeNames.RETRY_TOPIC) == null) {
            properties = NativeProperties.with(properties, NativeNames.RETRY_TOPIC, stored.nativeTopic());
        }
        if (NativeProperties.get(properties, NativeNames.ORIGIN_MESSAGE_ID) == null) {
            properties = NativeProperties.with(properties, NativeNames.ORIGIN_MESSAGE_ID, originId(message, idIfNone));
        }
        return properties;
    }

    /** For a dead-letter topic: its first topic and id too. */
    static String properties(Message message, StoredMessage stored, String idIfNone) {
        String properties = retry(message, stored, idIfNone);
        String topic = Objects.requireNonNullElse(
                NativeProperties.get(properties, NativeNames.RETRY_TOPIC), stored.nativeTopic());
        String id = Objects.requireNonNullElse(
                NativeProperties.get(properties, NativeNames.ORIGIN_MESSAGE_ID), originId(message, idIfNone));
        properties = NativeProperties.with(properties, NativeNames.DLQ_ORIGIN_TOPIC, topic);
        return NativeProperties.with(properties, NativeNames.DLQ_ORIGIN_MESSAGE_ID, id);
    }

    private static String originId(Message message, String idIfNone) {
        String id = message.id();
        return id != null ? id : idIfNone;
    }
}
