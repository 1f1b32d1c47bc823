/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.testcontainers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.polymq.jms.PolyMQConnectionFactory;

/**
 * The gateway of {@code compose.cluster.yaml} with official clients from outside of the containers; run by
 * {@code bin/verify images}, which starts them. Ports are looked up anew after a restart: an engine may change them.
 */
@EnabledIfSystemProperty(named = "polymq.gateway", matches = ".+", disabledReason = "run by bin/verify images")
class GatewayContainerIT {
    private static final Duration LONG = Duration.ofMinutes(2);
    private static final String ENGINE = System.getProperty("polymq.engine", "docker");
    private static final String GATEWAY = System.getProperty("polymq.gateway", "");
    private static final Path PASSWORD = Path.of(System.getProperty("polymq.password-file", ""));

    private static final String JMS_TOPIC = "gate.orders";
    private static final String MQTT_TOPIC = "gate/orders";

    @Test
    void carriesMessagesAndKeepsNothingThatItsEndCouldLose() throws Exception {
        subscribeWithJms();
        await().atMost(LONG).ignoreExceptions().until(() -> {
            publish("before");
            return true;
        });
        assertArrives("before");

        engine("kill", GATEWAY);
        engine("start", GATEWAY);

        await("the publisher's session is there, which was in the cluster")
                .atMost(LONG)
                .ignoreExceptions()
                .until(() -> publish("after"));
        assertArrives("after");
    }

    private static void subscribeWithJms() {
        await().atMost(LONG).ignoreExceptions().until(() -> {
            try (PolyMQConnectionFactory factory = new PolyMQConnectionFactory(jmsUrl());
                    JMSContext context = context(factory)) {
                context.createDurableConsumer(context.createTopic(JMS_TOPIC), "reader")
                        .close();
                return true;
            }
        });
    }

    /** What was published more than once because its first outcome was unknown may come more than once. */
    private static void assertArrives(String text) throws IOException, InterruptedException, JMSException {
        try (PolyMQConnectionFactory factory = new PolyMQConnectionFactory(jmsUrl());
                JMSContext context = context(factory);
                JMSConsumer reader = context.createDurableConsumer(context.createTopic(JMS_TOPIC), "reader")) {
            String arrived;
            do {
                Message message = reader.receive(LONG.toMillis());
                assertThat(message).as(text).isNotNull();
                arrived = new String(message.getBody(byte[].class), UTF_8);
            } while (!arrived.equals(text));
        }
    }

    private static JMSContext context(PolyMQConnectionFactory factory) throws IOException {
        JMSContext context = factory.createContext("admin", password());
        context.setClientID("desk");
        return context;
    }

    /** Whether the publisher's session was there before. */
    private static boolean publish(String text) throws IOException, InterruptedException, MqttException {
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setCleanStart(false);
        options.setSessionExpiryInterval(3600L);
        options.setUserName("admin");
        options.setPassword(password().getBytes(UTF_8));
        MqttClient device = new MqttClient("tcp://" + at(1883), "device", new MemoryPersistence());
        device.setTimeToWait(60_000);
        try {
            boolean present = device.connectWithResult(options).getSessionPresent();
            device.publish(MQTT_TOPIC, text.getBytes(UTF_8), 1, false);
            device.disconnect();
            return present;
        } finally {
            device.close(true);
        }
    }

    private static String jmsUrl() throws IOException, InterruptedException {
        return "polymq://" + at(10911);
    }

    private static String password() throws IOException {
        return Files.readString(PASSWORD).strip();
    }

    /** Where a port of the gateway is on this machine. */
    private static String at(int port) throws IOException, InterruptedException {
        return engine("port", GATEWAY, Integer.toString(port))
                .lines()
                .findFirst()
                .orElseThrow();
    }

    /** Runs a command of the container engine and returns what it says. */
    private static String engine(String... words) throws IOException, InterruptedException {
        List<String> command =
                Stream.concat(Stream.of(ENGINE), Stream.of(words)).toList();
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertThat(process.waitFor(LONG.toSeconds(), TimeUnit.SECONDS))
                    .as("%s ends", command)
                    .isTrue();
            String said = new String(process.getInputStream().readAllBytes(), UTF_8);
            assertThat(process.exitValue()).as("%s: %s", command, said).isZero();
            return said;
        } finally {
            process.destroyForcibly();
        }
    }
}
