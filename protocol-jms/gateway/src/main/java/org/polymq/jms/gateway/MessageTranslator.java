/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.message.Address;
import org.polymq.broker.message.Bodies;
import org.polymq.broker.message.BodyKind;
import org.polymq.broker.message.Correlation;
import org.polymq.broker.message.Destination;
import org.polymq.broker.message.JmsProperties;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.Names;
import org.polymq.broker.message.Property;
import org.polymq.broker.message.TypedItems;
import org.polymq.broker.publish.DirectDelivery;
import org.polymq.broker.publish.Outgoing;
import org.polymq.jms.wire.BodyType;
import org.polymq.jms.wire.WireDestination;
import org.polymq.jms.wire.WireDestination.Kind;
import org.polymq.jms.wire.WireMessage;

/** Messages as the JMS protocol carries them and as the core knows them. Stateless. */
final class MessageTranslator {
    private MessageTranslator() {}

    /**
     * A message that a client sends.
     *
     * @param producer the connection's client id, or its own id
     * @throws BrokerException INVALID_NAME, INVALID_MESSAGE or NOT_SUPPORTED
     */
    static Outgoing toCore(WireMessage wire, String producer, @Nullable InetSocketAddress from) {
        Destination to = destination(wire.destination());
        boolean direct = DirectDelivery.takes(to);
        Message.Builder message = Message.to(direct ? DirectDelivery.addressOf(to) : address(wire.destination()));
        List<Property> properties = new ArrayList<>(wire.properties().size());
        wire.properties().forEach((name, value) -> {
            if (value instanceof Character) {
                throw new BrokerException(Reason.INVALID_MESSAGE, "property " + name + " is a char");
            }
            if (value != null) { // A property without value reads as null whether it is there or not.
                properties.add(Property.of(name, value));
            }
        });
        JmsProperties.read(properties, message);
        setBody(wire, message);
        message.id(wire.id().isEmpty() ? null : wire.id())
                .durable(wire.persistent())
                .priority(wire.priority())
                .expiresAt(wire.expiration())
                .deliverAt(wire.deliveryTime() > wire.timestamp() ? wire.deliveryTime() : 0)
                .bornTime(wire.timestamp())
                .bornHost(from)
                .correlation(correlation(wire.correlation()))
                .replyTo(wire.replyTo() == null ? null : destination(wire.replyTo()))
                .jmsType(wire.jmsType())
                .producer(producer);
        if (direct) {
            return Outgoing.toClient(to, message.build());
        }
        return wire.destination().kind().isQueue()
                ? Outgoing.toQueue(message.build())
                : Outgoing.toTopic(message.build());
    }

    static Address address(WireDestination destination) {
        return switch (destination.kind()) {
            case QUEUE -> Names.ofQueue(destination.name());
            case TOPIC -> Names.ofJms(destination.name());
            case TEMPORARY_QUEUE, TEMPORARY_TOPIC -> Address.of(destination.name());
        };
    }

    private static void setBody(WireMessage wire, Message.Builder message) {
        BodyKind kind = kindOf(wire.type());
        byte[] body = wire.body();
        if (kind == BodyKind.EMPTY || body == null) {
            message.noBody(kind);
            return;
        }
        if (kind == BodyKind.MAP || kind == BodyKind.STREAM) {
            TypedItems.check(kind, ByteBuffer.wrap(body));
        }
        message.body(kind, body);
    }

    private static byte @Nullable [] correlation(@Nullable Object correlation) {
        if (correlation == null) {
            return null;
        }
        return correlation instanceof byte[] bytes ? bytes : Correlation.ofText(correlation.toString());
    }

    private static Destination destination(WireDestination destination) {
        return switch (destination.kind()) {
            case QUEUE -> Destination.queue(destination.name());
            case TOPIC -> Destination.topic(Names.ofJms(destination.name()).name());
            case TEMPORARY_QUEUE -> Destination.temporaryQueue(destination.name());
            case TEMPORARY_TOPIC -> Destination.temporaryTopic(destination.name());
        };
    }

    /**
     * A message that a client gets.
     *
     * @param from what kind of destination it was read from
     */
    @SuppressWarnings("NullAway") // A nullable array is not seen as one through another module's class file.
    static WireMessage toWire(Message message, Kind from) {
        Map<String, @Nullable Object> properties = new LinkedHashMap<>();
        for (Property property : JmsProperties.of(message)) {
            properties.put(property.name(), property.value());
        }
        BodyKind kind = Bodies.forJms(message);
        return new WireMessage(
                from == Kind.TOPIC
                        ? new WireDestination(Kind.TOPIC, Names.toJms(message.address()))
                        : new WireDestination(from, message.address().topic()),
                message.id() == null ? "" : message.id(),
                typeOf(kind),
                message.hasBody() ? bytes(message.body()) : null,
                message.durable(),
                message.priority(),
                message.bornTime(),
                message.expiresAt(),
                message.deliverAt() != 0 ? message.deliverAt() : message.bornTime(),
                correlationOf(message.correlation()),
                message.replyTo() == null ? null : wireDestination(message.replyTo()),
                message.jmsType(),
                properties);
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    /** Text where the bytes are text, so that the application reads what was written. */
    private static @Nullable Object correlationOf(byte @Nullable [] bytes) {
        if (bytes == null) {
            return null;
        }
        String text = Correlation.toText(bytes);
        return Arrays.equals(text.getBytes(StandardCharsets.UTF_8), bytes) ? text : bytes;
    }

    private static WireDestination wireDestination(Destination destination) {
        return switch (destination.kind()) {
            case QUEUE -> new WireDestination(Kind.QUEUE, destination.name());
            case TOPIC -> new WireDestination(Kind.TOPIC, Names.toJms(Address.split(destination.name())));
            case TEMPORARY_QUEUE -> new WireDestination(Kind.TEMPORARY_QUEUE, destination.name());
            case TEMPORARY_TOPIC -> new WireDestination(Kind.TEMPORARY_TOPIC, destination.name());
        };
    }

    private static BodyKind kindOf(BodyType type) {
        return switch (type) {
            case BYTES -> BodyKind.BYTES;
            case TEXT -> BodyKind.TEXT;
            case MAP -> BodyKind.MAP;
            case STREAM -> BodyKind.STREAM;
            case OBJECT -> BodyKind.OBJECT;
            case NONE -> BodyKind.EMPTY;
        };
    }

    private static BodyType typeOf(BodyKind kind) {
        return switch (kind) {
            case BYTES -> BodyType.BYTES;
            case TEXT -> BodyType.TEXT;
            case MAP -> BodyType.MAP;
            case STREAM -> BodyType.STREAM;
            case OBJECT -> BodyType.OBJECT;
            case EMPTY -> BodyType.NONE;
        };
    }
}
