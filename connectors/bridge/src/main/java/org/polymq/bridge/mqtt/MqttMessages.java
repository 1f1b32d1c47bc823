/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.mqtt;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperties;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperty;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PayloadFormatIndicator;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishBuilder;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.polymq.bridge.remote.Inbound;
import org.polymq.bridge.remote.Outbound;
import org.polymq.broker.message.Address;
import org.polymq.broker.message.Bodies;
import org.polymq.broker.message.BodyKind;
import org.polymq.broker.message.Destination;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.MqttProperties;
import org.polymq.broker.message.Origin;
import org.polymq.broker.message.Property;

/** Messages of the core as HiveMQ's client says them in MQTT 5, and the other way round. */
final class MqttMessages {
    private static final long MAX_SECONDS = 0xFFFFFFFFL;

    private final InstantSource clock;

    MqttMessages(InstantSource clock) {
        this.clock = clock;
    }

    /** @throws IllegalArgumentException if MQTT cannot hold a part of it */
    Mqtt5Publish toRemote(Outbound outbound, MqttQos qos) {
        Message message = outbound.message();
        List<Mqtt5UserProperty> user = new ArrayList<>();
        MqttProperties.forEach(message, (name, value) -> user.add(Mqtt5UserProperty.of(name, value)));
        Mqtt5PublishBuilder.Complete publish = Mqtt5Publish.builder()
                .topic(outbound.to().mqttName())
                .qos(qos)
                .retain(message.retain())
                .payload(Bodies.outsideJms(message))
                .contentType(Bodies.contentType(message))
                .userProperties(Mqtt5UserProperties.of(user));
        switch (Bodies.payloadFormat(message)) {
            case 0 -> publish = publish.payloadFormatIndicator(Mqtt5PayloadFormatIndicator.UNSPECIFIED);
            case 1 -> publish = publish.payloadFormatIndicator(Mqtt5PayloadFormatIndicator.UTF_8);
            default -> {
                // Not said.
            }
        }
        if (message.expiresAt() > 0) {
            long millis = Math.max(0, message.expiresAt() - clock.millis());
            publish = publish.messageExpiryInterval(Math.min(MAX_SECONDS, (millis + 999) / 1000));
        }
        byte[] correlation = message.correlation();
        if (correlation != null) {
            publish = publish.correlationData(correlation);
        }
        Destination replyTo = message.replyTo();
        if (replyTo != null && !replyTo.kind().isTemporary()) {
            publish = publish.responseTopic(replyTo.mqttName());
        }
        return publish.build();
    }

    Inbound fromRemote(Mqtt5Publish publish) {
        Destination from = Destination.ofMqttName(publish.getTopic().toString());
        long now = clock.millis();
        Message.Builder message =
                begin(from, now, publish.getQos().getCode(), publish.isRetain(), publish.getPayloadAsBytes());
        publish.getPayloadFormatIndicator().ifPresent(format -> message.payloadFormat(format.getCode()));
        publish.getContentType().ifPresent(type -> message.contentType(type.toString()));
        publish.getMessageExpiryInterval().ifPresent(seconds -> message.expiresAt(now + Math.max(1, seconds * 1000)));
        publish.getCorrelationData().ifPresent(data -> message.correlation(bytes(data)));
        publish.getResponseTopic().ifPresent(topic -> message.replyTo(Destination.ofMqttName(topic.toString())));
        List<Property> properties = new ArrayList<>();
        publish.getUserProperties()
                .asList()
                .forEach(each -> properties.add(
                        Property.of(each.getName().toString(), each.getValue().toString())));
        if (!properties.isEmpty()) {
            MqttProperties.read(properties, message);
        }
        return new Inbound(from, message.build());
    }

    /** What every version of the protocol says of a message. */
    static Message.Builder begin(Destination from, long now, int qos, boolean retained, byte[] payload) {
        return Message.to(Address.split(from.name()))
                .origin(Origin.MQTT)
                .producer("bridge/" + from)
                .bornTime(now)
                .qos(qos)
                .retain(retained && !from.kind().isQueue())
                .body(BodyKind.BYTES, payload);
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
