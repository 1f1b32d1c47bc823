/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.eclipse.paho.mqttv5.client.IMqttMessageListener;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.config.ServerConfig;
import org.polymq.jms.PolyMQConnectionFactory;
import org.polymq.storage.FixedPorts;

/** MQTT and JMS clients of three groups, at the node that has them and at a gateway. */
class ClusterGatewaysTest {
    private static final Duration LONG = Duration.ofMinutes(2);

    private final HttpClient http = HttpClient.newHttpClient();

    @TempDir
    private Path directory;

    private ClusterServer open(int between, String... more) throws IOException {
        List<String> sets = new ArrayList<>(List.of(
                "data=" + directory.resolve("node"),
                "cluster.enabled=true",
                "cluster.groups=a,b,c",
                "cluster.nodes=1@127.0.0.1:" + between,
                "cluster.election-timeout=4s",
                "nameserver.port=0",
                "native.port=0",
                "mqtt.port=0",
                "mqtt.websocket-port=0",
                "dashboard.port=0"));
        sets.addAll(List.of(more));
        return ClusterServer.open(ServerConfig.load(null, Map.of(), sets), reason -> {});
    }

    private static int port(ClusterServer server, String listener) {
        return server.lines().stream()
                .filter(line -> line.name().equals(listener))
                .findFirst()
                .orElseThrow()
                .address()
                .getPort();
    }

