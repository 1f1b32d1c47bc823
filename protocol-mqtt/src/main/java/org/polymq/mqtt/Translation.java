/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.message.Address;
import org.polymq.broker.message.Bodies;
import org.polymq.broker.message.BodyKind;
import org.polymq.broker.message.Destination;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.MqttProperties;
import org.polymq.broker.message.Names;
import org.polymq.broker.message.Origin;
import org.polymq.broker.message.Property;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.publish.DirectDelivery;
import org.polymq.broker.publish.Outgoing;
import org.polymq.mqtt.wire.EncodedPublish;
import org.polymq.mqtt.wire.MessageProperties;
import org.polymq.mqtt.wire.MqttVersion;
import org.polymq.mqtt.wire.UserProperty;

/** Messages of the core as MQTT says them, and the other way round. Safe from any thread. */
final class Translation {
    private static final long MAX_SECONDS = 0xFFFFFFFFL;

    private final InstantSource clock;

    Translation(InstantSource clock) {
        this.clock = clock;
    }

    /** Who publishes. */
    record Client(String id, @Nullable InetSocketAddress host) {}

    /** How a message goes out to one subscriber, beside its content. */
    record Form(MqttVersion version, String topic, int qos, boolean retain, List<Integer> identifiers) {}

    boolean isExpired(long expiresAt) {
        return expiresAt != 0 && expiresAt <= clock.millis();
    }

    /**
     * A message a client publishes, and whether to a topic, a queue or another client.
     *
     * @throws org.polymq.broker.BrokerException INVALID_NAME if no topic or queue can have this name
     */
    Outgoing toCore(
            Client client, String topic, int qos, boolean retain, MessageProperties properties, ByteBuffer payload) {
        Destination destination = Destination.ofMqttName(topic);
        boolean direct = DirectDelivery.takes(destination);
        boolean queue = destination.kind() == Destination.Kind.QUEUE;
        Address address = direct
                ? DirectDelivery.addressOf(destination)
                : queue ? Names.ofQueue(destination.name()) : Names.ofMqtt(topic);
        long now = clock.millis();
        Message.Builder message = Message.to(address)
                .origin(Origin.MQTT)
                .producer(client.id())
                .bornHost(client.host())
                .bornTime(now)
                .qos(qos)
                .retain(retain && !queue && !direct)
                .body(BodyKind.BYTES, payload);
        if (!properties.equals(MessageProperties.NONE)) {
            read(properties, now, message);
        }
        if (direct) {
            return Outgoing.toClient(destination, message.build());
        }
        return queue ? Outgoing.toQueue(message.build()) : Outgoing.toTopic(message.build());
    }

    private static void read(MessageProperties from, long now, Message.Builder message) {
        Integer format = from.payloadFormat();
        if (format != null) {
            message.payloadFormat(format);
        }
        Long expiry = from.expirySeconds();
        if (expiry != null) {
            // 0 means that it reaches only who is there now: the shortest time the core can hold.
            message.expiresAt(now + Math.max(1, expiry * 1000));
        }
        message.contentType(from.contentType());
        ByteBuffer correlation = from.correlationData();
        if (correlation != null) {
            byte[] bytes = new byte[correlation.remaining()];
            correlation.duplicate().get(bytes);
            message.correlation(bytes);
        }
        String responseTopic = from.responseTopic();
        if (responseTopic != null) {
            message.replyTo(Destination.ofMqttName(responseTopic));
        }
        if (!from.userProperties().isEmpty()) {
            List<Property> properties = new ArrayList<>(from.userProperties().size());
            from.userProperties().forEach(each -> properties.add(Property.of(each.name(), each.value())));
            MqttProperties.read(properties, message);
        }
    }

    /** A message as one subscriber gets it. */
    EncodedPublish encode(Message message, Form form) {
        MessageProperties properties = form.version().isV5() ? properties(message) : MessageProperties.NONE;
        return encode(form, properties, Bodies.outsideJms(message));
    }

    /**
     * A stored message as one subscriber gets it.
     *
     * @param decoded asked only if the bytes alone do not say enough
     */
    EncodedPublish encode(StoredMessage stored, Form form, Supplier<Message> decoded) {
        if (stored.isChunked()) {
            return encodeChunked(stored, form);
        }
        boolean plain = switch (stored.bodyKind()) {
            case BYTES -> stored.origin() != Origin.NATIVE; // native bodies may be compressed
            case TEXT -> true;
            case MAP, STREAM, OBJECT, EMPTY -> false;
        };
        return plain && !form.version().isV5()
                ? encode(form, MessageProperties.NONE, stored.body())
                : encode(decoded.get(), form);
    }

    private EncodedPublish encodeChunked(StoredMessage stored, Form form) {
        BodyKind kind = stored.bodyKind();
        if (kind == BodyKind.MAP || kind == BodyKind.STREAM) { // shown as JSON, which is made of the whole
            return encode(stored.toMessage(), form);
        }
        MessageProperties properties = form.version().isV5() ? properties(stored.toHeaders()) : MessageProperties.NONE;
        return EncodedPublish.ofLarge(
                form.version(),
                form.topic(),
                form.qos(),
                form.retain(),
                properties,
                form.identifiers(),
                stored.bodyLength(),
                stored::bodyReader);
    }

    private static EncodedPublish encode(Form form, MessageProperties properties, ByteBuffer payload) {
        return EncodedPublish.of(
                form.version(), form.topic(), form.qos(), form.retain(), properties, form.identifiers(), payload);
    }

    private MessageProperties properties(Message message) {
        byte[] correlation = message.correlation();
        Destination replyTo = message.replyTo();
        int format = Bodies.payloadFormat(message);
        List<UserProperty> user = new ArrayList<>(0);
        MqttProperties.forEach(message, (name, value) -> user.add(new UserProperty(name, value)));
        return new MessageProperties(
                format == Message.NO_PAYLOAD_FORMAT ? null : Integer.valueOf(format),
                message.expiresAt() == 0 ? null : Long.valueOf(secondsLeft(message.expiresAt())),
                Bodies.contentType(message),
                replyTo == null ? null : replyTo.mqttName(),
                correlation == null ? null : ByteBuffer.wrap(correlation),
                user);
    }

    // MQTT 5, 3.3.2.3.3: what it was minus the time it waited here.
    private long secondsLeft(long expiresAt) {
        long millis = Math.max(0, expiresAt - clock.millis());
        return Math.min(MAX_SECONDS, (millis + 999) / 1000);
    }
}
