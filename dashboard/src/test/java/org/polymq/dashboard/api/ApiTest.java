/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.Broker;
import org.polymq.broker.TestBroker;
import org.polymq.broker.net.Limits;
import org.polymq.broker.net.Listener;
import org.polymq.broker.net.Listeners;
import org.polymq.broker.net.Transport;
import org.polymq.dashboard.Dashboard;
import org.polymq.dashboard.Health;

class ApiTest {
    private static final String PASSWORD = "a good password";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Transport transport = Transport.open(1);
    private final Listeners listeners = new Listeners(transport, Limits.defaults(), registry);
    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();
    private Broker broker;
    private Listener listener;
    private String admin;

    @BeforeEach
    void open(@TempDir Path directory) throws IOException {
        broker = TestBroker.openSecured(directory);
        admin = basic("admin", TestBroker.adminPassword(directory));
        listener = bind(broker);
    }

    private Listener bind(Broker served) throws IOException {
        Api api = new Api(served.security(), new SecurityRoutes(served.security()).routes());
        return listeners.bind(
                "dashboard",
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new Dashboard(registry, new Health(List.of()), api, new Overview(served, registry, Clock.systemUTC())));
    }

    @AfterEach
    void close() {
        listeners.close(Duration.ofSeconds(1));
        transport.close();
        broker.close();
    }

