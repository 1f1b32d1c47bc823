/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.timeout.IdleStateEvent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.Broker;
import org.polymq.broker.TestBroker;
import org.polymq.broker.net.BadInput;
import org.polymq.broker.net.Limits;
import org.polymq.broker.net.Listener;
import org.polymq.broker.net.Listeners;
import org.polymq.broker.net.Transport;
import org.polymq.dashboard.api.Api;
import org.polymq.dashboard.api.Overview;
import org.polymq.dashboard.api.Route;

class DashboardTest {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final AtomicReference<Optional<String>> storage = new AtomicReference<>(Optional.empty());
    private final Transport transport = Transport.open(1);
    private final Listeners listeners = new Listeners(transport, Limits.defaults(), registry);
    private final HttpClient http = HttpClient.newHttpClient();
    private Broker broker;
    private Listener listener;

    @BeforeEach
    void open(@TempDir Path directory) throws IOException {
        broker = TestBroker.open(directory);
        Health health = new Health(List.of(new Health.Check("storage", storage::get)));
        listener = listeners.bind(
                "dashboard",
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new Dashboard(
                        registry,
                        health,
                        new Api(broker.security(), List.of()),
                        new Overview(broker, registry, Clock.systemUTC())));
    }

    @AfterEach
    void close() {
        listeners.close(Duration.ofSeconds(1));
        transport.close();
        broker.close();
    }

    @Test
    void showsCountersToPrometheus() throws Exception {
        registry.counter("polymq.things").increment(3);

        HttpResponse<String> metrics = get("/metrics");

        assertThat(metrics.statusCode()).isEqualTo(200);
        assertThat(metrics.headers().firstValue("content-type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
        assertThat(metrics.body()).contains("polymq_things_total 3.0").contains("polymq_connections{");
    }

    @Test
    void isReadyWhileAllChecksHold() throws Exception {
        assertThat(get("/health/ready").statusCode()).isEqualTo(200);

        storage.set(Optional.of("the disk said \"no\"\n"));

        HttpResponse<String> health = get("/health");
        assertThat(health.statusCode()).isEqualTo(503);
        assertThat(health.body())
                .isEqualTo("{\"status\":\"DOWN\",\"checks\":{\"storage\":"
                        + "{\"status\":\"DOWN\",\"problem\":\"the disk said \\\"no\\\"\\u000a\"}}}\n");
        assertThat(get("/health/ready").statusCode()).isEqualTo(503);
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
    }

    @Test
    void refusesOtherPathsAndMethods() throws Exception {
        assertThat(get("/etc/passwd").statusCode()).isEqualTo(404);
        assertThat(get("/?x=1").statusCode()).isEqualTo(200);
        HttpRequest post = HttpRequest.newBuilder(uri("/metrics"))
                .timeout(Duration.ofSeconds(60))
                .POST(BodyPublishers.ofString("x"))
                .build();
        assertThat(http.send(post, BodyHandlers.ofString()).statusCode()).isEqualTo(405);
    }

    @Test
    void closesWhatIsNotHttp() throws Exception {
        for (String bad : List.of("HELO me\r\n", "GET \u0001 nonsense\r\n\r\n", "GET / HTTP/9\r\nno colon\r\n\r\n")) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), listener.port())) {
                socket.setSoTimeout(10_000);
                socket.getOutputStream().write(bad.getBytes(US_ASCII));

                assertThat(socket.getInputStream().readAllBytes()).as(bad).isEmpty();
            }
        }
        await().until(() -> listener.connections() == 0);
        assertThat(get("/metrics").body())
                .contains("polymq_bad_input_total{protocol=\"dashboard\"} 1.0")
                .contains("polymq_bad_input_total{protocol=\"http\"} 2.0");
    }

    @Test
    void endsAnIdleConnectionButNotOneThatWaitsForItsAnswer() {
        Route silent = Route.get("silent", "silence", (call, reply) -> {});
        EmbeddedChannel idle = connection(silent);
        EmbeddedChannel waiting = connection(silent);
        DefaultFullHttpRequest request =
                new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/api/v1/silent");
        request.headers().set(HttpHeaderNames.HOST, "localhost");
        waiting.writeInbound(request);
        waiting.runPendingTasks();

        for (EmbeddedChannel each : List.of(idle, waiting)) {
            each.pipeline().fireUserEventTriggered(IdleStateEvent.ALL_IDLE_STATE_EVENT);
        }

        assertThat(idle.isOpen()).isFalse();
        assertThat(waiting.isOpen()).isTrue();
        assertThat(waiting.outboundMessages()).isEmpty();
        waiting.close();
    }

    private EmbeddedChannel connection(Route route) {
        return new EmbeddedChannel(new HttpHandler(
                new Endpoints(registry, new Health(List.of())),
                new Api(broker.security(), List.of(route)),
                new Overview(broker, registry, Clock.systemUTC()),
                new BadInput(registry)));
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(uri(path))
                        .timeout(Duration.ofSeconds(60))
                        .build(),
                BodyHandlers.ofString());
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + listener.port() + path);
    }
}
