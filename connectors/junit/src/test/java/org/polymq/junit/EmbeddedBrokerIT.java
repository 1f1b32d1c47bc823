/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.junit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import jakarta.jms.JMSContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.eclipse.paho.mqttv5.client.IMqttMessageListener;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.junit.jupiter.api.Test;
import org.polymq.jms.PolyMQConnectionFactory;

/** A broker in this process, used and closed. */
class EmbeddedBrokerIT {
    @Test
    void servesTheProtocolsToEachOther() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start();
                PolyMQConnectionFactory factory = new PolyMQConnectionFactory(broker.jmsUrl());
                JMSContext jms = factory.createContext()) {
            MqttClient mqtt = new MqttClient(broker.mqttUrl(), "device", new MemoryPersistence());
            mqtt.setTimeToWait(60_000);
            CompletableFuture<String> arrived = new CompletableFuture<>();
            IMqttMessageListener listener =
                    (topic, message) -> arrived.complete(topic + " " + new String(message.getPayload(), UTF_8));
            mqtt.connect();
            mqtt.subscribe(
                    new MqttSubscription[] {new MqttSubscription("shop/orders", 1)},
                    new IMqttMessageListener[] {listener});
            var consumer = jms.createConsumer(jms.createTopic("shop.bills"));

            jms.createProducer().send(jms.createTopic("shop.orders"), "tea");
            mqtt.publish("shop/bills", new MqttMessage("3 euros".getBytes(UTF_8), 1, false, new MqttProperties()));

            assertThat(arrived).succeedsWithin(Duration.ofSeconds(20)).isEqualTo("shop/orders tea");
            assertThat(consumer.receiveBody(byte[].class, 20_000)).isEqualTo("3 euros".getBytes(UTF_8));
            mqtt.disconnect();
            mqtt.close();
        }
    }

    @Test
    void twoBrokersDoNotKnowEachOther() throws Exception {
        try (EmbeddedBroker one = EmbeddedBroker.start();
                EmbeddedBroker other = EmbeddedBroker.start(Map.of("broker.name", "other"))) {
            assertThat(one.jmsUrl()).isNotEqualTo(other.jmsUrl());
            assertThat(ready(one)).isEqualTo(200);
            assertThat(ready(other)).isEqualTo(200);
        }
    }

    @Test
    void isGoneWhenItIsClosed() throws Exception {
        EmbeddedBroker broker = EmbeddedBroker.start();
        int port = broker.mqttPort();
        broker.close();

        await().untilAsserted(() -> {
            try (ServerSocket socket = new ServerSocket()) {
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                assertThat(socket.isBound()).isTrue();
            }
        });
    }

    @Test
    void saysWhichSettingIsWrong() {
        assertThatThrownBy(() -> EmbeddedBroker.start(Map.of("natve.port", "0")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("native.port");
    }

    @Test
    void showsTheApplicationNothingOfTheServersLibraries() {
        assertThatThrownBy(() -> Class.forName("org.polymq.broker.Broker")).isInstanceOf(ClassNotFoundException.class);
        assertThatThrownBy(() -> Class.forName("ch.qos.logback.classic.Logger"))
                .isInstanceOf(ClassNotFoundException.class);
    }

    private static int ready(EmbeddedBroker broker) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(broker.dashboardUrl() + "/health/ready"))
                                .timeout(Duration.ofSeconds(60))
                                .build(),
                        BodyHandlers.discarding())
                .statusCode();
    }
}
