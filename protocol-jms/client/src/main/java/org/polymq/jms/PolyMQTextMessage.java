/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.JMSException;
import jakarta.jms.TextMessage;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.wire.BodyType;

/** A message whose body is text. */
final class PolyMQTextMessage extends PolyMQMessage implements TextMessage {
    private @Nullable String text;

    @Override
    BodyType bodyType() {
        return BodyType.TEXT;
    }

    @Override
    byte @Nullable [] bodyBytes() {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    void readBody(byte @Nullable [] body) {
        text = body == null ? null : new String(body, StandardCharsets.UTF_8);
    }

    @Override
    public void setText(@Nullable String text) throws JMSException {
        checkBodyWritable();
        this.text = text;
    }

    @Override
    public @Nullable String getText() {
        return text;
    }

    @Override
    public void clearBody() throws JMSException {
        super.clearBody();
        text = null;
    }

    @Override
    @Nullable
    Object bodyObject() {
        return text;
    }

    @Override
    boolean isBodyReadableAs(Class<?> type) {
        return type.isAssignableFrom(String.class);
    }
}