    private int status(String url) throws IOException, InterruptedException {
        return http.send(
                        HttpRequest.newBuilder(URI.create(url)).timeout(LONG).build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private String body(String url) throws IOException, InterruptedException {
        return http.send(
                        HttpRequest.newBuilder(URI.create(url)).timeout(LONG).build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @Test
    void passMessagesFromOneProtocolToAnother() throws Exception {
        int between = new FixedPorts().block(21);
        Path none = directory.resolve("none");
        try (ClusterServer node = open(between);
                ClusterServer gateway = open(between, "cluster.role=gateway", "cluster.node=9", "data=" + none)) {
            String mqttAtNode = "tcp://127.0.0.1:" + port(node, "mqtt");
            String mqttAtGateway = "tcp://127.0.0.1:" + port(gateway, "mqtt");
            String jmsAtNode = "polymq://127.0.0.1:" + port(node, "native/c");
            String jmsAtGateway = "polymq://127.0.0.1:" + port(gateway, "native");

            persist("node", mqttAtNode, jmsAtNode);
            persist("gateway", mqttAtGateway, jmsAtGateway);
            persist("both", mqttAtGateway, jmsAtNode);

            String monitoring = "http://127.0.0.1:" + port(gateway, "dashboard");
            await().atMost(LONG)
                    .untilAsserted(() ->
                            assertThat(body(monitoring + "/health/ready")).contains("\"groups\":{\"status\":\"UP\"}"));
            assertThat(body(monitoring + "/metrics"))
                    .contains("polymq_gateway_streams_opened_total{leader=\"remote\"}");
            assertThat(body(monitoring + "/api/v1/topics")).contains("the admin API are at the nodes");
            assertThat(Files.exists(none)).isFalse();
            assertThat(body("http://127.0.0.1:" + port(node, "dashboard/a") + "/metrics"))
                    .contains("polymq_connections{listener=\"mqtt\"}");
            node.hurry();
        }
    }

    /** So that clients are sent to gateways that can serve them. */
    @Test
    void gatewayIsReadyWhileTheLeadersAreInReach() throws Exception {
        int between = new FixedPorts().block(21);
        try (ClusterServer gateway =
                open(between, "cluster.role=gateway", "cluster.node=9", "data=" + directory.resolve("none"))) {
            String health = "http://127.0.0.1:" + port(gateway, "dashboard") + "/health";
            assertThat(status(health + "/ready")).isEqualTo(503);
            assertThat(body(health + "/ready")).contains("no leader is in reach of the groups a, b, c");
            assertThat(status(health + "/live")).isEqualTo(200);

            ClusterServer node = open(between);
            try {
                await().atMost(LONG).until(() -> status(health + "/ready") == 200);
            } finally {
                node.hurry();
                node.close();
            }
            await().atMost(LONG).until(() -> status(health + "/ready") == 503);
        }
    }

    @Test
    void usersOfTheFirstGroupHoldInAll() throws Exception {
        int between = new FixedPorts().block(21);
        try (ClusterServer node =
                open(between, "cluster.grid=off", "security.enabled=true", "security.password-iterations=1000")) {
            String password =
                    await("the first user is made").atMost(LONG).until(this::adminPassword, each -> !each.isEmpty());
            String user = "{\"name\":\"ann\",\"password\":\"a good password\",\"permissions\":[\"allow PUB topic:#\"]}";
            await().atMost(LONG)
                    .ignoreExceptions()
                    .until(() -> post(port(node, "dashboard/a"), password, user).statusCode() / 100 == 2);
            await("also refuses an administrator of the first group, who is known here")
                    .atMost(LONG)
                    .ignoreExceptions()
                    .untilAsserted(() -> assertThat(post(port(node, "dashboard/b"), password, user)
                                    .body())
                            .contains("defined in group a"));
            for (int client = 0; client < 6; client++) { // whose homes are different groups
                String name = "client-" + client;
                await(name).atMost(LONG).ignoreExceptions().until(() -> {
                    logIn("tcp://127.0.0.1:" + port(node, "mqtt"), name);
                    return true;
                });
            }
            node.hurry();
        }
    }

    private String adminPassword() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            List<Path> found =
                    files.filter(each -> each.endsWith("admin-password")).toList();
            assertThat(found).hasSizeLessThan(2);
            return found.isEmpty() ? "" : Files.readString(found.get(0)).strip();
        }
    }

    private HttpResponse<String> post(int port, String password, String user) throws IOException, InterruptedException {
        String admin = Base64.getEncoder().encodeToString(("admin:" + password).getBytes(UTF_8));
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1/users"))
                        .timeout(LONG)
                        .header("Authorization", "Basic " + admin)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(user))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static void logIn(String mqtt, String name) throws MqttException {
        MqttClient client = new MqttClient(mqtt, name, new MemoryPersistence());
        client.setTimeToWait(60_000);
        try {
            MqttConnectionOptions options = new MqttConnectionOptions();
            options.setUserName("ann");
            options.setPassword("a good password".getBytes(UTF_8));
            client.connect(options);
            client.publish("t/" + name, "text".getBytes(UTF_8), 1, false);
            client.disconnect();
        } finally {
            client.close(true);
        }
    }

    /** A connection may be lost with a leader, which nothing but time brings about on a busy machine. */
    private static void persist(String name, String mqtt, String jms) {
        AtomicInteger attempts = new AtomicInteger();
        await("it goes by " + mqtt + " and " + jms)
                .atMost(LONG)
                .ignoreExceptions()
                .until(() -> {
                    passOn(name + "-" + attempts.incrementAndGet(), mqtt, jms);
                    return true;
                });
    }

    /** From MQTT to JMS and back, with one topic and one queue. */
    private static void passOn(String topic, String mqtt, String jms) throws Exception {
        BlockingQueue<String> atMqtt = new LinkedBlockingQueue<>();
        MqttClient client = new MqttClient(mqtt, topic + "-client", new MemoryPersistence());
        client.setTimeToWait(60_000);
        try (JMSContext context = new PolyMQConnectionFactory(jms).createContext()) {
            client.connect();
            client.subscribe(
                    new MqttSubscription[] {new MqttSubscription(topic + "/#", 1)},
                    new IMqttMessageListener[] {(name, message) -> atMqtt.add(new String(message.getPayload(), UTF_8))
                    });
            JMSConsumer consumer = context.createConsumer(context.createTopic(topic + ".x"));
            client.publish(topic + "/x", "from MQTT".getBytes(UTF_8), 1, false);
            assertThat(new String(consumer.receive(30_000).getBody(byte[].class), UTF_8))
                    .isEqualTo("from MQTT");
            assertThat(atMqtt.poll(30, TimeUnit.SECONDS)).isEqualTo("from MQTT");
            context.createProducer().send(context.createTopic(topic + ".x"), "from JMS");
            assertThat(atMqtt.poll(30, TimeUnit.SECONDS)).isEqualTo("from JMS");
            context.createProducer().send(context.createQueue(topic + "-queue"), "queued");
            assertThat(context.createConsumer(context.createQueue(topic + "-queue"))
                            .receiveBody(String.class, 30_000))
                    .isEqualTo("queued");
            client.disconnect();
        } finally {
            client.close(true);
        }
    }
}
