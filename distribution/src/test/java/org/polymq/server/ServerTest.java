/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import jakarta.jms.JMSContext;
import jakarta.jms.Queue;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.config.ServerConfig;
import org.polymq.jms.PolyMQConnectionFactory;
import org.polymq.storage.StorageException;

/** The whole server on free ports, as {@code bin/polymq start} opens it. */
class ServerTest {
    private static final List<String> LISTENERS = List.of("nameserver", "native", "mqtt", "websocket", "dashboard");

    private final HttpClient http = HttpClient.newHttpClient();
    private Path data;
    private Server server;

    @BeforeEach
    void open(@TempDir Path directory) throws IOException {
        data = directory.resolve("data");
        server = Server.open(config(data));
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void namesEachListenerInItsReadyLines() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ReadyLines.print(new PrintStream(out, true, US_ASCII), "PolyMQ", server.lines());

        List<String> lines = out.toString(US_ASCII).lines().toList();
        assertThat(lines.get(0)).matches("PolyMQ ready in \\d+ ms");
        assertThat(lines.subList(1, lines.size()))
                .zipSatisfy(
                        LISTENERS,
                        (line, name) ->
                                assertThat(line.strip()).startsWith(name + " ").contains(" 127.0.0.1:"));
    }

    @Test
    void isReadyAndShowsItsFigures() throws Exception {
        assertThat(get("/health/ready").statusCode()).isEqualTo(200);
        assertThat(get("/metrics").body())
                .contains("polymq_connections{listener=\"native\"}")
                .contains("polymq_storage_failed 0.0")
                .contains("jvm_memory_used_bytes");
    }

    @Test
    void saysWhoHoldsTheDataDirectory() {
        assertThatThrownBy(() -> Server.open(config(data)))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(String.valueOf(ProcessHandle.current().pid()));
    }

    @Test
    void leavesNothingOpenWhenAPortIsTaken(@TempDir Path other) throws IOException {
        String taken = "mqtt.port=" + port("mqtt");
        assertThatThrownBy(() -> Server.open(config(other, taken)))
                .isInstanceOf(BindException.class)
                .hasMessageContaining("mqtt");

        Server.open(config(other)).close();
    }

    @Test
    void startsAgainOnWhatItLeft() throws IOException {
        server.close();
        server = Server.open(config(data));

        assertThat(server.lines()).hasSize(LISTENERS.size());
    }

    @Test
    void startsOnABackupThatWasWrittenWhileItRan(@TempDir Path other) throws Exception {
        server.close();
        server = Server.open(config(data, "storage.segment-size=4MB", "storage.backup-directory=" + other));
        String large = "x".repeat(200_000);
        try (JMSContext context = connectJms()) {
            Queue queue = context.createQueue("q");
            for (int i = 0; i < 100; i++) { // 20 MB, five segments
                context.createProducer().send(queue, i + large);
            }
            HttpRequest backup = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + port("dashboard") + "/api/v1/backups"))
                    .timeout(Duration.ofSeconds(60))
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"first\"}"))
                    .build();
            assertThat(http.send(backup, BodyHandlers.ofString()).body()).contains("\"name\":\"first\"");
            assertThat(http.send(backup, BodyHandlers.ofString()).body()).contains("already");
            context.createProducer().send(queue, "later");
        }
        server.close();

        server = Server.open(config(other.resolve("first"), "storage.segment-size=4MB"));
        try (JMSContext context = connectJms()) {
            var consumer = context.createConsumer(context.createQueue("q"));
            for (int i = 0; i < 100; i++) {
                assertThat(consumer.receiveBody(String.class, 10_000)).isEqualTo(i + large);
            }
            assertThat(consumer.receiveNoWait()).isNull();
        }
    }

    private JMSContext connectJms() {
        return new PolyMQConnectionFactory("polymq://127.0.0.1:" + port("native")).createContext();
    }

    @Test
    void closesNoiseOnEveryPortAndNothingElse() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (Socket bystander = connect("mqtt")) {
            bystander.getOutputStream().write(new byte[] {0x10, 13, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 60, 0, 1, 'b'});
            assertThat(bystander.getInputStream().readNBytes(4)).containsExactly(0x20, 2, 0, 0);

            for (String listener : LISTENERS) {
                byte[] noise = new byte[4096];
                random.nextBytes(noise);
                noise[0] = (byte) (0x80 | noise[0]); // no protocol begins so
                assertThat(answersNothing(listener, noise))
                        .as(listener + ", seed " + seed)
                        .isTrue();
            }

            bystander.getOutputStream().write(new byte[] {(byte) 0xc0, 0});
            assertThat(bystander.getInputStream().readNBytes(2)).containsExactly(0xd0, 0);
        }
        assertThat(badInputs()).isEqualTo(LISTENERS.size());
    }

    @Test
    void closesOversizeFrames() throws Exception {
        byte[] native20Mib = {0x01, 0x40, 0, 0, 0, 0, 0, 10, '{', '}'};
        byte[] jms1Gib = {'P', 'M', 'Q', 'J', 0, 0, 0, 1, 0x40, 0, 0, 0, 0, 0, 0, 0};
        byte[] mqtt256Mib = {0x10, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x7f, 0, 4, 'M', 'Q', 'T', 'T'};

        assertThat(answersNothing("nameserver", native20Mib)).isTrue();
        assertThat(answersNothing("native", native20Mib)).isTrue();
        assertThat(answersNothing("mqtt", mqtt256Mib)).isTrue();
        assertThat(badInputs()).isEqualTo(3);
        assertThat(ends("native", jms1Gib)).isTrue();
    }

    @Test
    void endsItsConnectionsWhenItStops() throws Exception {
        List<Socket> sockets = new ArrayList<>();
        for (String listener : LISTENERS) {
            sockets.add(connect(listener));
        }
        await().until(() -> get("/metrics").body().contains("polymq_connections{listener=\"mqtt\"} 1.0"));

        server.close();

        for (Socket socket : sockets) {
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
            socket.close();
        }
    }

    private double badInputs() throws Exception {
        return get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith("polymq_bad_input_total"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    private boolean answersNothing(String listener, byte[] bytes) throws IOException {
        try (Socket socket = connect(listener)) {
            socket.getOutputStream().write(bytes);
            return socket.getInputStream().read() == -1;
        } catch (SocketException reset) {
            return true;
        }
    }

    private boolean ends(String listener, byte[] bytes) throws IOException {
        try (Socket socket = connect(listener)) {
            socket.getOutputStream().write(bytes);
            socket.getInputStream().readAllBytes();
            return true;
        } catch (SocketException reset) {
            return true;
        }
    }

    private Socket connect(String listener) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port(listener));
        socket.setSoTimeout(15_000);
        return socket;
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + port("dashboard") + path);
        return http.send(
                HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build(), BodyHandlers.ofString());
    }

    private int port(String listener) {
        return server.lines().stream()
                .filter(line -> line.name().equals(listener))
                .findFirst()
                .orElseThrow()
                .address()
                .getPort();
    }

    private static ServerConfig config(Path data, String... more) {
        List<String> sets = new ArrayList<>(List.of("data=" + data));
        for (String key :
                List.of("nameserver.port", "native.port", "mqtt.port", "mqtt.websocket-port", "dashboard.port")) {
            sets.add(key + "=0");
        }
        sets.addAll(List.of(more));
        return ServerConfig.load(null, Map.of(), sets);
    }
}
