/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.JMSException;
import jakarta.jms.ObjectMessage;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.wire.BodyType;

/** A message whose body is a serialised Java object; a received one is read only on the allow-list. */
final class PolyMQObjectMessage extends PolyMQMessage implements ObjectMessage {
    private final TrustedClasses trusted;
    private byte @Nullable [] body;
    private boolean own = true;

    PolyMQObjectMessage(TrustedClasses trusted) {
        this.trusted = trusted;
    }

    @Override
    BodyType bodyType() {
        return BodyType.OBJECT;
    }

    @Override
    byte @Nullable [] bodyBytes() {
        return body;
    }

    @Override
    void readBody(byte @Nullable [] bytes) {
        body = bytes;
        own = false;
    }

    @Override
    public void setObject(@Nullable Serializable object) throws JMSException {
        checkBodyWritable();
        body = object == null ? null : trusted.serialize(object);
        own = true;
    }

    @Override
    public @Nullable Serializable getObject() throws JMSException {
        if (body == null) {
            return null;
        }
        return own ? trusted.readOwn(body) : trusted.readForeign(body);
    }

    @Override
    public void clearBody() throws JMSException {
        super.clearBody();
        body = null;
    }

    @Override
    @Nullable
    Object bodyObject() throws JMSException {
        return getObject();
    }

    @Override
    boolean isBodyReadableAs(Class<?> type) throws JMSException {
        Serializable object = getObject();
        return object == null || type.isInstance(object);
    }
}
