/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.polymq.tck.client.Incoming;
import org.polymq.tck.client.JmsProtocol;
import org.polymq.tck.client.Mqtt5Protocol;
import org.polymq.tck.client.Outgoing;
import org.polymq.tck.client.Protocol;
import org.polymq.tck.client.Publisher;
import org.polymq.tck.client.RocketMqVersion;
import org.polymq.tck.client.Subscriber;

/** Headers of one protocol as the others show them. */
@SuppressWarnings("try") // subscribers work while they are open
class HeadersIT {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final byte[] TEXT = "grüße".getBytes(StandardCharsets.UTF_8);

    @RegisterExtension
    static final SharedServer SERVER = new SharedServer();

    @Test
    void mqttHeadersReachJms() throws Exception {
        MqttProperties properties = new MqttProperties();
        properties.setCorrelationData("order-17".getBytes(StandardCharsets.UTF_8));
        properties.setResponseTopic("answers/here");
        properties.setContentType("text/plain");
        properties.setPayloadFormat(true);
        properties.setMessageExpiryInterval(3_600L);

        Incoming seen = seenBy(JmsProtocol.topics(), "from-mqtt", () -> mqtt("from-mqtt", properties));

        assertThat(seen.body()).isEqualTo(TEXT);
        assertThat(seen.text("#class")).contains("text");
        assertThat(seen.text("#JMSCorrelationID")).contains("order-17");
        Topic replyTo = (Topic) Objects.requireNonNull(seen.properties().get("#JMSReplyTo"));
        assertThat(replyTo.getTopicName()).isEqualTo("answers.here");
        assertThat(seen.text("#JMSMessageID"))
                .hasValueSatisfying(id -> assertThat(id).startsWith("ID:"));
        long left = Long.parseLong(seen.text("#JMSExpiration").orElse("0")) - System.currentTimeMillis();
        assertThat(left).isBetween(1L, 3_600_000L);
    }

    @Test
    void mqttHeadersReachNative() throws Exception {
        MqttProperties properties = new MqttProperties();
        properties.setCorrelationData("order-18".getBytes(StandardCharsets.UTF_8));
        properties.setResponseTopic("answers/here");
        properties.setMessageExpiryInterval(3_600L);

        Incoming seen = seenBy(RocketMqVersion.V5.protocol(), "mqtt-native", () -> mqtt("mqtt-native", properties));

        assertThat(seen.body()).isEqualTo(TEXT);
        assertThat(seen.text("CORRELATION_ID")).contains("order-18");
        assertThat(seen.text("REPLY_TO_CLIENT")).contains("addr:answers/here");
        assertThat(seen.text("EXPIRES_AT")).isPresent();
        assertThat(seen.text("#msgId")).isPresent();
    }

    @Test
    void jmsHeadersReachMqtt() throws Exception {
        Incoming seen = seenBy(Mqtt5Protocol.topics(1), "from-jms", () -> jms("from-jms"));

        assertThat(seen.body()).isEqualTo(TEXT);
        assertThat(seen.properties().get("#utf8")).isEqualTo(true);
        assertThat((byte[]) seen.properties().get("#correlation"))
                .isEqualTo("order-19".getBytes(StandardCharsets.UTF_8));
        assertThat(seen.text("#responseTopic")).contains("$queue/answers");
        assertThat(Long.parseLong(seen.text("#expiry").orElse("0"))).isBetween(1L, 3_600L);
        assertThat(seen.text("colour")).contains("red");
    }

    @Test
    void jmsHeadersReachNative() throws Exception {
        Incoming seen = seenBy(RocketMqVersion.V4.protocol(), "jms-native", () -> jms("jms-native"));

        assertThat(seen.body()).isEqualTo(TEXT);
        assertThat(seen.text("CORRELATION_ID")).contains("order-19");
        assertThat(seen.text("REPLY_TO_CLIENT")).contains("addr:$queue/answers");
        assertThat(seen.text("EXPIRES_AT")).isPresent();
        assertThat(seen.text("colour")).contains("red");
    }

