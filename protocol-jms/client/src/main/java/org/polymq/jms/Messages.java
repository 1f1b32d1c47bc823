/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageEOFException;
import jakarta.jms.ObjectMessage;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.util.Enumeration;
import org.polymq.jms.wire.BodyType;
import org.polymq.jms.wire.Frame.Deliver;
import org.polymq.jms.wire.ProtocolException;

/** Makes messages: from the wire, and from other providers' messages. */
final class Messages {
    private Messages() {}

    /** The message of a delivery. A body that does not decode as its type says is given as bytes. */
    static PolyMQMessage received(Deliver delivery, TrustedClasses trusted) throws JMSException {
        PolyMQMessage message = create(delivery.message().type(), trusted);
        try {
            message.received(delivery.message(), delivery.count());
        } catch (ProtocolException e) {
            message = new PolyMQBytesMessage();
            message.received(delivery.message(), delivery.count());
        }
        return message;
    }

    private static PolyMQMessage create(BodyType type, TrustedClasses trusted) {
        return switch (type) {
            case NONE -> new PolyMQMessage();
            case BYTES -> new PolyMQBytesMessage();
            case MAP -> new PolyMQMapMessage();
            case OBJECT -> new PolyMQObjectMessage(trusted);
            case STREAM -> new PolyMQStreamMessage();
            case TEXT -> new PolyMQTextMessage();
        };
    }

    /** Any provider's message as one of ours: Jakarta Messaging 3.1, 3.12. */
    static PolyMQMessage own(Message message, TrustedClasses trusted) throws JMSException {
        if (message instanceof PolyMQMessage own) {
            return own;
        }
        PolyMQMessage copy = copyBody(message, trusted);
        Enumeration<?> names = message.getPropertyNames();
        while (names != null && names.hasMoreElements()) {
            String name = (String) names.nextElement();
            copy.setObjectProperty(name, message.getObjectProperty(name));
        }
        copy.setJMSCorrelationID(message.getJMSCorrelationID());
        copy.setJMSType(message.getJMSType());
        if (message.getJMSReplyTo() != null) {
            copy.setJMSReplyTo(PolyMQDestination.of(message.getJMSReplyTo()));
        }
        return copy;
    }

    private static PolyMQMessage copyBody(Message message, TrustedClasses trusted) throws JMSException {
        if (message instanceof TextMessage text) {
            PolyMQTextMessage copy = new PolyMQTextMessage();
            copy.setText(text.getText());
            return copy;
        } else if (message instanceof BytesMessage bytes) {
            return copyBytes(bytes);
        } else if (message instanceof MapMessage map) {
            PolyMQMapMessage copy = new PolyMQMapMessage();
            Enumeration<?> names = map.getMapNames();
            while (names.hasMoreElements()) {
                String name = (String) names.nextElement();
                copy.setObject(name, map.getObject(name));
            }
            return copy;
        } else if (message instanceof StreamMessage stream) {
            return copyStream(stream);
        } else if (message instanceof ObjectMessage object) {
            PolyMQObjectMessage copy = new PolyMQObjectMessage(trusted);
            copy.setObject(object.getObject());
            return copy;
        }
        return new PolyMQMessage();
    }

    private static PolyMQMessage copyBytes(BytesMessage message) throws JMSException {
        message.reset();
        PolyMQBytesMessage copy = new PolyMQBytesMessage();
        byte[] chunk = new byte[8192];
        for (int count = message.readBytes(chunk); count > 0; count = message.readBytes(chunk)) {
            copy.writeBytes(chunk, 0, count);
        }
        return copy;
    }

    private static PolyMQMessage copyStream(StreamMessage message) throws JMSException {
        message.reset();
        PolyMQStreamMessage copy = new PolyMQStreamMessage();
        while (true) {
            Object item;
            try {
                item = message.readObject();
            } catch (MessageEOFException end) {
                return copy; // The only way to know the end of a stream message.
            }
            copy.writeObject(item);
        }
    }
}
