/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.wire;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message as it travels, in either direction.
 *
 * @param destination where it goes or came from
 * @param id the message id without the prefix "ID:"; empty lets the broker choose
 * @param type what the body is
 * @param body the body's bytes, null for none (a text message with null text has none either); owned by this record
 * @param persistent whether it survives a restart
 * @param priority 0 to 9
 * @param timestamp when it was sent, ms since 1970
 * @param expiration when it expires, ms since 1970; 0 is never
 * @param deliveryTime from when it may be delivered, ms since 1970
 * @param correlation a String, a byte[], or null
 * @param replyTo where replies go, or null
 * @param jmsType the header JMSType, or null
 * @param properties the application's properties in their order; the values are those of {@link Values}
 */
@SuppressWarnings("ArrayRecordComponent") // the one copy of the body; records are not compared
public record WireMessage(
        WireDestination destination,
        String id,
        BodyType type,
        byte @Nullable [] body,
        boolean persistent,
        int priority,
        long timestamp,
        long expiration,
        long deliveryTime,
        @Nullable Object correlation,
        @Nullable WireDestination replyTo,
        @Nullable String jmsType,
        Map<String, @Nullable Object> properties) {

    /** Keeps its own copy of the properties. */
    public WireMessage {
        properties = properties.isEmpty() ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(properties));
    }

    /** About how many bytes it takes in a frame. */
    public long roughSize() {
        long size = 256L + (body == null ? 0 : body.length);
        for (Map.Entry<String, @Nullable Object> property : properties.entrySet()) {
            Object value = property.getValue();
            size += 16L + property.getKey().length() + (value instanceof String text ? text.length() : 8);
        }
        return size;
    }

    /** The same message with other bytes as its body. */
    @SuppressWarnings("NullAway") // A nullable array is not seen as one through a record's constructor.
    public WireMessage withBody(byte @Nullable [] other) {
        return new WireMessage(
                destination,
                id,
                type,
                other,
                persistent,
                priority,
                timestamp,
                expiration,
                deliveryTime,
                correlation,
                replyTo,
                jmsType,
                properties);
    }
}
