/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;

/** How a body is shown to each protocol. */
public final class Bodies {
    /** The content type of map and stream bodies outside JMS. */
    public static final String JSON = "application/json";

    private Bodies() {}

    /** The bytes that native and MQTT consumers get: a map or stream as JSON, anything else as it is. */
    public static ByteBuffer outsideJms(Message message) {
        return message.hasBody() ? outsideJms(message.bodyKind(), message.body()) : message.body();
    }

    static ByteBuffer outsideJms(BodyKind kind, ByteBuffer body) {
        if ((kind != BodyKind.MAP && kind != BodyKind.STREAM) || !body.hasRemaining()) {
            return body;
        }
        try {
            return ByteBuffer.wrap(TypedItems.toJson(kind, body).getBytes(StandardCharsets.UTF_8));
        } catch (BrokerException e) {
            // Adapters check such bodies when they are published; what got in some other way is shown as it is.
            return body;
        }
    }

    /**
     * MQTT's payload format indicator for a message: 1 for text and JSON; {@link Message#NO_PAYLOAD_FORMAT} not said.
     */
    public static int payloadFormat(Message message) {
        return switch (message.bodyKind()) {
            case TEXT, MAP, STREAM -> 1;
            default -> message.payloadFormat();
        };
    }

    /** MQTT's content type for a message, or null. */
    public static @Nullable String contentType(Message message) {
        String type = message.contentType();
        return switch (message.bodyKind()) {
            case MAP, STREAM -> type == null ? JSON : type;
            default -> type;
        };
    }

    /**
     * The kind of message that JMS consumers get. Bytes are shown as text when the payload format is 1 or the content
     * type is text, and they are UTF-8.
     */
    public static BodyKind forJms(Message message) {
        boolean text = message.bodyKind() == BodyKind.BYTES
                && (message.payloadFormat() == 1
                        || (message.payloadFormat() == Message.NO_PAYLOAD_FORMAT && isText(message.contentType())))
                && isUtf8(message.body());
        return text ? BodyKind.TEXT : message.bodyKind();
    }

    private static boolean isText(@Nullable String contentType) {
        if (contentType == null) {
            return false;
        }
        String type = contentType.toLowerCase(Locale.ROOT);
        int charset = type.indexOf("charset=");
        return type.startsWith("text/")
                && (charset < 0
                        || type.startsWith("utf-8", charset + 8)
                        || type.startsWith("\"utf-8", charset + 8)
                        || type.startsWith("us-ascii", charset + 8));
    }

    private static boolean isUtf8(ByteBuffer bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(bytes);
            return true;
        } catch (CharacterCodingException e) {
            // The publisher promised text and sent something else: it is shown as bytes.
            return false;
        }
    }
}
