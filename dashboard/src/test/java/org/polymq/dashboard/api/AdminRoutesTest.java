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
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
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

/** Topics, messages, groups, subscriptions and retained messages over HTTP. */
class AdminRoutesTest {
    private static final String PASSWORD = "a good password";

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
        admin = "admin:" + TestBroker.adminPassword(directory);
        List<Route> routes = new ArrayList<>(new TopicRoutes(broker).routes());
        routes.addAll(new MessageRoutes(broker).routes());
        routes.addAll(new GroupRoutes(broker).routes());
        routes.addAll(new SubscriptionRoutes(broker).routes());
        routes.addAll(new RetainedRoutes(broker).routes());
        listener = listeners.bind(
                "dashboard",
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new Dashboard(
                        registry,
                        new Health(List.of()),
                        new Api(broker.security(), routes),
                        new Overview(broker, registry, Clock.systemUTC())));
    }

    @AfterEach
    void close() {
        listeners.close(Duration.ofSeconds(1));
        transport.close();
        broker.close();
    }

    @Test
    void makesShowsChangesAndDeletesATopic() throws Exception {
        assertThat(ok("POST", "topics", "{\"name\":\"plant\",\"queues\":2,\"retention\":\"7d\"}")
                        .get("queues")
                        .asInt())
                .isEqualTo(2);
        assertThat(code("POST", "topics", "{\"name\":\"plant\"}")).isEqualTo("409 ALREADY_EXISTS");

        JsonNode changed = ok("PUT", "topics/plant", "{\"queues\":3,\"writable\":false}");
        assertThat(changed.get("queues").asInt()).isEqualTo(3);
        assertThat(changed.get("writable").asBoolean()).isFalse();
        assertThat(changed.get("retention").asText()).isEqualTo("168h");
        assertThat(ok("GET", "topics/plant", null).get("perQueue")).hasSize(3);

        assertThat(ok("DELETE", "topics/plant", null).get("done").asBoolean()).isTrue();
        assertThat(code("GET", "topics/plant", null)).isEqualTo("404 NOT_FOUND");
    }

    @Test
    void refusesWhatNoTopicCanBe() throws Exception {
        assertThat(code("POST", "topics", "{\"name\":\"a/b\"}")).isEqualTo("400 INVALID_NAME");
        assertThat(code("POST", "topics", "{\"name\":\"\"}")).isEqualTo("400 INVALID_NAME");
        assertThat(code("POST", "topics", "{}")).isEqualTo("400 INVALID_NAME");
        assertThat(code("POST", "topics", "{\"name\":\"" + "x".repeat(128) + "\"}"))
                .isEqualTo("400 INVALID_NAME");
        assertThat(code("POST", "topics", "{\"name\":\"a\",\"queues\":0}")).isEqualTo("400 INVALID_REQUEST");
        assertThat(code("POST", "topics", "{\"name\":\"a\",\"queues\":\"many\"}"))
                .isEqualTo("400 INVALID_REQUEST");
        assertThat(code("POST", "topics", "{\"name\":\"a\",\"retention\":\"soon\"}"))
                .isEqualTo("400 INVALID_REQUEST");
        assertThat(code("POST", "topics", "{\"name\":\"a\",\"kind\":\"box\"}")).isEqualTo("400 INVALID_REQUEST");
        assertThat(code("POST", "topics", "{\"name\":\"a\",\"colour\":1}")).isEqualTo("400 INVALID_REQUEST");
        assertThat(code("GET", "topics?limit=0", null)).isEqualTo("400 INVALID_REQUEST");
        assertThat(code("GET", "topics?limit=100000", null)).isEqualTo("400 INVALID_REQUEST");
    }

    @Test
    void listsInPagesInTheOrderOfNames() throws Exception {
        for (String name : List.of("d", "b", "a", "c", "e")) {
            ok("POST", "topics", "{\"name\":\"" + name + "\"}");
        }

        List<String> seen = new ArrayList<>();
        String after = "";
        do {
            JsonNode page = ok("GET", "topics?limit=2&after=" + after, null);
            page.get("topics").forEach(topic -> seen.add(topic.get("name").asText()));
            after = page.path("next").asText("");
        } while (!after.isEmpty());

        assertThat(seen).containsExactly("a", "b", "c", "d", "e");
    }

    @Test
    void showsAMessageInTheTermsOfAllProtocols() throws Exception {
        JsonNode sent = ok(
                "POST",
                "messages",
                "{\"topic\":\"plant/7/temp\",\"body\":\"21.5\",\"keys\":\"k1 k2\",\"properties\":{\"unit\":\"C\"}}");

        JsonNode found = ok("GET", "messages?topic=plant&key=k2", null).get("messages");
        JsonNode whole = ok("GET", "messages/" + sent.get("position").asLong(), null);

        assertThat(found).hasSize(1);
        assertThat(found.get(0).get("position").asLong())
                .isEqualTo(sent.get("position").asLong());
        assertThat(whole.get("body").get("content").asText()).isEqualTo("21.5");
        assertThat(whole.get("mqtt").get("topic").asText()).isEqualTo("plant/7/temp");
        assertThat(whole.get("jms").get("destination").asText()).isEqualTo("topic plant.7.temp");
        assertThat(whole.get("nativeView").get("properties").get("TOPIC_PATH").asText())
                .isEqualTo("7/temp");
        assertThat(whole.get("jms").get("properties").get("unit").asText()).isEqualTo("C");
    }

    @Test
    void browsesAQueueWithoutConsuming() throws Exception {
        ok("POST", "topics", "{\"name\":\"orders\",\"kind\":\"queue\"}");
        for (int i = 0; i < 5; i++) {
            ok("POST", "messages", "{\"queue\":\"orders\",\"body\":\"o" + i + "\"}");
        }
        ok("POST", "messages", "{\"queue\":\"orders\",\"encoding\":\"base64\",\"body\":\"AAH/\"}");

        JsonNode first = ok("GET", "topics/orders/messages?offset=0&limit=2", null);
        JsonNode newest = ok("GET", "topics/orders/messages?limit=1", null);

        assertThat(previews(first)).containsExactly("o0", "o1");
        assertThat(previews(ok(
                        "GET",
                        "topics/orders/messages?limit=2&offset="
                                + first.get("next").asText(),
                        null)))
                .containsExactly("o2", "o3");
        assertThat(previews(newest)).containsExactly("AAH/");
        assertThat(ok("GET", "topics/orders", null).get("waiting").asLong()).isEqualTo(6);
        assertThat(code("GET", "topics/orders/messages?queue=1", null)).isEqualTo("400 INVALID_REQUEST");
        assertThat(code("GET", "topics/orders/messages?time=never", null)).isEqualTo("400 INVALID_REQUEST");
        assertThat(code("GET", "messages/999999999", null)).isEqualTo("404 NOT_FOUND");
        assertThat(code("GET", "messages/-1", null)).isEqualTo("400 INVALID_REQUEST");
    }

    @Test
    void movesAGroupAndSaysWhenItsLagIsNotKnown() throws Exception {
        ok("POST", "topics", "{\"name\":\"t\",\"queues\":1}");
        ok("POST", "messages", "{\"topic\":\"t\",\"body\":\"1\"}");
        ok("POST", "messages", "{\"topic\":\"t\",\"body\":\"2\"}");
        assertThat(ok("POST", "groups", "{\"name\":\"g\"}").has("lag")).isFalse();

        ok("POST", "groups/g/reset", "{\"topic\":\"t\",\"to\":\"earliest\"}");
        assertThat(ok("GET", "groups/g", null).get("lag").asLong()).isEqualTo(2);
        ok("POST", "groups/g/reset", "{\"topic\":\"t\",\"to\":\"latest\"}");
        assertThat(ok("GET", "groups", null).get("groups").get(0).get("lag").asLong())
                .isZero();
        assertThat(code("POST", "groups/g/reset", "{\"topic\":\"t\",\"offset\":7}"))
                .isEqualTo("400 OFFSET_OUT_OF_RANGE");
        assertThat(code("POST", "groups/g/reset", "{\"topic\":\"none\",\"to\":\"latest\"}"))
                .isEqualTo("404 NOT_FOUND");
        assertThat(code("POST", "groups/none/reset", "{\"topic\":\"t\",\"to\":\"latest\"}"))
                .isEqualTo("404 NOT_FOUND");
        assertThat(code("POST", "groups/g/reset", "{\"topic\":\"t\"}")).isEqualTo("400 INVALID_REQUEST");
        ok("DELETE", "groups/g", null);
        assertThat(code("GET", "groups/g", null)).isEqualTo("404 NOT_FOUND");
    }

    @Test
    void listsAndClearsWhatIsRetained() throws Exception {
        ok("POST", "messages", "{\"topic\":\"a/b\",\"body\":\"x\",\"retain\":true}");

        assertThat(ok("GET", "retained?filter=a/%2B", null)
                        .get("retained")
                        .get(0)
                        .get("topic")
                        .asText())
                .isEqualTo("a/b");
        ok("DELETE", "retained/" + URLEncoder.encode("a/b", UTF_8), null);
        assertThat(ok("GET", "retained", null).get("retained")).isEmpty();
        assertThat(code("DELETE", "retained/none", null)).isEqualTo("404 NOT_FOUND");
    }

    @Test
    void showsAndChangesOnlyWhatTheUserMay() throws Exception {
        ok("POST", "topics", "{\"name\":\"mine\"}");
        ok("POST", "topics", "{\"name\":\"secret\"}");
        ok("POST", "groups", "{\"name\":\"g\"}");
        TestBroker.addUser(broker, "ann", PASSWORD, "allow PUB,SUB topic:mine/#");
        admin = "ann:" + PASSWORD;

        JsonNode topics = ok("GET", "topics", null).get("topics");
        assertThat(topics).hasSize(1);
        assertThat(topics.get(0).get("name").asText()).isEqualTo("mine");
        assertThat(code("GET", "topics/secret", null)).isEqualTo("403 NO_PERMISSION");
        assertThat(code("GET", "topics/secret/messages", null)).isEqualTo("403 NO_PERMISSION");
        assertThat(code("POST", "messages", "{\"topic\":\"secret\",\"body\":\"x\"}"))
                .isEqualTo("403 NO_PERMISSION");
        assertThat(code("DELETE", "topics/mine", null)).isEqualTo("403 NO_PERMISSION");
        assertThat(ok("GET", "groups", null).get("groups")).isEmpty();
        assertThat(code("DELETE", "groups/g", null)).isEqualTo("403 NO_PERMISSION");
        assertThat(code("GET", "subscriptions", null)).isEqualTo("403 NO_PERMISSION");
        ok("POST", "messages", "{\"topic\":\"mine/x\",\"body\":\"x\"}");
    }

    // ----

    private static List<String> previews(JsonNode page) {
        List<String> previews = new ArrayList<>();
        page.get("messages").forEach(row -> previews.add(row.get("preview").asText()));
        return previews;
    }

    private JsonNode ok(String method, String path, @Nullable String body) throws Exception {
        HttpResponse<String> response = send(method, path, body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return json.readTree(response.body());
    }

    private String code(String method, String path, @Nullable String body) throws Exception {
        HttpResponse<String> response = send(method, path, body);
        return response.statusCode() + " "
                + json.readTree(response.body()).get("code").asText();
    }

    private HttpResponse<String> send(String method, String path, @Nullable String body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + listener.port() + "/api/v1/" + path))
                .timeout(Duration.ofSeconds(60))
                .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(admin.getBytes(UTF_8)))
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
