/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.mqtt;

import com.hivemq.client.mqtt.MqttClientState;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.message.connect.Mqtt3Connect;
import com.hivemq.client.mqtt.mqtt3.message.publish.Mqtt3Publish;
import com.hivemq.client.mqtt.mqtt3.message.subscribe.Mqtt3Subscribe;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.polymq.bridge.remote.Inbound;
import org.polymq.bridge.remote.Outbound;
import org.polymq.broker.message.Bodies;
import org.polymq.broker.message.Destination;
import org.polymq.broker.message.Message;

/** MQTT 3.1.1: a message is its topic, its body and whether it is retained. */
final class Client3 implements Client {
    private final Mqtt3AsyncClient client;
    private final Options options;
    private final InstantSource clock = InstantSource.system();

    Client3(Mqtt3AsyncClient client, Options options) {
        this.client = client;
        this.options = options;
    }

    @Override
    public CompletableFuture<?> connect(boolean keeps) {
        return client.connect(Mqtt3Connect.builder()
                .cleanSession(!keeps)
                .keepAlive(options.keepAliveSeconds())
                .build());
    }

    @Override
    public void arrivals(Consumer<Arrival> each, Executor executor) {
        client.publishes(
                MqttGlobalPublishFilter.ALL,
                publish -> each.accept(new Arrival(fromRemote(publish), publish::acknowledge)),
                executor,
                true);
    }

    private Inbound fromRemote(Mqtt3Publish publish) {
        Destination from = Destination.ofMqttName(publish.getTopic().toString());
        Message message = MqttMessages.begin(
                        from,
                        clock.millis(),
                        publish.getQos().getCode(),
                        publish.isRetain(),
                        publish.getPayloadAsBytes())
                .build();
        return new Inbound(from, message);
    }

    @Override
    public CompletableFuture<?> subscribe(String filter) {
        return client.subscribe(
                Mqtt3Subscribe.builder().topicFilter(filter).qos(options.qos()).build());
    }

    @Override
    public CompletableFuture<?> publish(Outbound outbound) {
        Message message = outbound.message();
        return client.publish(Mqtt3Publish.builder()
                .topic(outbound.to().mqttName())
                .qos(options.qos())
                .payload(Bodies.outsideJms(message))
                .retain(message.retain())
                .build());
    }

    @Override
    public MqttClientState state() {
        return client.getState();
    }

    @Override
    public CompletableFuture<Void> disconnect() {
        return client.disconnect();
    }
}
