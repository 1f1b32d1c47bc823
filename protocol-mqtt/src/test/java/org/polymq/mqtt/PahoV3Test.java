/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.eclipse.paho.client.mqttv3.IMqttMessageListener;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PahoV3Test {
    @TempDir
    static Path directory;

    private static TestServer server;
    private final List<MqttClient> clients = new ArrayList<>();
    private final List<String> received = Collections.synchronizedList(new ArrayList<>());
    private final IMqttMessageListener listener = (topic, message) -> received.add(
            topic + "=" + new String(message.getPayload(), UTF_8) + (message.isRetained() ? " retained" : ""));

    @BeforeAll
    static void start() throws IOException {
        server = new TestServer(directory);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void closeClients() throws MqttException {
        for (MqttClient client : clients) {
            if (client.isConnected()) {
                client.disconnectForcibly(0, 100, false);
            }
            client.close(true);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void publishesAndReceivesInOrder(int qos) throws MqttException {
        connect("sub", true).subscribe("a/#", qos, listener);
        MqttClient publisher = connect("pub", true);

        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            publisher.publish("a/b", message("m" + i, qos, false));
            expected.add("a/b=m" + i);
        }

        await().untilAsserted(() -> assertThat(received).hasSameSizeAs(expected));
        assertThat(received).containsExactlyElementsOf(expected);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void keepsTheMessagesOfAPersistentSessionOverARestart(int qos) throws MqttException, IOException {
        MqttClient subscriber = connect("sub", false);
        subscriber.subscribe("a/+/c", qos, listener);
        subscriber.disconnect();
        MqttClient publisher = connect("pub", true);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            publisher.publish("a/b" + i % 3 + "/c", message("m" + i, qos, false));
            expected.add("a/b" + i % 3 + "/c=m" + i);
        }
        publisher.disconnect();

        restart();
        MqttClient again = client("sub");
        again.setCallback(new Recorder(received));
        again.connect(options(false));

        await().untilAsserted(() -> assertThat(received).hasSameSizeAs(expected));
        assertThat(received).containsExactlyElementsOf(expected);
    }

    @Test
    void publishesTheWillOfALostConnectionButNotOfAnOrderlyOne() throws MqttException, IOException {
        connect("sub", true).subscribe("wills/#", 1, listener);
        MqttClient orderly = client("orderly");
        MqttConnectOptions withWill = options(true);
        withWill.setWill("wills/orderly", "no".getBytes(UTF_8), 1, false);
        orderly.connect(withWill);
        orderly.disconnect();

        try (RawClient lost = new RawClient(server.port())) {
            // CONNECT with the will "bye" for wills/lost at QoS 1.
            lost.send("1021 0004 4d515454 04 0e 003c 0004 6c6f7374 000a 77696c6c732f6c6f7374 0003 627965")
                    .expect("20020000");
        }

        await().untilAsserted(() -> assertThat(received).containsExactly("wills/lost=bye"));
    }

    @Test
    void sendsRetainedMessagesToNewSubscribersAndKeepsThemOverARestart() throws MqttException, IOException {
        MqttClient publisher = connect("pub", true);
        publisher.publish("r/1", message("one", 1, true));
        publisher.publish("r/2", message("two", 0, true));
        publisher.publish("r/3", message("three", 2, true));
        publisher.publish("r/2", message("", 1, true));
        publisher.disconnect();

        restart();
        connect("sub", true).subscribe("r/+", 2, listener);

        await().untilAsserted(
                        () -> assertThat(received).containsExactlyInAnyOrder("r/1=one retained", "r/3=three retained"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void leavesOutNoneOfManyRetainedMessages(boolean clean) throws MqttException {
        MqttClient publisher = connect("pub", true);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            publisher.publish("many/" + i + "/x", message("m" + i, 0, true));
            expected.add("many/" + i + "/x=m" + i + " retained"); // once for each subscription
            expected.add("many/" + i + "/x=m" + i + " retained");
        }
        publisher.publish("many", message("last", 1, true)); // the others are there before it

        IMqttMessageListener[] both = {listener, (topic, message) -> {}};
        connect("sub", clean).subscribe(new String[] {"many/+/+", "many/#"}, new int[] {2, 1}, both);

        await().untilAsserted(() -> assertThat(received).hasSameSizeAs(expected));
        assertThat(received).containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void givesAClientIdToTheNewestConnection() throws MqttException {
        MqttClient first = connect("same", true);

        MqttClient second = connect("same", true);

        await().untilAsserted(() -> assertThat(first.isConnected()).isFalse());
        assertThat(second.isConnected()).isTrue();
    }

    @Test
    void deliversOnceWhereFiltersOverlap() throws MqttException {
        MqttClient subscriber = connect("sub", true);
        subscriber.subscribe("a/#", 0, listener);
        subscriber.subscribe("a/b", 2, listener);
        subscriber.subscribe("+/b", 1, listener);
        received.clear();
        Recorder recorder = new Recorder(received);
        MqttClient plain = client("plain");
        plain.setCallback(recorder);
        plain.connect(options(true));
        plain.subscribe(new String[] {"a/#", "a/b", "+/b"}, new int[] {0, 2, 1});

        connect("pub", true).publish("a/b", message("x", 2, false));

        await().untilAsserted(() -> assertThat(recorder.qos()).containsExactly(2));
    }

    @Test
    void letsClientsCompeteForTheMessagesOfAQueue() throws MqttException {
        connect("one", true).subscribe("$queue/orders", 1, listener);
        connect("two", true).subscribe("$queue/orders", 1, listener);
        MqttClient publisher = connect("pub", true);

        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            publisher.publish("$queue/orders", message("m" + i, 1, false));
            expected.add("$queue/orders=m" + i);
        }

        await().untilAsserted(() -> assertThat(received).hasSameSizeAs(expected));
        assertThat(received).containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void acceptsTopicsThatBeginWithASlash() throws MqttException {
        connect("sub", true).subscribe("/a/+", 1, listener);

        connect("pub", true).publish("/a/b", message("x", 1, false));

        await().untilAsserted(() -> assertThat(received).containsExactly("/a/b=x"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void speaksOverWebSocketToo(int qos) throws MqttException {
        String uri = "ws://127.0.0.1:" + server.webSocketPort() + "/mqtt";
        MqttClient client = new MqttClient(uri, "ws", new MemoryPersistence());
        client.setTimeToWait(10_000);
        clients.add(client);
        client.connect(options(true));
        client.subscribe("ws/#", qos, (topic, message) -> received.add("" + message.getPayload().length));

        for (int length : new int[] {0, 1, 200, 70_000}) {
            client.publish("ws/x", new byte[length], qos, false);
        }

        await().untilAsserted(() -> assertThat(received).containsExactly("0", "1", "200", "70000"));
    }

    @Test
    void carriesLargeMessages() throws MqttException {
        connect("sub", true).subscribe("large", 1, (topic, message) -> received.add("" + message.getPayload().length));
        MqttClient publisher = connect("pub", true);

        publisher.publish("large", new MqttMessage(new byte[900_000]));

        await().untilAsserted(() -> assertThat(received).containsExactly("900000"));
    }

    private static void restart() throws IOException {
        stop();
        start();
    }

    private MqttClient client(String id) throws MqttException {
        MqttClient client = new MqttClient(server.uri(), id, new MemoryPersistence());
        client.setTimeToWait(10_000);
        clients.add(client);
        return client;
    }

    private MqttClient connect(String id, boolean clean) throws MqttException {
        MqttClient client = client(id);
        client.connect(options(clean));
        return client;
    }

    private static MqttConnectOptions options(boolean clean) {
        MqttConnectOptions options = new MqttConnectOptions();
        options.setCleanSession(clean);
        options.setMaxInflight(1_000); // Paho counts a message until its callback thread has run
        return options;
    }

    private static MqttMessage message(String text, int qos, boolean retained) {
        MqttMessage message = new MqttMessage(text.getBytes(UTF_8));
        message.setQos(qos);
        message.setRetained(retained);
        return message;
    }
}
