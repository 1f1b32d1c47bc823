/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.config.ServerConfig;

/** What is shipped for Prometheus and Grafana, and what is written about metrics, against a server that runs. */
class MonitoringTest {
    private static final Path SHIPPED = Path.of("src/main/monitoring");
    private static final Path WRITTEN = Path.of("../docs/metrics.md");
    private static final Pattern NAME = Pattern.compile("\\b(?:polymq|jvm|process|system)_[a-z0-9_]+");
    private static final Pattern SERVED = Pattern.compile("(?m)^# TYPE (\\S+)");
    /** There from the first connection, request or connector on that they count. */
    private static final Set<String> LATER = Set.of(
            "polymq_connections_refused_total",
            "polymq_mqtt_refused_total",
            "polymq_connector_received_total",
            "polymq_connector_sent_total",
            "polymq_connector_errors_total",
            "polymq_connector_retries_total",
            "polymq_connector_restarts_total",
            "polymq_connector_dead_letters_total",
            "polymq_connector_skipped_total",
            "polymq_connector_missed_total",
            "polymq_connector_lag",
            "polymq_connector_running");

    private Server server;

    @BeforeEach
    void open(@TempDir Path directory) throws IOException {
        server = Server.open(ServerConfig.load(
                null,
                Map.of(),
                List.of(
                        "data=" + directory,
                        "nameserver.port=0",
                        "native.port=0",
                        "mqtt.port=0",
                        "mqtt.websocket-port=0",
                        "dashboard.port=0")));
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void namesOnlyMetricsThatThereAre() throws Exception {
        sendBadInput();
        Set<String> served = new TreeSet<>(served());
        served.addAll(LATER);

        for (String file : List.of("grafana-polymq.json", "polymq-rules.yml")) {
            Set<String> named = names(SHIPPED.resolve(file));
            assertThat(named).as(file).hasSizeGreaterThan(6);
            assertThat(served).as(file).containsAll(named);
        }
    }

    @Test
    void describesEveryMetricAndNoOther() throws Exception {
        sendBadInput();
        Set<String> ours = new TreeSet<>(served());
        ours.removeIf(name -> !name.startsWith("polymq_"));
        ours.addAll(LATER);

        Set<String> written = names(WRITTEN);
        written.removeIf(name -> !name.startsWith("polymq_"));

        assertThat(written).isEqualTo(ours);
    }

    private void sendBadInput() throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port("mqtt"))) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write("no packet at all".getBytes(US_ASCII));
            assertThat(socket.getInputStream().readAllBytes()).isEmpty();
        }
        await().until(() -> served().contains("polymq_bad_input_total"));
    }

    private Set<String> served() throws Exception {
        String text = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port("dashboard") + "/metrics"))
                                .timeout(Duration.ofSeconds(60))
                                .build(),
                        BodyHandlers.ofString())
                .body();
        Set<String> served = new TreeSet<>();
        Matcher types = SERVED.matcher(text);
        while (types.find()) {
            served.add(types.group(1));
        }
        return served;
    }

    private static Set<String> names(Path file) throws IOException {
        Set<String> names = new TreeSet<>();
        Matcher found = NAME.matcher(Files.readString(file));
        while (found.find()) {
            names.add(found.group());
        }
        return names;
    }

    private int port(String listener) {
        return server.lines().stream()
                .filter(line -> line.name().equals(listener))
                .findFirst()
                .orElseThrow()
                .address()
                .getPort();
    }
}
