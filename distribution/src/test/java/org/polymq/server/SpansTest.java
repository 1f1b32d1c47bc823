/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.paho.mqttv5.common.packet.UserProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.config.ServerConfig;
import org.polymq.jms.PolyMQConnectionFactory;

/** Spans of a message that all three protocols' clients handle, as a collector gets them. */
class SpansTest {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String PUBLISHER = "b7ad6b7169203331";

    private final List<Span> spans = new CopyOnWriteArrayList<>();
    private final List<MqttClient> clients = new ArrayList<>();
    private HttpServer collector;
    private Server server;

    @BeforeEach
    void open(@TempDir Path directory) throws IOException {
        collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext("/v1/traces", exchange -> {
            boolean zipped = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
            try (InputStream in = zipped ? new GZIPInputStream(exchange.getRequestBody()) : exchange.getRequestBody()) {
                ExportTraceServiceRequest.parseFrom(in)
                        .getResourceSpansList()
                        .forEach(resource ->
                                resource.getScopeSpansList().forEach(scope -> spans.addAll(scope.getSpansList())));
            }
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        collector.start();
        server = Server.open(ServerConfig.load(
                null,
                Map.of(),
                List.of(
                        "data=" + directory,
                        "nameserver.port=0",
                        "native.port=0",
                        "mqtt.port=0",
                        "mqtt.websocket-port=0",
                        "dashboard.port=0",
                        "tracing.endpoint=http://127.0.0.1:"
                                + collector.getAddress().getPort() + "/v1/traces")));
    }

    @AfterEach
    void close() throws MqttException {
        for (MqttClient client : clients) {
            client.disconnect();
            client.close();
        }
        server.close();
        collector.stop(0);
    }

    @Test
    void joinsWhatTheProtocolsDoInThePublishersTrace() throws Exception {
        MqttClient mqtt = mqtt("sensor");
        try (JMSContext jms = new PolyMQConnectionFactory("polymq://127.0.0.1:" + port("native")).createContext()) {
            jms.setClientID("app");
            mqtt.subscribe("rooms", 1);
            JMSConsumer consumer = jms.createDurableConsumer(jms.createTopic("rooms"), "all");
            // Not sampled: it only makes the topic, which the RocketMQ consumer needs to be there.
            mqtt.publish("rooms", message("00-" + TRACE + "-" + PUBLISHER + "-00", "first"));
            assertThat(consumer.receiveBody(String.class, 30_000)).isEqualTo("first");
            DefaultLitePullConsumer pull = pull();
            try {
                mqtt.publish("rooms", message("00-" + TRACE + "-" + PUBLISHER + "-01", "warm"));
                assertThat(consumer.receiveBody(String.class, 30_000)).isEqualTo("warm");
                Set<String> pulled = new HashSet<>();
                await().atMost(Duration.ofSeconds(30)).until(() -> {
                    pull.poll(500).forEach(each -> pulled.add(new String(each.getBody(), StandardCharsets.UTF_8)));
                    return pulled.contains("warm");
                });
                pull.commitSync();
                await().atMost(Duration.ofSeconds(60))
                        .untilAsserted(() -> assertThat(shown())
                                .contains(
                                        "publish rooms mqtt",
                                        "deliver rooms mqtt",
                                        "acknowledge rooms mqtt",
                                        "deliver rooms jms",
                                        "acknowledge rooms jms",
                                        "deliver rooms rocketmq",
                                        "acknowledge rooms rocketmq"));
            } finally {
                pull.shutdown();
            }
        }
        assertThat(spans).allSatisfy(span -> {
            assertThat(hex(span.getTraceId().toByteArray())).isEqualTo(TRACE);
            assertThat(hex(span.getParentSpanId().toByteArray())).isEqualTo(PUBLISHER);
            assertThat(span.getEndTimeUnixNano()).isGreaterThanOrEqualTo(span.getStartTimeUnixNano());
        });
    }

    @Test
    void tracesASendOfRocketMq() throws Exception {
        DefaultMQProducer producer = new DefaultMQProducer("p");
        producer.setNamesrvAddr("127.0.0.1:" + port("nameserver"));
        producer.start();
        try {
            var message = new org.apache.rocketmq.common.message.Message("sent", "x".getBytes(StandardCharsets.UTF_8));
            message.putUserProperty("traceparent", "00-" + TRACE + "-" + PUBLISHER + "-01");
            producer.send(message, 30_000);
        } finally {
            producer.shutdown();
        }
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(shown()).contains("publish sent rocketmq"));
    }

    @Test
    void hasNoneOfWhatItsPublisherDidNotSample() throws Exception {
        MqttClient mqtt = mqtt("sensor");
        mqtt.subscribe("rooms", 1);
        mqtt.publish("rooms", message("00-" + TRACE + "-" + PUBLISHER + "-00", "not sampled"));
        mqtt.publish("rooms", message("nonsense", "malformed"));
        mqtt.publish("rooms", new MqttMessage("no trace".getBytes(StandardCharsets.UTF_8), 1, false, null));
        mqtt.publish("end", message("00-" + TRACE + "-" + PUBLISHER + "-01", "sampled"));
        await().atMost(Duration.ofSeconds(60)).until(() -> !spans.isEmpty());
        assertThat(shown()).containsExactly("publish end mqtt");
    }

    private List<String> shown() {
        return spans.stream()
                .map(span -> span.getName() + " "
                        + span.getAttributesList().stream()
                                .filter(each -> each.getKey().equals("network.protocol.name"))
                                .map(each -> each.getValue().getStringValue())
                                .findFirst()
                                .orElse(""))
                .toList();
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private MqttClient mqtt(String clientId) throws Exception {
        MqttClient client = new MqttClient("tcp://127.0.0.1:" + port("mqtt"), clientId, new MemoryPersistence());
        clients.add(client);
        client.setTimeToWait(60_000);
        client.setCallback(new Silent());
        client.connect(new MqttConnectionOptions());
        return client;
    }

    private DefaultLitePullConsumer pull() throws Exception {
        DefaultLitePullConsumer consumer = new DefaultLitePullConsumer("readers");
        consumer.setNamesrvAddr("127.0.0.1:" + port("nameserver"));
        consumer.setAutoCommit(false);
        consumer.start();
        await().atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .until(() -> !consumer.fetchMessageQueues("rooms").isEmpty());
        consumer.assign(consumer.fetchMessageQueues("rooms"));
        return consumer;
    }

    private static MqttMessage message(String traceParent, String text) {
        MqttProperties properties = new MqttProperties();
        properties.setPayloadFormat(true);
        properties.setUserProperties(List.of(new UserProperty("traceparent", traceParent)));
        return new MqttMessage(text.getBytes(StandardCharsets.UTF_8), 1, false, properties);
    }

    private int port(String listener) {
        return server.lines().stream()
                .filter(line -> line.name().equals(listener))
                .findFirst()
                .orElseThrow()
                .address()
                .getPort();
    }

    /** Takes messages: without a callback Paho acknowledges none. */
    private static final class Silent implements MqttCallback {
        @Override
        public void disconnected(MqttDisconnectResponse response) {}

        @Override
        public void mqttErrorOccurred(MqttException exception) {}

        @Override
        public void messageArrived(String topic, MqttMessage message) {}

        @Override
        public void deliveryComplete(IMqttToken token) {}

        @Override
        public void connectComplete(boolean reconnect, String serverUri) {}

        @Override
        public void authPacketArrived(int reasonCode, MqttProperties properties) {}
    }
}
