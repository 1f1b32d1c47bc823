/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.polymq.tck.client.Incoming;
import org.polymq.tck.client.JmsProtocol;
import org.polymq.tck.client.RocketMqVersion;
import org.polymq.tck.client.Subscriber;

/** Who is connected, as the admin API shows it, with clients of all three protocols. */
@SuppressWarnings("try") // subscribers work while they are open
class ClientsIT {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @RegisterExtension
    static final SharedServer SERVER = new SharedServer();

    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();

    @Test
    void listsTheClientsOfAllProtocols() throws Exception {
        List<Incoming> seen = new CopyOnWriteArrayList<>();
        HttpRequest make = request("topics")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"listed\"}"))
                .build();
        http.send(make, HttpResponse.BodyHandlers.ofString()); // a RocketMQ client stays away until there is a route
        try (Subscriber rocketMq = RocketMqVersion.V5.protocol().subscriber(SERVER.at(), "g1", "listed", seen::add);
                Subscriber jms = JmsProtocol.topics().subscriber(SERVER.at(), "j1", "listed", seen::add)) {
            await().atMost(PATIENCE).untilAsserted(() -> {
                Map<String, String> protocols = new TreeMap<>();
                clients("")
                        .forEach(client -> protocols.put(
                                client.get("protocol").asText(),
                                client.get("address").asText()));
                assertThat(protocols).containsKeys("JMS", "RocketMQ");
                assertThat(protocols.values()).allMatch(address -> address.startsWith("127.0.0.1:"));
            });
        }
        await().atMost(PATIENCE).until(() -> clients("&protocol=jms").isEmpty());
    }

    @Test
    void disconnectsAnMqttClientAndDeletesItsSession() throws Exception {
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setSessionExpiryInterval(3_600L);
        options.setCleanStart(false);
        MqttAsyncClient client =
                new MqttAsyncClient("tcp://" + SERVER.at().mqtt(), "device-1", new MemoryPersistence());
        try {
            client.connect(options).waitForCompletion(PATIENCE.toMillis());
            client.subscribe("plant/#", 1).waitForCompletion(PATIENCE.toMillis());

            JsonNode listed = clients("&text=device-1").get(0);
            assertThat(listed.get("protocol").asText()).isEqualTo("MQTT 5.0");
            JsonNode session = get("sessions/device-1");
            assertThat(session.get("session").get("connected").asBoolean()).isTrue();
            assertThat(session.get("filters").get(0).asText()).isEqualTo("plant/#");
            assertThat(send("DELETE", "sessions/device-1").statusCode()).isEqualTo(409);

            assertThat(send("DELETE", "clients/" + listed.get("id").asText()).statusCode())
                    .isEqualTo(200);
            await().atMost(PATIENCE).until(() -> !client.isConnected());
            await().atMost(PATIENCE)
                    .until(() -> !get("sessions/device-1")
                            .get("session")
                            .get("connected")
                            .asBoolean());
            assertThat(send("DELETE", "sessions/device-1").statusCode()).isEqualTo(200);
            assertThat(send("GET", "sessions/device-1").statusCode()).isEqualTo(404);
        } finally {
            client.close(true);
        }
    }

    private JsonNode clients(String query) throws Exception {
        return get("clients?limit=1000" + query).get("clients");
    }

    private JsonNode get(String path) throws Exception {
        return json.readTree(send("GET", path).body());
    }

    private HttpResponse<String> send(String method, String path) throws Exception {
        return http.send(
                request(path)
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://" + SERVER.at().dashboard() + "/api/v1/" + path))
                .timeout(PATIENCE);
    }
}
