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
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Broker;
import org.polymq.broker.TestBroker;
import org.polymq.broker.config.LiveConfig;
import org.polymq.broker.config.ServerConfig;
import org.polymq.broker.connector.ConnectorKinds;
import org.polymq.broker.connector.ConnectorRunner;
import org.polymq.broker.connector.ConnectorSettings;
import org.polymq.broker.net.Limits;
import org.polymq.broker.net.Listener;
import org.polymq.broker.net.Listeners;
import org.polymq.broker.net.Transport;
import org.polymq.broker.security.AuditReader;
import org.polymq.dashboard.Dashboard;
import org.polymq.dashboard.Health;

/** The whole admin API of a secured broker, asked over HTTP; each answer is held against the API's own document. */
final class ApiServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Transport transport = Transport.open(1);
    private final Listeners listeners = new Listeners(transport, Limits.defaults(), registry);
    private final HttpClient http = HttpClient.newHttpClient();
    private final List<String> levels = new CopyOnWriteArrayList<>();
    private final Broker broker;
    private final ConnectorKinds kinds;
    private final ConnectorRunner connectors;
    private final Listener listener;
    private final Api api;
    private final JsonNode document;
    private final String adminPassword;
    private String login;

    ApiServer(Path directory) throws IOException {
        broker = TestBroker.openSecured(directory.resolve("data"));
        adminPassword = TestBroker.adminPassword(directory.resolve("data"));
        login = "admin:" + adminPassword;
        LiveConfig config = new LiveConfig(
                ServerConfig.load(null, Map.of("POLYMQ_LOG_LEVEL", "warn"), List.of("data=" + directory)),
                broker.changedSettings());
        config.takenBy(Set.of("log.level"), changed -> levels.add(changed.logLevel()));
        Overview overview = new Overview(broker, registry, Clock.systemUTC());
        InetSocketAddress[] bound = {new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)};
        kinds = new ConnectorKinds(
                directory.resolve("kinds"),
                new ConnectorSettings(directory.resolve("plugins"), Optional.empty(), Duration.ofSeconds(20), 10),
                getClass().getClassLoader());
        connectors = new ConnectorRunner(broker.forConnectors(), kinds, registry, Clock.systemUTC());
        connectors.start();
        ServerFacts facts = new ServerFacts(
                () -> List.of(new ServerRoutes.Listening("dashboard", "127.0.0.1", bound[0].getPort(), "browsers")),
                () -> new ServerFacts.Node("DefaultCluster", "broker-a", "single", "0", bound[0], bound[0]),
                config,
                Optional.of(new AuditReader(directory.resolve("audit"))),
                connectors);
        api = new Api(broker.security(), Routes.of(broker, overview, facts, Clock.systemUTC()));
        listener = listeners.bind("dashboard", bound[0], new Dashboard(registry, new Health(List.of()), api, overview));
        bound[0] = new InetSocketAddress(InetAddress.getLoopbackAddress(), listener.port());
        document = JSON.valueToTree(OpenApi.of(api.routes()));
    }

    Broker broker() {
        return broker;
    }

    List<Route> routes() {
        return api.routes();
    }

    JsonNode document() {
        return document;
    }

    /** What the part that takes log.level was told. */
    List<String> levels() {
        return levels;
    }

    String adminPassword() {
        return adminPassword;
    }

    /** Calls are made as {@code user:password} from here on. */
    void as(String userAndPassword) {
        login = userAndPassword;
    }

    static String escape(String text) {
        return URLEncoder.encode(text, UTF_8).replace("+", "%20");
    }

    JsonNode get(String path) throws Exception {
        return ok("GET", path, null);
    }

    JsonNode ok(String method, String path, @Nullable String body) throws Exception {
        HttpResponse<String> response = send(method, path, body);
        assertThat(response.statusCode())
                .as(method + " " + path + ": " + response.body())
                .isEqualTo(200);
        JsonNode answer = JSON.readTree(response.body());
        new AnswerCheck(document).check(route(method, path), answer);
        return answer;
    }

    /** Status and code of a refusal, such as {@code 404 NOT_FOUND}. */
    String refused(String method, String path, @Nullable String body) throws Exception {
        HttpResponse<String> response = send(method, path, body);
        return response.statusCode() + " "
                + JSON.readTree(response.body()).path("code").asText();
    }

    /** The events of a route that goes on. */
    EventReader events(String path) throws Exception {
        return new EventReader(http.send(request("GET", path, null), HttpResponse.BodyHandlers.ofInputStream()));
    }

    HttpResponse<String> send(String method, String path, @Nullable String body) throws Exception {
        return http.send(request(method, path, body), HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest request(String method, String path, @Nullable String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + listener.port() + "/api/v1/" + path))
                .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(login.getBytes(UTF_8)))
                .timeout(Duration.ofSeconds(30))
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        return request.build();
    }

    private Route route(String method, String path) {
        String[] levels = path.replaceFirst("\\?.*", "").split("/", -1);
        return api.routes().stream()
                .filter(route -> route.method().name().equals(method)
                        && route.match(levels).isPresent())
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() {
        listeners.close(Duration.ofSeconds(1));
        transport.close();
        connectors.close();
        kinds.close();
        broker.close();
    }
}