    @Test
    void aNativeMessageIsABytesMessageAndKeepsItsIdAndGroup() throws Exception {
        Incoming seen = seenBy(JmsProtocol.topics(), "from-native", () -> {
            try (Publisher publisher = RocketMqVersion.V5.protocol().publisher(SERVER.at(), "headers", "from-native")) {
                publisher.publish(Outgoing.of(TEXT)
                        .withGroupKey("group-1")
                        .withDetails("key-1", "tag-1", Map.of("colour", "blue")));
            }
        });

        assertThat(seen.text("#class")).contains("bytes");
        assertThat(seen.text("JMSXGroupID")).contains("group-1");
        assertThat(seen.text("KEYS")).contains("key-1");
        assertThat(seen.text("TAGS")).contains("tag-1");
        assertThat(seen.text("colour")).contains("blue");
        assertThat(seen.text("#JMSTimestamp")).isPresent();
    }

    @Test
    void whatEachProtocolRetainsIsReplayedToMqtt() throws Exception {
        try (Publisher publisher = RocketMqVersion.V5.protocol().publisher(SERVER.at(), "retain-n", "kept-native")) {
            publisher.publish(Outgoing.of(TEXT).withDetails("k", "t", Map.of("MQTT_RETAIN", "1")));
        }
        try (Connection connection = JmsProtocol.factory(SERVER.at()).createConnection()) {
            Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
            BytesMessage message = session.createBytesMessage();
            message.writeBytes(TEXT);
            message.setBooleanProperty("JMS_PolyMQ_Retain", true);
            session.createProducer(session.createTopic("kept-jms")).send(message);
        }
        mqtt("kept-mqtt", new MqttMessage(TEXT, 1, true, new MqttProperties()));

        for (String topic : new String[] {"kept-native", "kept-jms", "kept-mqtt"}) {
            Queue<Incoming> seen = new ConcurrentLinkedQueue<>();
            try (Subscriber late = Mqtt5Protocol.topics(1).subscriber(SERVER.at(), "late-" + topic, topic, seen::add)) {
                await(topic).atMost(PATIENCE).until(() -> !seen.isEmpty());
            }
            assertThat(seen).singleElement().satisfies(message -> {
                assertThat(message.body()).isEqualTo(TEXT);
                assertThat(message.properties()).containsEntry("#retained", true);
            });
        }
    }

    /** Something that publishes. */
    private interface Publishing {
        void run() throws Exception;
    }

    private static Incoming seenBy(Protocol reader, String topic, Publishing publishing) throws Exception {
        Queue<Incoming> seen = new ConcurrentLinkedQueue<>();
        Subscriber subscriber = reader.subscriber(SERVER.at(), topic + "-reader", topic, seen::add);
        try {
            publishing.run();
            await(topic).atMost(PATIENCE).until(() -> !seen.isEmpty());
        } finally {
            subscriber.close();
        }
        return seen.element();
    }

    private static void mqtt(String topic, MqttProperties properties) throws Exception {
        mqtt(topic, new MqttMessage(TEXT, 1, false, properties));
    }

    private static void mqtt(String topic, MqttMessage message) throws Exception {
        MqttClient client = new MqttClient("tcp://" + SERVER.at().mqtt(), topic + "-writer", new MemoryPersistence());
        client.setTimeToWait(PATIENCE.toMillis());
        client.connect();
        client.publish(topic, message);
        client.disconnect();
        client.close();
    }

    private static void jms(String topic) throws Exception {
        try (Connection connection = JmsProtocol.factory(SERVER.at()).createConnection()) {
            Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
            TextMessage message = session.createTextMessage(new String(TEXT, StandardCharsets.UTF_8));
            message.setJMSCorrelationID("order-19");
            message.setJMSReplyTo(session.createQueue("answers"));
            message.setStringProperty("colour", "red");
            MessageProducer producer = session.createProducer(session.createTopic(topic));
            producer.setTimeToLive(3_600_000);
            producer.send(message);
        }
    }
}
