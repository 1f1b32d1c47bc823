/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.polymq.tck.client.JmsProtocol;
import org.polymq.tck.server.AdminApi;
import org.polymq.tck.server.NativeFrames;

/** Rights that are taken away while their user is connected, or before something stored for it is done. */
class RevocationIT {
    private static final String PASSWORD = "a-good-password";
    private static final long PATIENCE_MILLIS = 60_000;
    private static final int NO_PERMISSION = 16;

    @RegisterExtension
    static final SecuredServer SERVER = new SecuredServer();

    private static int number;

    private String user = "";
    private Person person = Person.NOBODY;

    @BeforeEach
    void makeAUser() throws Exception {
        user = "user-" + ++number;
        SERVER.admin().createUser(user, PASSWORD, "allow PUB,SUB topic:news/#", "allow SUB group:readers");
        person = new Person(user, user, PASSWORD, SERVER.admin().createKey(user));
    }

    private MqttAsyncClient connect(String clientId, Heard heard, MqttConnectionOptions options) throws MqttException {
        options.setUserName(user);
        options.setPassword(PASSWORD.getBytes(StandardCharsets.UTF_8));
        MqttAsyncClient client = new MqttAsyncClient("tcp://" + SERVER.at().mqtt(), clientId, new MemoryPersistence());
        client.setCallback(heard);
        client.connect(options).waitForCompletion(PATIENCE_MILLIS);
        return client;
    }

    private static MqttMessage message(boolean retained) {
        return new MqttMessage(new byte[] {1}, 1, retained, new MqttProperties());
    }

    @Test
    void aSubscriptionEndsWithItsPermissionInEveryProtocol() throws Exception {
        Queue<String> got = new ConcurrentLinkedQueue<>();
        Heard heard = new Heard((topic, message) -> got.add("mqtt"));
        MqttAsyncClient mqtt = connect(user, heard, new MqttConnectionOptions());
        mqtt.subscribe("news/#", 1).waitForCompletion(PATIENCE_MILLIS);
        AtomicReference<JMSException> jmsError = new AtomicReference<>();
        try (Connection jms = JmsProtocol.factory(SERVER.at()).createConnection(user, PASSWORD);
                NativeFrames rocketmq = new NativeFrames(SERVER.at().nativePort())) {
            jms.setExceptionListener(jmsError::set);
            Session session = jms.createSession();
            session.createConsumer(session.createTopic("news.>")).setMessageListener(message -> got.add("jms"));
            jms.start();
            var pull = NativeAsker.fields("news", "");
            pull.put("consumerGroup", "readers");
            pull.put("subscription", "*");
            pull.put("sysFlag", "4");
            pull.put("maxMsgNums", "1");
            assertThat(new MqttAsker(SERVER.at(), person).publish("news/1")).isEqualTo(Verdict.DONE);
            await().until(() -> got.contains("mqtt") && got.contains("jms"));
            assertThat(rocketmq.ask(11, pull, new byte[0], person.accessKey()).code())
                    .isNotEqualTo(NO_PERMISSION);
            got.clear();

            SERVER.admin().setPermissions(user, "allow PUB topic:news/#", "allow SUB group:readers");

            await().untilAsserted(() -> assertThat(heard.disconnected()).isEqualTo(0x87));
            assertThat(rocketmq.ask(11, pull, new byte[0], person.accessKey()).code())
                    .isEqualTo(NO_PERMISSION);
            assertThat(new JmsAsker(SERVER.at(), person).consumeTopic("news.>")).isEqualTo(Verdict.NO_PERMISSION);
            assertThat(new MqttAsker(SERVER.at(), person).publish("news/2")).isEqualTo(Verdict.DONE);
            assertThat(new MqttAsker(SERVER.at(), person).subscribe("news/#")).isEqualTo(Verdict.NO_PERMISSION);
            assertThat(got).isEmpty();
        }
        mqtt.close();
    }

