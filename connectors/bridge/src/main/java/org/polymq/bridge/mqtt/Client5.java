/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.mqtt;

import com.hivemq.client.mqtt.MqttClientState;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5ConnectBuilder;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5RetainHandling;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.polymq.bridge.remote.Outbound;

/** MQTT 5. */
final class Client5 implements Client {
    private final Mqtt5AsyncClient client;
    private final Options options;
    private final MqttMessages messages = new MqttMessages(InstantSource.system());

    Client5(Mqtt5AsyncClient client, Options options) {
        this.client = client;
        this.options = options;
    }

    @Override
    public CompletableFuture<?> connect(boolean keeps) {
        Mqtt5ConnectBuilder connect = Mqtt5Connect.builder().cleanStart(!keeps).keepAlive(options.keepAliveSeconds());
        if (keeps) {
            connect = connect.sessionExpiryInterval(options.sessionSeconds())
                    .restrictions()
                    .receiveMaximum(options.receiveMaximum())
                    .applyRestrictions();
        }
        return client.connect(connect.build());
    }

    @Override
    public void arrivals(Consumer<Arrival> each, Executor executor) {
        client.publishes(
                MqttGlobalPublishFilter.ALL,
                publish -> each.accept(new Arrival(messages.fromRemote(publish), publish::acknowledge)),
                executor,
                true);
    }

    @Override
    public CompletableFuture<?> subscribe(String filter) {
        return client.subscribeWith()
                .addSubscription()
                .topicFilter(filter)
                .qos(options.qos())
                .retainAsPublished(true)
                // A session that goes on has had the retained messages.
                .retainHandling(Mqtt5RetainHandling.SEND_IF_SUBSCRIPTION_DOES_NOT_EXIST)
                .applySubscription()
                .send();
    }

    @Override
    public CompletableFuture<?> publish(Outbound outbound) {
        return client.publish(messages.toRemote(outbound, options.qos()));
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
