/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.browser;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.Message;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.paho.mqttv5.common.packet.UserProperty;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;
import org.polymq.jms.PolyMQConnectionFactory;
import org.polymq.tck.connect.FilePlugin;
import org.polymq.tck.server.AdminApi;
import org.polymq.tck.server.BrokerProcess;
import org.polymq.tck.server.Endpoints;

/**
 * Every page of the dashboard in Chromium, on a server with security on. {@code -Dpolymq.screenshots=DIR} keeps a
 * picture of each page in light and dark.
 */
class DashboardIT {
    /** Each page, and what it shows when it is there. */
    private static final List<String> PAGES = List.of(
            "overview",
            "topics",
            "topics/shown",
            "groups",
            "groups/readers",
            "subscriptions",
            "clients",
            "sessions",
            "sessions/keeper",
            "messages",
            "retained",
            "dead-letters",
            "dead-letters/%25DLQ%25JMS-broken",
            "delayed",
            "connectors",
            "connectors/lines",
            "users",
            "audit",
            "nodes",
            "config",
            "diagnostics",
            "try");

    private static final String PASSWORD = "a good password";

    @TempDir
    static Path directory;

    private static BrokerProcess server;
    private static Endpoints at;
    private static AdminApi api;
    private static String adminPassword;
    private static MqttAsyncClient keeper;
    private static Browser browser;

    @BeforeAll
    static void start() throws Exception {
        server = BrokerProcess.in(directory)
                .with("security.enabled", true)
                .with("security.password-iterations", 1_000)
                .with("jms.max-deliveries", 1)
                .with("connectors.plugins", FilePlugin.install(directory.resolve("plugins")));
        at = server.start();
        api = AdminApi.first(server);
        adminPassword =
                Files.readString(server.data().resolve("admin-password")).strip();
        keeper = mqtt("keeper");
        keeper.setCallback(new Acknowledging());
        keeper.subscribe("shown/#", 1).waitForCompletion(60_000);
        post("topics", "{\"name\":\"shown\",\"queues\":1}");
        post("groups", "{\"name\":\"readers\"}");
        post("groups/readers/reset", "{\"topic\":\"shown\",\"to\":\"latest\"}");
        post("messages", "{\"topic\":\"shown/kept\",\"body\":\"21.5\",\"retain\":true}");
        post("messages", "{\"topic\":\"shown/later\",\"body\":\"in an hour\",\"delay\":\"1h\"}");
        FilePlugin.create(api, "lines", FilePlugin.source(Files.createFile(directory.resolve("lines")), "lines"));
        bury("broken", "a letter to look at");
        browser = Browser.open(at.dashboard(), Files.createTempDirectory(directory, "profile"));
        login("admin", adminPassword);
    }

    @AfterAll
    static void stop() throws Exception {
        if (browser != null) {
            browser.close();
        }
        if (keeper != null) {
            keeper.disconnectForcibly(0, 1_000, false);
            keeper.close(true);
        }
        if (server != null) {
            server.stop();
        }
    }

    @BeforeEach
    void onDesk() {
        browser.onDesk();
    }

    @Test
    void everyPageIsThereInLightAndDarkAndOnAPhone() throws Exception {
        String pictures = System.getProperty("polymq.screenshots", "");
        for (String page : PAGES) {
            browser.page(page);
            browser.seeNoMore("waiting for the first figures");
            if (page.equals("config")) {
                browser.fill("Key contains", "jms.");
            }
            String light = browser.background("light");
            picture(pictures, page, "light");
            String dark = browser.background("dark");
            picture(pictures, page, "dark");

            assertThat(light).as(page).isNotEqualTo(dark);
            assertThat(browser.error()).as(page).isEmpty();
            browser.onPhone();
            assertThat(browser.tooWide())
                    .as(page + " on a phone, pixels to the side")
                    .isLessThanOrEqualTo(0);
            browser.onDesk();
        }
        browser.background("light");
    }

