/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import com.hivemq.client.mqtt.mqtt3.message.publish.Mqtt3Publish;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.polymq.broker.net.TestCertificates;

/**
 * The system's Eclipse Mosquitto, with a plain port and one that wants a client's certificate, and a client of it that
 * keeps what it hears.
 */
final class Mosquitto implements AutoCloseable {
    final List<String> heard = new CopyOnWriteArrayList<>();
    final TestCertificates.Made server;
    final TestCertificates.Made client;
    private final int plainPort;
    private final int tlsPort;
    private final Process process;
    private final Mqtt3AsyncClient listener;

    /** Where the program is, if it is installed. */
    static Optional<Path> program() {
        return Stream.of("/usr/sbin/mosquitto", "/usr/bin/mosquitto", "/usr/local/sbin/mosquitto")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
    }

    Mosquitto(Path directory) throws IOException {
        Files.createDirectories(directory);
        server = TestCertificates.make(directory, "server", "CN=localhost");
        client = TestCertificates.make(directory, "client", "CN=bridge");
        plainPort = freePort();
        tlsPort = freePort();
        Path config = Files.writeString(directory.resolve("mosquitto.conf"), """
                user root
                per_listener_settings true
                listener %d 127.0.0.1
                allow_anonymous true
                listener %d 127.0.0.1
                cafile %s
                certfile %s
                keyfile %s
                require_certificate true
                use_identity_as_username true
                """.formatted(
                        plainPort, tlsPort, client.certificate(), server.certificate(), server.key()));
        process = new ProcessBuilder(program().orElseThrow().toString(), "-c", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("mosquitto.log").toFile())
                .start();
        await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> {
            new Socket(InetAddress.getLoopbackAddress(), plainPort).close();
            return true;
        });
        listener = Mqtt3Client.builder()
                .identifier("listener")
                .serverHost("127.0.0.1")
                .serverPort(plainPort)
                .buildAsync();
        listener.connect().orTimeout(30, TimeUnit.SECONDS).join();
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    String plainUrl() {
        return "mqtt://127.0.0.1:" + plainPort;
    }

    String tlsUrl() {
        return "mqtts://127.0.0.1:" + tlsPort;
    }

    /** Has what is published under a filter put into {@link #heard}, as {@code topic text}. */
    void listen(String filter) {
        listener.subscribeWith()
                .topicFilter(filter)
                .qos(MqttQos.AT_LEAST_ONCE)
                .callback(publish -> heard.add(
                        publish.getTopic() + " " + new String(publish.getPayloadAsBytes(), StandardCharsets.UTF_8)))
                .send()
                .orTimeout(30, TimeUnit.SECONDS)
                .join();
    }

    void publish(String topic, String text) {
        listener.publish(Mqtt3Publish.builder()
                        .topic(topic)
                        .qos(MqttQos.AT_LEAST_ONCE)
                        .payload(text.getBytes(StandardCharsets.UTF_8))
                        .build())
                .orTimeout(30, TimeUnit.SECONDS)
                .join();
    }

    @Override
    public void close() {
        listener.disconnect();
        process.destroyForcibly();
    }
}