    @Test
    void aUserThatIsDeletedIsDisconnectedByEveryProtocol() throws Exception {
        Heard heard = new Heard((topic, message) -> {});
        MqttAsyncClient mqtt = connect(user, heard, new MqttConnectionOptions());
        AtomicReference<JMSException> jmsError = new AtomicReference<>();
        Connection jms = JmsProtocol.factory(SERVER.at()).createConnection(user, PASSWORD);
        jms.setExceptionListener(jmsError::set);
        try (NativeFrames rocketmq = new NativeFrames(SERVER.at().nativePort())) {
            assertThat(rocketmq.ask(10, NativeAsker.fields("news", ""), new byte[] {1}, person.accessKey())
                            .code())
                    .isZero();

            SERVER.admin().deleteUser(user);

            await().untilAsserted(() -> assertThat(heard.disconnected()).isEqualTo(0x87));
            await().untilAsserted(() -> assertThat(jmsError.get()).isNotNull());
            assertThat(rocketmq.isClosed()).isTrue();
            assertThat(new NativeAsker(SERVER.at(), person).send("news", "x")).isEqualTo(Verdict.NOT_AUTHENTICATED);
            assertThat(new MqttAsker(SERVER.at(), person).publish("news/x")).isEqualTo(Verdict.NOT_AUTHENTICATED);
            assertThat(new JmsAsker(SERVER.at(), person).sendToTopic("news.x")).isEqualTo(Verdict.NOT_AUTHENTICATED);
        }
        mqtt.close();
    }

    @Test
    void aRevokedAccessKeySignsNothingMore() throws Exception {
        assertThat(new NativeAsker(SERVER.at(), person).send("news", "x")).isEqualTo(Verdict.DONE);

        SERVER.admin().deleteKey(person.accessKey().id());

        assertThat(new NativeAsker(SERVER.at(), person).send("news", "x")).isEqualTo(Verdict.NOT_AUTHENTICATED);
        assertThat(new JmsAsker(SERVER.at(), person).sendToTopic("news.x")).isEqualTo(Verdict.DONE);
    }

    @Test
    void aWillIsNotPublishedWhenItsUserMayNotAnyMore() throws Exception {
        String watcher = user;
        Queue<String> heard = new ConcurrentLinkedQueue<>();
        MqttAsyncClient watching =
                connect(watcher, new Heard((topic, message) -> heard.add(topic)), new MqttConnectionOptions());
        watching.subscribe("news/#", 1).waitForCompletion(PATIENCE_MILLIS);
        makeAUser();
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setWill("news/will", message(false));
        MqttAsyncClient leaving = connect(user, new Heard((topic, message) -> {}), options);

        SERVER.admin().setPermissions(user, "allow PUB topic:other/#");
        leaving.disconnectForcibly(0, 0, false);
        leaving.close();

        await().untilAsserted(() ->
                assertThat(SERVER.audit().count("denied", user, "mqtt")).isPositive());
        watching.publish("news/after", message(false)).waitForCompletion(PATIENCE_MILLIS);
        await().until(() -> heard.contains("news/after"));
        assertThat(heard).doesNotContain("news/will");
        watching.disconnect().waitForCompletion(PATIENCE_MILLIS);
        watching.close();
    }

    @Test
    void retainedMessagesReachThoseAloneWhoMaySubscribe() throws Exception {
        assertThat(new MqttAsker(SERVER.at(), person).publishRetained("news/kept"))
                .isEqualTo(Verdict.DONE);
        Queue<String> heard = new ConcurrentLinkedQueue<>();
        SERVER.admin().setPermissions(user, "allow SUB topic:news/other");
        AdminApi.Answer decision =
                SERVER.admin().call("GET", "check?user=" + user + "&action=SUB&resource=topic:news/kept", "");
        assertThat(decision.body()).contains("\"allowed\":false");
        MqttAsyncClient client =
                connect(user, new Heard((topic, message) -> heard.add(topic)), new MqttConnectionOptions());
        for (String filter : new String[] {"news/kept", "news/+", "news/#", "#"}) {
            try {
                var asked = client.subscribe(filter, 1);
                asked.waitForCompletion(PATIENCE_MILLIS);
                assertThat(asked.getReasonCodes()).as(filter).containsExactly(0x87);
            } catch (MqttException refused) {
                assertThat(refused.getReasonCode()).as(filter).isEqualTo(0x87);
            }
        }
        client.subscribe("news/other", 1).waitForCompletion(PATIENCE_MILLIS);
        assertThat(heard).isEmpty();
        client.disconnect().waitForCompletion(PATIENCE_MILLIS);
        client.close();
    }
}