    @Test
    void findsShowsAndTracesAMessageThatWasSentOverMqtt() throws Exception {
        publish("shown/7/temp", "22.75", "key-of-the-browser");

        browser.page("messages");
        browser.fill("Topic (first level) or queue", "shown");
        browser.fill("Id or key", "key-of-the-browser");
        browser.press("Find");
        browser.seeRow("shown/7/temp", "22.75");
        browser.followRow("22.75");

        browser.see("shown.7.temp"); // JMS
        browser.see("TOPIC_PATH"); // RocketMQ
        browser.see("22.75");
        browser.see("Trace");
        browser.seeRow("mqtt-session/keeper", "acknowledged");
        browser.seeRow("readers", "waiting");
    }

    @Test
    void resetsTheOffsetOfAGroup() throws Exception {
        post("topics", "{\"name\":\"stream\",\"queues\":1}");
        for (int i = 0; i < 3; i++) {
            post("messages", "{\"topic\":\"stream\",\"body\":\"" + i + "\"}");
        }
        post("groups", "{\"name\":\"mover\"}");
        browser.page("groups");
        browser.seeRow("mover", "unknown");
        browser.page("groups/mover");
        browser.see("its lag is not known");

        browser.fill("Topic", "stream");
        browser.press("Move");

        browser.see("moved");
        browser.see("Lag: 3");
        browser.press("Skip all of the topic");
        browser.agree();
        browser.see("3 skipped");
        browser.see("Lag: 0");
    }

    @Test
    void disconnectsASession() throws Exception {
        MqttAsyncClient client = mqtt("to-be-ended");
        try {
            browser.page("clients");
            browser.fill("Client id, user or address contains", "to-be-ended");
            browser.press("Show");
            browser.seeRow("to-be-ended", "MQTT 5.0");
            browser.followRow("to-be-ended");
            browser.press("Disconnect");
            browser.agree();
            browser.see("disconnected");

            await().atMost(Duration.ofSeconds(30)).until(() -> !client.isConnected());
            browser.page("sessions/to-be-ended");
            browser.see("Connected");
            browser.press("Delete with what waits for it");
            browser.agree();
            browser.seeNoMore("to-be-ended");
        } finally {
            client.close(true);
        }
    }

    @Test
    void sendsADeadLetterAgain() throws Exception {
        bury("work", "failed once");
        browser.page("dead-letters");
        browser.followRow("JMS-work");
        browser.seeRow("failed once", "work was handed it 1 times");

        browser.press("Send again");

        browser.see("1 sent again");
        browser.see("nothing waits here");
        try (JMSContext context = jms()) {
            Message again = context.createConsumer(context.createQueue("work")).receive(20_000);
            assertThat(again.getBody(String.class)).isEqualTo("failed once");
        }
    }

    @Test
    void makesAUserAndRefusesItWhatItMayNot() throws Exception {
        browser.page("users");
        browser.fill("Name", "ann");
        browser.fill("Password", PASSWORD);
        browser.fill("Permissions, one a line", "allow SUB topic:shown/#");
        browser.press("Make");
        browser.see("made ann");
        browser.seeRow("ann", "allow SUB topic:shown/#");
        browser.fill("User", "ann");
        browser.fill("Action", "PUB");
        browser.fill("Resource", "topic:shown/x");
        browser.press("Ask");
        browser.see("ann PUB topic:shown/x: denied");

        browser.press("Log out");
        browser.fill("User", "ann");
        browser.fill("Password", "wrong");
        browser.press("Log in");
        browser.see("password");
        assertThat(browser.error()).isNotEmpty();
        login("ann", PASSWORD);
        browser.page("users");
        browser.see("may not");
        browser.page("topics");
        browser.see("shown");

        browser.press("Log out");
        login("admin", adminPassword);
        browser.page("audit");
        browser.fill("Contains", "user create");
        browser.press("Show");
        browser.seeRow("admin", "user create");
    }

