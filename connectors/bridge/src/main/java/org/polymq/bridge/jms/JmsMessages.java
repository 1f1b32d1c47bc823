/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.jms;

import jakarta.jms.BytesMessage;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.MessageEOFException;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.polymq.bridge.remote.Inbound;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.message.Address;
import org.polymq.broker.message.Bodies;
import org.polymq.broker.message.BodyKind;
import org.polymq.broker.message.Correlation;
import org.polymq.broker.message.Destination;
import org.polymq.broker.message.JmsProperties;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.Property;
import org.polymq.broker.message.TypedItems;
import org.polymq.broker.message.TypedItems.Item;

/** Messages of the core as a JMS provider makes them, and the other way round. */
final class JmsMessages {
    private static final String GIVEN_BY_PROVIDERS = "JMSX";

    private final Session session;

    JmsMessages(Session session) {
        this.session = session;
    }

    jakarta.jms.Message toRemote(Message message) throws JMSException {
        jakarta.jms.Message out = body(message);
        byte[] correlation = message.correlation();
        if (correlation != null) {
            out.setJMSCorrelationID(Correlation.toText(correlation));
        }
        Destination replyTo = message.replyTo();
        if (replyTo != null && !replyTo.kind().isTemporary()) {
            out.setJMSReplyTo(JmsNames.of(session, replyTo));
        }
        if (message.jmsType() != null) {
            out.setJMSType(message.jmsType());
        }
        for (Property property : JmsProperties.of(message)) {
            out.setObjectProperty(property.name(), property.value());
        }
        return out;
    }

    private jakarta.jms.Message body(Message message) throws JMSException {
        if (!message.hasBody()) {
            return message.bodyKind() == BodyKind.TEXT ? session.createTextMessage() : session.createMessage();
        }
        return switch (Bodies.forJms(message)) {
            case TEXT ->
                session.createTextMessage(
                        StandardCharsets.UTF_8.decode(message.body()).toString());
            case MAP -> map(message.body());
            case STREAM -> stream(message.body());
            case EMPTY -> session.createMessage();
            // A serialised object is not opened here; the application gets its bytes.
            case BYTES, OBJECT -> bytesMessage(message.body());
        };
    }

    private BytesMessage bytesMessage(ByteBuffer body) throws JMSException {
        BytesMessage bytes = session.createBytesMessage();
        bytes.writeBytes(bytes(body));
        return bytes;
    }

    private MapMessage map(ByteBuffer body) throws JMSException {
        MapMessage map = session.createMapMessage();
        for (Item item : TypedItems.read(BodyKind.MAP, body)) {
            map.setObject(item.name(), item.value());
        }
        return map;
    }

    private StreamMessage stream(ByteBuffer body) throws JMSException {
        StreamMessage stream = session.createStreamMessage();
        for (Item item : TypedItems.read(BodyKind.STREAM, body)) {
            stream.writeObject(item.value());
        }
        return stream;
    }

    static Inbound fromRemote(jakarta.jms.Message in, Destination from) throws JMSException {
        try {
            return new Inbound(from, translated(in, from));
        } catch (BrokerException | IllegalArgumentException | ArithmeticException e) {
            Message about = Message.to(Address.split(from.name()))
                    .id(in.getJMSMessageID())
                    .noBody(BodyKind.EMPTY)
                    .build();
            return Inbound.refused(from, about, String.valueOf(e.getMessage()));
        }
    }

    private static Message translated(jakarta.jms.Message in, Destination from) throws JMSException {
        Message.Builder message = Message.to(Address.split(from.name()));
        JmsProperties.read(properties(in), message);
        readBody(in, message);
        String correlation = in.getJMSCorrelationID();
        String id = in.getJMSMessageID();
        message.id(id == null ? null : id.startsWith("ID:") ? id.substring(3) : id)
                .durable(in.getJMSDeliveryMode() == DeliveryMode.PERSISTENT)
                .priority(Math.max(0, Math.min(9, in.getJMSPriority())))
                .expiresAt(in.getJMSExpiration())
                .bornTime(in.getJMSTimestamp())
                .correlation(correlation == null ? null : Correlation.ofText(correlation))
                .replyTo(JmsNames.replyTo(in.getJMSReplyTo()))
                .jmsType(in.getJMSType())
                .producer("bridge/" + from);
        return message.build();
    }

    private static List<Property> properties(jakarta.jms.Message in) throws JMSException {
        List<Property> properties = new ArrayList<>();
        for (String name : names(in.getPropertyNames())) {
            boolean applications = !name.startsWith(GIVEN_BY_PROVIDERS)
                    || name.equals(JmsProperties.GROUP_ID)
                    || name.equals(JmsProperties.GROUP_SEQUENCE);
            Object value = in.getObjectProperty(name);
            if (applications && value != null) {
                properties.add(Property.of(name, value));
            }
        }
        return properties;
    }

    private static void readBody(jakarta.jms.Message in, Message.Builder message) throws JMSException {
        if (in instanceof TextMessage text) {
            String value = text.getText();
            if (value == null) {
                message.noBody(BodyKind.TEXT);
            } else {
                message.text(value);
            }
        } else if (in instanceof BytesMessage bytes) {
            byte[] body = new byte[Math.toIntExact(bytes.getBodyLength())];
            bytes.readBytes(body);
            message.body(BodyKind.BYTES, body);
        } else if (in instanceof MapMessage map) {
            List<Item> items = new ArrayList<>();
            for (String name : names(map.getMapNames())) {
                items.add(new Item(name, map.getObject(name)));
            }
            message.body(BodyKind.MAP, TypedItems.write(BodyKind.MAP, items));
        } else if (in instanceof StreamMessage stream) {
            message.body(BodyKind.STREAM, TypedItems.write(BodyKind.STREAM, items(stream)));
        } else if (in instanceof ObjectMessage) {
            // Opening it would run code that the sender chose.
            throw new BrokerException(Reason.NOT_SUPPORTED, "an ObjectMessage cannot be taken over");
        } else {
            message.noBody(BodyKind.EMPTY);
        }
    }

    private static List<String> names(Enumeration<?> names) {
        List<String> all = new ArrayList<>();
        names.asIterator().forEachRemaining(name -> all.add(name.toString()));
        return all;
    }

    private static List<Item> items(StreamMessage stream) throws JMSException {
        List<Item> items = new ArrayList<>();
        while (true) {
            @Nullable Object value;
            try {
                value = stream.readObject();
            } catch (MessageEOFException end) {
                return items;
            }
            items.add(new Item("", value));
        }
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }
}
