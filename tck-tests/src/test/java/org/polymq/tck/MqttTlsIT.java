/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient.Mqtt5Publishes;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Properties;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.polymq.tck.security.Heard;
import org.polymq.tck.server.BrokerProcess;
import org.polymq.tck.server.Endpoints;

/** MQTT over TLS and secure WebSocket, with Paho's and HiveMQ's clients. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class MqttTlsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    static Path directory;

    private static Keys keys;
    private static BrokerProcess server;

    @BeforeAll
    static void start() throws Exception {
        keys = Keys.in(directory);
        server = keys.tls(BrokerProcess.in(directory)).with("tls.client-certificates", "required");
        server.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String url(String scheme) {
        boolean web = scheme.startsWith("ws");
        return scheme + "://"
                + (web
                        ? server.endpoints().webSocket() + "/mqtt"
                        : server.endpoints().mqtt());
    }

    private static Properties trusting(boolean withKey) {
        Properties ssl = new Properties();
        ssl.setProperty("com.ibm.ssl.trustStore", keys.path("trust.p12"));
        ssl.setProperty("com.ibm.ssl.trustStorePassword", Keys.PASSWORD);
        ssl.setProperty("com.ibm.ssl.trustStoreType", "PKCS12");
        if (withKey) {
            ssl.setProperty("com.ibm.ssl.keyStore", keys.path("client.p12"));
            ssl.setProperty("com.ibm.ssl.keyStorePassword", Keys.PASSWORD);
            ssl.setProperty("com.ibm.ssl.keyStoreType", "PKCS12");
        }
        return ssl;
    }

    private static void exchange3(String scheme, boolean withKey) throws MqttException {
        Queue<String> got = new ConcurrentLinkedQueue<>();
        MqttConnectOptions options = new MqttConnectOptions();
        options.setSSLProperties(trusting(withKey));
        try (MqttClient client = new MqttClient(url(scheme), "three-" + scheme, new MemoryPersistence())) {
            client.setTimeToWait(PATIENCE.toMillis());
            client.connect(options);
            client.subscribe("tls/" + scheme, 1, (topic, message) -> got.add(new String(message.getPayload(), UTF_8)));
            client.publish("tls/" + scheme, "secret".getBytes(UTF_8), 1, false);
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(got).containsExactly("secret"));
            client.disconnect();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ssl", "wss"})
    void pahoForVersion3ExchangesMessages(String scheme) throws Exception {
        exchange3(scheme, true);
    }

    @Test
    void pahoForVersion5ExchangesMessagesOverSecureWebSocket() throws Exception {
        Queue<String> got = new ConcurrentLinkedQueue<>();
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setSSLProperties(trusting(true));
        var client = new org.eclipse.paho.mqttv5.client.MqttClient(
                url("wss"), "five", new org.eclipse.paho.mqttv5.client.persist.MemoryPersistence());
        client.setTimeToWait(PATIENCE.toMillis());
        try {
            client.setCallback(new Heard((topic, message) -> got.add(new String(message.getPayload(), UTF_8))));
            client.connect(options);
            client.subscribe("tls/five", 2);
            client.publish("tls/five", "secret".getBytes(UTF_8), 2, false);
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(got).containsExactly("secret"));
            client.disconnect();
        } finally {
            client.close();
        }
    }

    @Test
    void hiveMqsClientExchangesMessages() throws Exception {
        Mqtt5BlockingClient client = Mqtt5Client.builder()
                .identifier("hive")
                .serverHost("127.0.0.1")
                .serverPort(Endpoints.port(server.endpoints().mqtt()))
                .sslConfig()
                .trustManagerFactory(trust())
                .keyManagerFactory(key())
                .applySslConfig()
                .buildBlocking();
        client.connect();
        try (Mqtt5Publishes got = client.publishes(MqttGlobalPublishFilter.SUBSCRIBED)) {
            client.subscribeWith()
                    .topicFilter("tls/hive")
                    .qos(MqttQos.EXACTLY_ONCE)
                    .send();
            client.publishWith()
                    .topic("tls/hive")
                    .qos(MqttQos.EXACTLY_ONCE)
                    .payload("secret".getBytes(UTF_8))
                    .send();

            assertThat(got.receive(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .hasValueSatisfying(
                            publish -> assertThat(publish.getPayloadAsBytes()).isEqualTo("secret".getBytes(UTF_8)));
        } finally {
            client.disconnect();
        }
    }

    private static KeyStore store(String file) throws IOException, GeneralSecurityException {
        return KeyStore.getInstance(new File(keys.path(file)), Keys.PASSWORD.toCharArray());
    }

    private static TrustManagerFactory trust() throws IOException, GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store("trust.p12"));
        return factory;
    }

    private static KeyManagerFactory key() throws IOException, GeneralSecurityException {
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store("client.p12"), Keys.PASSWORD.toCharArray());
        return factory;
    }

    @Test
    void whoHasNoCertificateIsRefusedWhenOneIsRequired() {
        assertThatThrownBy(() -> exchange3("ssl", false)).isInstanceOf(MqttException.class);
        assertThatThrownBy(() -> exchange3("wss", false)).isInstanceOf(MqttException.class);
    }
}