    @Test
    void makesShowsChangesAndDeletesAUser() throws Exception {
        assertThat(send(
                                "POST",
                                "users",
                                admin,
                                "{\"name\":\"ann\",\"password\":\"" + PASSWORD
                                        + "\",\"permissions\":[\"allow PUB topic:a/#\"]}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(body(send("GET", "users/ann", admin, null))
                        .get("permissions")
                        .get(0)
                        .asText())
                .isEqualTo("allow PUB topic:a/#");
        assertThat(send("PUT", "roles/reader", admin, "{\"permissions\":[\"allow SUB topic:#\"]}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(body(send("PUT", "users/ann", admin, "{\"roles\":[\"reader\"]}"))
                        .get("roles")
                        .get(0)
                        .asText())
                .isEqualTo("reader");
        assertThat(body(send("GET", "check?user=ann&action=SUB&resource=topic:x/y", admin, null))
                        .get("allowed")
                        .asBoolean())
                .isTrue();
        assertThat(send("POST", "users", admin, "{\"name\":\"ann\"}").statusCode())
                .isEqualTo(409);
        assertThat(send("DELETE", "users/ann", admin, null).statusCode()).isEqualTo(200);
        assertThat(send("GET", "users/ann", admin, null).statusCode()).isEqualTo(404);
    }

    @Test
    void refusesWhoIsNotLoggedInAndWhoMayNot() throws Exception {
        TestBroker.addUser(broker, "ann", PASSWORD);
        String ann = basic("ann", PASSWORD);

        for (String path : List.of("users", "roles", "whoami", "tokens")) {
            HttpResponse<String> nobody = send("GET", path, null, null);
            assertThat(nobody.statusCode()).as(path).isEqualTo(401);
            assertThat(body(nobody).get("code").asText()).isEqualTo("NOT_AUTHENTICATED");
            assertThat(nobody.headers().firstValue("www-authenticate"))
                    .hasValueSatisfying(how -> assertThat(how).startsWith("Bearer"));
        }
        assertThat(send("GET", "users", basic("ann", "wrong"), null).statusCode())
                .isEqualTo(401);
        assertThat(send("GET", "users", ann, null).statusCode()).isEqualTo(403);
        assertThat(send("POST", "users/admin/access-keys", ann, "{}").statusCode())
                .isEqualTo(403);
        assertThat(send("PUT", "users/admin/password", ann, "{\"password\":\"mine from now\"}")
                        .statusCode())
                .isEqualTo(403);
        assertThat(body(send("GET", "whoami", ann, null)).get("user").asText()).isEqualTo("ann");
        assertThat(send("PUT", "users/ann/password", ann, "{\"password\":\"another one\"}")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void showsASecretOnceOnly() throws Exception {
        JsonNode key = body(send("POST", "users/admin/access-keys", admin, "{}"));
        JsonNode token = body(send("POST", "users/admin/tokens", admin, "{\"life\":\"PT1H\"}"));

        assertThat(send("GET", "access-keys", admin, null).body())
                .contains(key.get("accessKey").asText())
                .doesNotContain(key.get("secretKey").asText());
        assertThat(send("GET", "tokens", "Bearer " + token.get("token").asText(), null)
                        .body())
                .contains(token.get("id").asText())
                .doesNotContain(token.get("token").asText());
        assertThat(send("DELETE", "tokens/" + token.get("id").asText(), admin, null)
                        .statusCode())
                .isEqualTo(200);
        assertThat(send("GET", "whoami", "Bearer " + token.get("token").asText(), null)
                        .statusCode())
                .isEqualTo(401);
    }

    @Test
    void pagesOfOtherSitesCannotUseIt() throws Exception {
        HttpRequest foreign = request("GET", "users", admin, null)
                .header("Origin", "http://evil.example")
                .build();
        assertThat(http.send(foreign, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(403);

        HttpRequest form = HttpRequest.newBuilder(uri("users"))
                .timeout(PATIENCE)
                .header("Authorization", admin)
                .header("Content-Type", "text/plain")
                .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"eve\"}"))
                .build();
        assertThat(http.send(form, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(400);
        assertThat(broker.security().accounts().user("eve")).isEmpty();
    }

    @Test
    void withSecurityOffItWorksWithoutLoginButNotUnderAForeignHost(@TempDir Path directory) throws Exception {
        try (Broker open = TestBroker.open(directory)) {
            listener = bind(open);

            assertThat(body(send("GET", "whoami", null, null))
                            .get("administrator")
                            .asBoolean())
                    .isTrue();
            assertThat(raw("GET /api/v1/users HTTP/1.1\r\nHost: rebound.example\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 403");
            assertThat(raw("GET /api/v1/users HTTP/1.1\r\nHost: localhost:8080\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void metricsNeedALoginAndHealthDoesNot() throws Exception {
        TestBroker.addUser(broker, "prometheus", PASSWORD, "allow SUB cluster:*");

        assertThat(status("/metrics", null)).isEqualTo(401);
        assertThat(status("/metrics", basic("prometheus", PASSWORD))).isEqualTo(200);
        assertThat(status("/health/ready", null)).isEqualTo(200);
    }

    @Test
    void answersRequestsOfOneConnectionInTheirOrder() throws Exception {
        String password = "{\"password\":\"another password\"}";

        String all = raw("PUT /api/v1/users/admin/password HTTP/1.1\r\nHost: localhost\r\nAuthorization: " + admin
                + "\r\nContent-Type: application/json\r\nContent-Length: " + password.length() + "\r\n\r\n" + password
                + "GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

        assertThat(all.indexOf("\"name\":\"admin\"")).isPositive().isLessThan(all.indexOf("\"UP\""));
    }

    @Test
    void saysWhatIsWrongInOneFormat() throws Exception {
        assertThat(body(send("GET", "nothing", admin, null)).get("code").asText())
                .isEqualTo("NOT_FOUND");
        assertThat(body(send("POST", "users", admin, "{\"name\":\"bob\",\"passwort\":\"x\"}"))
                        .get("message")
                        .asText())
                .contains("passwort");
        assertThat(body(send("POST", "users", admin, "{\"name\":\"../x\"}"))
                        .get("message")
                        .asText())
                .contains("letters");
        assertThat(body(send("POST", "users", admin, "{\"name\":\"bob\",\"permissions\":[\"allow all\"]}"))
                        .get("message")
                        .asText())
                .contains("allow PUB,SUB topic:a/#");
    }

    private static String basic(String user, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + listener.port() + "/api/v1/" + path);
    }

    private HttpRequest.Builder request(
            String method, String path, @Nullable String authorization, @Nullable String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path))
                .timeout(PATIENCE)
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        return request;
    }

    private HttpResponse<String> send(String method, String path, @Nullable String authorization, @Nullable String body)
            throws Exception {
        return http.send(request(method, path, authorization, body).build(), HttpResponse.BodyHandlers.ofString());
    }

    private int status(String path, @Nullable String authorization) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + listener.port() + path))
                .timeout(PATIENCE);
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString()).statusCode();
    }

    private String raw(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), listener.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(UTF_8));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }

    private JsonNode body(HttpResponse<String> response) throws IOException {
        return json.readTree(response.body());
    }
}