    @Test
    void showsScriptInNamesAsText() throws Exception {
        String name = "<img src=x onerror=alert(1)>";
        post(
                "messages",
                "{\"topic\":\"" + name
                        + "\",\"body\":\"<script>alert(2)</script>\",\"retain\":true,\"keys\":\"evil\"}");

        browser.page("topics");
        browser.see(name);
        browser.page("topics/" + URLEncoder.encode(name, UTF_8).replace("+", "%20"));
        browser.press("Browse");
        browser.see("<script>alert(2)</script>");
        browser.page("retained");
        browser.see(name);

        assertThat(browser.has("main img")).isFalse();
        assertThat(browser.has("main script")).isFalse();
    }

    @Test
    void asksForALoginWhenItHasExpired() throws Exception {
        browser.page("topics");
        browser.script("sessionStorage.setItem('polymq-token', 'of yesterday')");

        browser.go("groups");

        browser.see("Log in");
        login("admin", adminPassword);
        browser.see("Consumer groups");
    }

    @Test
    void isUsedWithTheKeyboardAlone() {
        browser.page("overview");
        browser.reload();
        browser.see("Overview");

        browser.keys(Keys.TAB);
        assertThat(browser.focused()).isEqualTo("Skip to the page");
        browser.keys(Keys.TAB);
        browser.keys(Keys.TAB);
        assertThat(browser.focused()).isEqualTo("Topics and queues");
        browser.keys(Keys.ENTER);

        browser.see("Name contains");
    }

    @Test
    void makesPurgesAndDeletesAQueue() throws Exception {
        browser.page("topics");
        browser.fill("Name", "from-the-browser");
        browser.choose("Kind", "queue");
        browser.press("Make");
        browser.see("made from-the-browser");
        post("messages", "{\"queue\":\"from-the-browser\",\"body\":\"x\"}");

        browser.page("topics/from-the-browser");
        browser.press("Purge");
        browser.agree();
        browser.see("1 taken");
        browser.press("Delete with all its messages");
        browser.agree();
        browser.seeNoMore("from-the-browser");
    }

    @Test
    void takesADelayedMessageBackAndClearsARetainedOne() throws Exception {
        browser.page("messages");
        browser.fill("MQTT name", "shown/soon");
        browser.fill("Body", "take me back");
        browser.fill("Delay, such as 30s", "2h");
        browser.press("Send");
        browser.see("stored at position");
        browser.page("delayed");
        browser.pressInRow("take me back", "Cancel");
        browser.agree();
        browser.see("cancelled");
        browser.seeNoMore("take me back");

        post("messages", "{\"topic\":\"shown/cleared\",\"body\":\"x\",\"retain\":true}");
        browser.page("retained");
        browser.fill("Topic filter", "shown/cleared");
        browser.press("Show");
        browser.pressInRow("shown/cleared", "Clear");
        browser.agree();
        browser.see("nothing is retained there");
    }

    @Test
    void changesTheConfigurationAtRunTime() {
        browser.page("config");
        browser.fill("Key contains", "log.level");
        browser.press("Change log.level");
        browser.fill("log.level", "warn");
        browser.press("Change");

        browser.see("log.level is changed");
        browser.seeRow("log.level", "changed at run time");
        browser.press("Reset");
        browser.agree();
        browser.seeRow("log.level", "default");
        browser.page("nodes");
        browser.see("is reached from here");
        browser.page("diagnostics");
        browser.see("Busiest topics");
    }

    @Test
    void followsTheMessagesOfATopic() throws Exception {
        browser.page("diagnostics");
        browser.see("none runs");
        browser.fill("Topic filter", "followed/#");
        browser.press("Trace");
        browser.see("the trace runs");

        post("messages", "{\"topic\":\"followed/x\",\"body\":\"1\"}");

        browser.seeRow("followed/x", "published");
        browser.press("Stop");
        browser.agree();
        browser.see("none runs");
    }

