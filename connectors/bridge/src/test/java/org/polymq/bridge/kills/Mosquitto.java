/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.kills;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;
import org.awaitility.Awaitility;

/** Eclipse Mosquitto as the system has it, and HiveMQ's client. */
final class Mosquitto implements RemoteBroker {
    private final Path directory;
    private final int port;
    private Process process;
    private Mqtt5AsyncClient sender;
    private Mqtt5AsyncClient receiver;

    Mosquitto(Path directory) throws Exception {
        this.directory = Files.createDirectories(directory);
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Files.writeString(directory.resolve("mosquitto.conf"), """
                listener %d 127.0.0.1
                allow_anonymous true
                persistence true
                persistence_location %s/
                max_queued_messages 0
                log_type all
                user root
                """.formatted(port, directory));
    }

    @Override
    public void start() throws Exception {
        process = new ProcessBuilder(
                        "mosquitto", "-c", directory.resolve("mosquitto.conf").toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("mosquitto.log").toFile()))
                .start();
        Awaitility.await().atMost(Duration.ofMinutes(1)).ignoreExceptions().until(() -> {
            new Socket(InetAddress.getLoopbackAddress(), port).close();
            return true;
        });
    }

    /** SIGTERM, since it acknowledges what it has in memory only: a killed Mosquitto loses messages by itself. */
    @Override
    public void kill() throws Exception {
        process.destroy();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new IllegalStateException("mosquitto does not end");
        }
    }

    @Override
    public void prepare() throws Exception {
        receiver = client("receiver");
        sender = client("sender");
    }

    private Mqtt5AsyncClient client(String identity) {
        return Mqtt5Client.builder()
                .identifier(identity)
                .serverHost("127.0.0.1")
                .serverPort(port)
                .automaticReconnect()
                .initialDelay(200, TimeUnit.MILLISECONDS)
                .maxDelay(1, TimeUnit.SECONDS)
                .applyAutomaticReconnect()
                .buildAsync();
    }

    private static Mqtt5Connect keeping() {
        return Mqtt5Connect.builder()
                .cleanStart(false)
                .sessionExpiryInterval(3_600)
                .build();
    }

    @Override
    public Map<String, String> definition() {
        Map<String, String> definition = new HashMap<>();
        definition.put("protocol", "mqtt");
        definition.put("url", "mqtt://127.0.0.1:" + port);
        definition.put("out", "out/#");
        definition.put("in", "in/#");
        return definition;
    }

    @Override
    public boolean send(long number) throws InterruptedException {
        try {
            sender.publish(Mqtt5Publish.builder()
                            .topic("in/numbers")
                            .qos(MqttQos.AT_LEAST_ONCE)
                            .payload(Long.toString(number).getBytes(StandardCharsets.US_ASCII))
                            .build())
                    .get(2, TimeUnit.MINUTES);
            return true;
        } catch (ExecutionException | TimeoutException e) {
            return false;
        }
    }

    @Override
    public void receive(LongConsumer numbers) {
        receiver.publishes(
                MqttGlobalPublishFilter.ALL,
                publish -> numbers.accept(Numbers.of(java.nio.ByteBuffer.wrap(publish.getPayloadAsBytes()))));
        receiver.connect(keeping()).orTimeout(60, TimeUnit.SECONDS).join();
        receiver.subscribeWith()
                .topicFilter("out/#")
                .qos(MqttQos.AT_LEAST_ONCE)
                .send()
                .orTimeout(60, TimeUnit.SECONDS)
                .join();
        sender.connect(keeping()).orTimeout(60, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
        if (process != null) {
            process.destroyForcibly();
        }
    }
}
