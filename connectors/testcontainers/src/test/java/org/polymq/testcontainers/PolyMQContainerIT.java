/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.testcontainers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.Message;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.polymq.jms.PolyMQConnectionFactory;

/** The container with official clients from outside of it; run by {@code bin/verify images}, which builds the image. */
@EnabledIfSystemProperty(named = "polymq.test-image", matches = ".+", disabledReason = "run by bin/verify images")
class PolyMQContainerIT {
    private static final String IMAGE = System.getProperty("polymq.test-image", "");

    @Test
    void carriesAMessageFromMqttToJms() throws Exception {
        try (PolyMQContainer polymq = new PolyMQContainer(IMAGE)) {
            polymq.start();

            try (PolyMQConnectionFactory factory = new PolyMQConnectionFactory(polymq.jmsUrl());
                    JMSContext context = factory.createContext();
                    JMSConsumer orders = context.createConsumer(context.createTopic("shop.orders"))) {
                publish(polymq, "shop/orders", "2 espresso");

                Message message = orders.receive(30_000);
                assertThat(new String(message.getBody(byte[].class), UTF_8)).isEqualTo("2 espresso");
            }
        }
    }

    @Test
    void servesRocketMqClientsAtTheAddressThatTheNameServerSays() throws Exception {
        List<String> arrived = new CopyOnWriteArrayList<>();
        try (PolyMQContainer polymq =
                new PolyMQContainer(IMAGE).with("topics.default-queues", "1").forRocketMqClients()) {
            polymq.start();

            DefaultMQProducer producer = new DefaultMQProducer("orders-out");
            producer.setNamesrvAddr(polymq.nameServer());
            producer.start();
            DefaultMQPushConsumer consumer = new DefaultMQPushConsumer("orders-in");
            consumer.setNamesrvAddr(polymq.nameServer());
            consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
            consumer.subscribe("orders", "*");
            consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
                messages.forEach(each -> arrived.add(new String(each.getBody(), UTF_8)));
                return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            });
            try {
                assertThat(producer.send(
                                        new org.apache.rocketmq.common.message.Message(
                                                "orders", "2 espresso".getBytes(UTF_8)),
                                        30_000)
                                .getSendStatus())
                        .isEqualTo(SendStatus.SEND_OK);
                consumer.start();

                await().atMost(Duration.ofMinutes(1))
                        .untilAsserted(() -> assertThat(arrived).containsExactly("2 espresso"));
            } finally {
                consumer.shutdown();
                producer.shutdown();
            }
        }
    }

    private static void publish(PolyMQContainer polymq, String topic, String text) throws Exception {
        MqttClient device = new MqttClient(polymq.mqttUrl(), "device", new MemoryPersistence());
        device.setTimeToWait(60_000);
        device.connect();
        device.publish(topic, text.getBytes(UTF_8), 1, false);
        device.disconnect();
        device.close();
    }
}