    @Test
    void isAnMqttClientItself() {
        browser.page("try");
        browser.fill("User", "admin");
        browser.fill("Password", adminPassword);
        browser.press("Connect");
        browser.see("connected");
        browser.fill("Filter", "tried/#");
        browser.press("Subscribe");
        browser.see("subscribed");
        browser.fill("Topic", "tried/x");
        browser.fill("Message", "seen in the page");
        browser.press("Publish");

        browser.see("tried/x: seen in the page");
    }

    // ----

    private static void login(String user, String password) {
        browser.fill("User", user);
        browser.fill("Password", password);
        browser.press("Log in");
        browser.see("Log out");
    }

    private static void post(String path, String body) throws Exception {
        AdminApi.Answer answer = api.call("POST", path, body);
        assertThat(answer.status()).as(path + ": " + answer.body()).isEqualTo(200);
    }

    private static MqttAsyncClient mqtt(String id) throws Exception {
        MqttAsyncClient client = new MqttAsyncClient("tcp://" + at.mqtt(), id, new MemoryPersistence());
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setUserName("admin");
        options.setPassword(adminPassword.getBytes(UTF_8));
        options.setCleanStart(false);
        options.setSessionExpiryInterval(3_600L);
        client.connect(options).waitForCompletion(60_000);
        return client;
    }

    private static void publish(String topic, String body, String key) throws Exception {
        MqttAsyncClient client = mqtt("publisher");
        try {
            MqttProperties properties = new MqttProperties();
            properties.setUserProperties(List.of(new UserProperty("KEYS", key)));
            client.publish(topic, new MqttMessage(body.getBytes(UTF_8), 1, false, properties))
                    .waitForCompletion(60_000);
        } finally {
            client.disconnect().waitForCompletion(60_000);
            client.close();
        }
    }

    private static JMSContext jms() {
        return new PolyMQConnectionFactory("polymq://" + at.nativePort())
                .createContext("admin", adminPassword, JMSContext.CLIENT_ACKNOWLEDGE);
    }

    /** Sends to a queue, and has an application fail to consume it once, which is once too often here. */
    private static void bury(String queue, String text) throws Exception {
        try (JMSContext context = jms()) {
            context.createProducer().send(context.createQueue(queue), text);
            try (JMSConsumer consumer = context.createConsumer(context.createQueue(queue))) {
                assertThat(consumer.receive(20_000)).isNotNull();
                context.recover();
            }
        }
        await().atMost(Duration.ofSeconds(30))
                .until(() -> api.call("GET", "dead-letters?name=JMS-" + queue, "")
                        .body()
                        .contains("\"waiting\":1"));
    }

    private static void picture(String pictures, String page, String theme) throws Exception {
        if (!pictures.isEmpty()) {
            Path folder = Files.createDirectories(Path.of(pictures));
            String name = page.replaceAll("%25DLQ%25", "").replaceAll("[^a-zA-Z-]", "-");
            browser.screenshot(folder.resolve(name + "-" + theme + ".png"));
        }
    }

    /** Takes every message; Paho acknowledges for somebody only. */
    private static final class Acknowledging implements MqttCallback {
        @Override
        public void messageArrived(String topic, MqttMessage message) {
            // Returning acknowledges it.
        }

        @Override
        public void disconnected(MqttDisconnectResponse response) {
            // The test looks at the session, not at this connection.
        }

        @Override
        public void mqttErrorOccurred(MqttException exception) {
            // Likewise.
        }

        @Override
        public void deliveryComplete(IMqttToken token) {
            // It sends nothing.
        }

        @Override
        public void connectComplete(boolean reconnect, String server) {
            // Nothing to do.
        }

        @Override
        public void authPacketArrived(int code, MqttProperties properties) {
            // No enhanced authentication here.
        }
    }
}
