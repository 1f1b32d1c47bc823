/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.paho.mqttv5.common.packet.UserProperty;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PahoV5Test {
    @TempDir
    static Path directory;

    private static TestServer server;
    private final List<MqttAsyncClient> clients = new ArrayList<>();

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
        for (MqttAsyncClient client : clients) {
            if (client.isConnected()) {
                client.disconnectForcibly(0, 100, false);
            }
            client.close(true);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void carriesEveryPropertyToTheSubscriber(int qos) throws MqttException {
        Listening subscriber = connect("sub" + qos);
        subscriber.subscribe("props/" + qos, 2, 7);
        MqttProperties properties = new MqttProperties();
        properties.setPayloadFormat(true);
        properties.setContentType("text/plain");
        properties.setResponseTopic("answers/here");
        properties.setCorrelationData(new byte[] {0, 1, (byte) 0xFF});
        properties.setMessageExpiryInterval(100L);
        properties.setUserProperties(
                List.of(new UserProperty("k", "1"), new UserProperty("k", "2"), new UserProperty("", "")));

        MqttMessage sent = new MqttMessage("hi".getBytes(UTF_8), qos, false, properties);
        connect("pub" + qos).publish("props/" + qos, sent);

        MqttMessage got = subscriber.awaitOne();
        assertThat(got.getQos()).isEqualTo(qos);
        assertThat(new String(got.getPayload(), UTF_8)).isEqualTo("hi");
        MqttProperties seen = got.getProperties();
        assertThat(seen.getPayloadFormat()).isTrue();
        assertThat(seen.getContentType()).isEqualTo("text/plain");
        assertThat(seen.getResponseTopic()).isEqualTo("answers/here");
        assertThat(seen.getCorrelationData()).containsExactly(0, 1, 0xFF);
        assertThat(seen.getMessageExpiryInterval()).isBetween(90L, 100L);
        assertThat(seen.getUserProperties()).extracting(UserProperty::getValue).containsExactly("1", "2", "");
        assertThat(seen.getSubscriptionIdentifiers()).containsExactly(7);
    }

    @Test
    void forgetsMessagesThatExpireWhileTheSessionIsAway() throws MqttException {
        Listening subscriber = connect("away", 1_000L, true);
        subscriber.subscribe("expiry/#", 1, 0);
        subscriber.client.disconnect().waitForCompletion(60_000);
        Listening publisher = connect("expiring");
        MqttProperties soon = new MqttProperties();
        soon.setMessageExpiryInterval(1L);
        publisher.publish("expiry/a", new MqttMessage("gone".getBytes(UTF_8), 1, false, soon));
        publisher.publish("expiry/b", new MqttMessage("there".getBytes(UTF_8), 1, false, new MqttProperties()));
        long published = System.nanoTime();
        await().until(() -> System.nanoTime() - published > 1_200_000_000L);

        Listening again = connect("away", 1_000L, false);

        assertThat(new String(again.awaitOne().getPayload(), UTF_8)).isEqualTo("there");
    }

    @Test
    void endsASessionWhoseTimeIsOver() throws MqttException {
        Listening subscriber = connect("short", 1L, true);
        subscriber.subscribe("short/#", 1, 0);
        subscriber.client.disconnect().waitForCompletion(60_000);

        await().untilAsserted(() ->
                assertThat(server.broker().sessions().exists("short")).isFalse());

        assertThat(connect("short", 1L, false).sessionPresent).isFalse();
    }

    @Test
    void leavesOutOwnMessagesWhereAskedAndKeepsTheRetainFlagWhereAsked() throws MqttException {
        Listening client = connect("local");
        MqttSubscription noLocal = new MqttSubscription("local/a", 1);
        noLocal.setNoLocal(true);
        MqttSubscription asPublished = new MqttSubscription("local/b", 1);
        asPublished.setRetainAsPublished(true);
        client.subscribe(new MqttSubscription[] {noLocal, asPublished});

        client.publish("local/a", new MqttMessage("own".getBytes(UTF_8), 1, false, null));
        client.publish("local/b", new MqttMessage("kept".getBytes(UTF_8), 1, true, null));

        MqttMessage got = client.awaitOne();
        assertThat(new String(got.getPayload(), UTF_8)).isEqualTo("kept");
        assertThat(got.isRetained()).isTrue();
    }

    @Test
    void sendsRetainedMessagesAsTheSubscriptionSays() throws MqttException {
        connect("keeper").publish("keep/a", new MqttMessage("x".getBytes(UTF_8), 1, true, null));
        Listening client = connect("reader");
        MqttSubscription never = new MqttSubscription("keep/a", 1);
        never.setRetainHandling(2);
        client.subscribe(new MqttSubscription[] {never});
        MqttSubscription ifNew = new MqttSubscription("keep/a", 1);
        ifNew.setRetainHandling(1);
        client.subscribe(new MqttSubscription[] {ifNew});
        assertThat(client.received).isEmpty();

        client.subscribe("keep/a", 1, 0);

        assertThat(client.awaitOne().isRetained()).isTrue();
    }

    @Test
    void tellsTheOldConnectionThatItsClientIdWasTaken() throws MqttException {
        Listening first = connect("taken");

        connect("taken");

        await().untilAsserted(() -> assertThat(first.disconnectReason).isEqualTo(0x8E));
    }

    @Test
    void publishesADelayedWillUnlessTheSessionGoesOn() throws MqttException, IOException {
        Listening watcher = connect("watcher");
        watcher.subscribe("delayed/#", 1, 0);
        leaveWithWill("6b", "6b", 60); // client k, will on delayed/k
        Listening back = connect("k", 100L, false);
        assertThat(back.sessionPresent).isTrue();
        leaveWithWill("6c", "6c", 1); // client l

        MqttMessage will = watcher.awaitOne();

        assertThat(new String(will.getPayload(), UTF_8)).isEqualTo("bye");
        assertThat(watcher.topics).containsExactly("delayed/l");
    }

    private static void leaveWithWill(String clientId, String topic, int delay) throws IOException {
        try (RawClient lost = new RawClient(server.port())) {
            String will = String.format("05 18 %08x 0009 64656c617965642f %s 0003 627965", delay, topic);
            lost.send("1029 0004 4d515454 05 0e 003c 05 11 00000064 0001" + clientId + will);
            assertThat(lost.packet()).startsWith("20");
        }
    }

    @Test
    void refusesAnUnknownAuthenticationMethod() {
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setAuthMethod("SCRAM-SHA-256");
        options.setAuthData(new byte[] {1});

        assertThatThrownBy(() -> client("authenticating").connect(options).waitForCompletion(10_000))
                .isInstanceOfSatisfying(
                        MqttException.class,
                        refused -> assertThat(refused.getReasonCode()).isEqualTo(0x8C));
    }

    private MqttAsyncClient client(String id) throws MqttException {
        MqttAsyncClient client = new MqttAsyncClient(server.uri(), id, new MemoryPersistence());
        clients.add(client);
        return client;
    }

    private Listening connect(String id) throws MqttException {
        return connect(id, 0L, true);
    }

    private Listening connect(String id, long sessionExpiry, boolean cleanStart) throws MqttException {
        Listening listening = new Listening(client(id));
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setCleanStart(cleanStart);
        options.setSessionExpiryInterval(sessionExpiry);
        listening.connect(options);
        return listening;
    }

    /** A client and what it has received. */
    private static final class Listening implements MqttCallback {
        private final MqttAsyncClient client;
        private final List<MqttMessage> received = Collections.synchronizedList(new ArrayList<>());
        private final List<String> topics = Collections.synchronizedList(new ArrayList<>());
        private volatile int disconnectReason = -1;
        private boolean sessionPresent;

        private Listening(MqttAsyncClient client) {
            this.client = client;
            client.setCallback(this);
        }

        private void connect(MqttConnectionOptions options) throws MqttException {
            IMqttToken token = client.connect(options);
            token.waitForCompletion(10_000);
            sessionPresent = token.getSessionPresent();
        }

        private void subscribe(String filter, int qos, int identifier) throws MqttException {
            MqttProperties properties = new MqttProperties();
            if (identifier > 0) {
                properties.setSubscriptionIdentifier(identifier);
            }
            client.subscribe(new MqttSubscription[] {new MqttSubscription(filter, qos)}, null, null, properties)
                    .waitForCompletion(60_000);
        }

        private IMqttToken subscribe(MqttSubscription[] subscriptions) throws MqttException {
            IMqttToken token = client.subscribe(subscriptions);
            token.waitForCompletion(10_000);
            return token;
        }

        private void publish(String topic, MqttMessage message) throws MqttException {
            client.publish(topic, message).waitForCompletion(10_000);
        }

        private MqttMessage awaitOne() {
            await().until(() -> !received.isEmpty());
            assertThat(received).hasSize(1);
            return received.get(0);
        }

        @Override
        public void messageArrived(String topic, MqttMessage message) {
            topics.add(topic);
            received.add(message);
        }

        @Override
        public void disconnected(MqttDisconnectResponse response) {
            disconnectReason = response.getReturnCode();
        }

        @Override
        public void mqttErrorOccurred(MqttException exception) {
            // The tests look at what arrives.
        }

        @Override
        public void deliveryComplete(IMqttToken token) {
            // The tests wait for each publish.
        }

        @Override
        public void connectComplete(boolean reconnect, String serverUri) {
            // The tests wait for connect.
        }

        @Override
        public void authPacketArrived(int reasonCode, MqttProperties properties) {
            // None is expected.
        }
    }
}
