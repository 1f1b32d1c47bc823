/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Session;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.polymq.tck.client.JmsProtocol;
import org.polymq.tck.server.AdminApi;
import org.polymq.tck.server.NativeFrames;
import org.polymq.tck.server.NativeFrames.Answer;

/** Attempts by users of the system, modelled on published attacks: each is blocked. The comments name the attack. */
@SuppressWarnings("try") // what is opened works while it is open
class AttacksIT {
    private static final String PASSWORD = "a-good-password";
    private static final int NO_PERMISSION = 16;
    private static final int INVALID_NAME = 29;

    @RegisterExtension
    static final SecuredServer SERVER = new SecuredServer();

    private static Person root;
    private static Person tenant;

    @BeforeAll
    static void makePeople() throws Exception {
        AdminApi admin = SERVER.admin();
        admin.createUser("root", PASSWORD, "allow PUB,SUB,MANAGE any:*");
        admin.createUser("tenant", PASSWORD, "allow PUB,SUB topic:tenant/#", "allow SUB group:tenant");
        root = new Person("root", "root", PASSWORD, admin.createKey("root"));
        tenant = new Person("tenant", "tenant", PASSWORD, admin.createKey("tenant"));
    }

    @AfterEach
    void theServerIsWell() throws Exception {
        assertThat(new MqttAsker(SERVER.at(), tenant).publish("tenant/alive")).isEqualTo(Verdict.DONE);
        assertThat(SERVER.process().log()).doesNotContain("\tat ", "OutOfMemory", "StackOverflow");
    }

    private static Answer ask(Person who, int code, Map<String, String> fields, String body) throws IOException {
        try (NativeFrames client = new NativeFrames(SERVER.at().nativePort())) {
            return client.ask(code, fields, body.getBytes(StandardCharsets.UTF_8), who.key());
        }
    }

    // CVE-2023-33246, CVE-2023-37582: a request that changes the configuration starts a command or writes a file.
    @Test
    void cve202333246AnAdministratorCannotSetPathsOrCommandsEither() throws Exception {
        Path bait = SERVER.process().data().resolveSibling("written-by-an-attacker");
        String command = "filterServerNums=1\nrocketmqHome=-c $@|sh . echo touch " + bait + ";\n";
        String[] bodies = {command, "storePathRootDir=" + bait, "configStorePath=" + bait, "kvConfigPath=" + bait};
        for (String body : bodies) {
            assertThat(ask(root, 25, Map.of(), body).code()).as(body).isEqualTo(NO_PERMISSION);
            try (NativeFrames nameServer = new NativeFrames(SERVER.at().nameServer())) {
                Answer answer = nameServer.ask(318, Map.of(), body.getBytes(StandardCharsets.UTF_8), root.key());
                assertThat(answer.code()).as(body).isEqualTo(NO_PERMISSION);
            }
        }

        assertThat(bait).doesNotExist();
        assertThat(ask(root, 26, Map.of(), "").text()).doesNotContain(bait.toString());
    }

    // CVE-2022-41678 and others: names that become paths.
    @Test
    void namesThatLookLikePathsMakeNoFiles() throws Exception {
        Path parent = java.util.Objects.requireNonNull(SERVER.process().data().getParent());
        Set<String> before = files(parent);
        String name = "../../escape";

        assertThat(ask(root, 10, NativeAsker.fields(name, ""), "x").code()).isEqualTo(INVALID_NAME);
        assertThat(ask(root, 10, NativeAsker.fields("%2E%2E%2Fescape", ""), "x").code())
                .isZero();
        assertThat(new MqttAsker(SERVER.at(), root).publish(name)).isEqualTo(Verdict.DONE);
        assertThatThrownBy(() -> new JmsAsker(SERVER.at(), root).sendToQueue(name))
                .isInstanceOf(JMSException.class);
        Map<String, String> kv = Map.of("namespace", name, "key", name, "value", "v");
        try (NativeFrames nameServer = new NativeFrames(SERVER.at().nameServer())) {
            assertThat(nameServer.ask(100, kv, new byte[0], root.key()).code()).isZero();
        }

        Set<String> after = files(parent);
        after.removeAll(before);
        assertThat(after).noneMatch(file -> file.contains("escape"));
        assertThat(parent.resolveSibling("escape")).doesNotExist();
    }

    private static Set<String> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.map(Path::toString).collect(java.util.stream.Collectors.toCollection(TreeSet::new));
        }
    }

    // A code in a native topic that would decode to a separator or wildcard stands for itself: no other topic is meant.
    @Test
    void anEncodedSeparatorOrWildcardIsNoOtherTopic() throws Exception {
        for (String name : List.of("other%2Fx", "%23", "%2B", "tenant%2F%2E%2E%2Fother", "%74enant")) {
            assertThat(ask(tenant, 10, NativeAsker.fields(name, ""), "x").code())
                    .as(name)
                    .isEqualTo(NO_PERMISSION);
            Map<String, String> pull = NativeAsker.fields(name, "");
            pull.put("consumerGroup", "tenant");
            assertThat(ask(tenant, 11, pull, "").code()).as(name).isEqualTo(NO_PERMISSION);
        }
    }

    /** Says so when it is read from bytes. */
    static final class Gadget implements Serializable {
        static final AtomicBoolean RAN = new AtomicBoolean();
        private static final long serialVersionUID = 1L;

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            RAN.set(true);
        }
    }

    // CVE-2015-5254, CVE-2023-46604: an ObjectMessage that runs code where it is read.
    @Test
    void cve20155254AnObjectIsOfNoClassThatTheReceiverDidNotName() throws Exception {
        try (Connection connection = JmsProtocol.factory(SERVER.at()).createConnection("root", PASSWORD)) {
            connection.start();
            Session session = connection.createSession();
            session.createProducer(session.createQueue("gadgets")).send(session.createObjectMessage(new Gadget()));
            Gadget.RAN.set(false);
            MessageConsumer consumer = session.createConsumer(session.createQueue("gadgets"));
            ObjectMessage received = (ObjectMessage) consumer.receive(20_000);

            assertThatThrownBy(received::getObject).isInstanceOf(JMSException.class);
            assertThatThrownBy(() -> received.getBody(Gadget.class)).isInstanceOf(JMSException.class);
            assertThat(Gadget.RAN).isFalse();
        }
    }

    // CVE-2022-25845: fastjson makes an object of the class that "@type" names.
    @Test
    void cve202225845ATypeInJsonIsAnOrdinaryName() throws Exception {
        String type = "{\"@type\":\"java.net.Inet4Address\",\"val\":\"polymq.invalid\",\"clientID\":\"c\","
                + "\"@type\":\"com.sun.rowset.JdbcRowSetImpl\",\"dataSourceName\":\"ldap://127.0.0.1:1/x\","
                + "\"autoCommit\":true}";
        for (int code : new int[] {34, 41, 46, 200, 225, 18, 400, 401, 200151}) {
            assertThat(ask(root, code, Map.of(), type).header()).contains("\"opaque\":1");
        }
        try (NativeFrames client = new NativeFrames(SERVER.at().nativePort())) {
            client.sendFrame(
                    "{\"@type\":\"java.lang.AutoCloseable\",\"code\":105,\"opaque\":9,\"flag\":0}"
                            .getBytes(StandardCharsets.UTF_8),
                    new byte[0]);
            assertThat(client.next().header()).contains("\"opaque\":9");
        }
        String deep = "{\"a\":".repeat(20_000) + "1" + "}".repeat(20_000);
        assertThat(ask(root, 34, Map.of(), deep).code()).isNotZero();
    }

    // Route poisoning: a client that registers as a broker gets the messages of all others.
    @Test
    void aUserCannotSayWhereTopicsAre() throws Exception {
        String body = "{\"topicConfigSerializeWrapper\":{\"topicConfigTable\":{\"orders\":{\"topicName\":\"orders\","
                + "\"perm\":6,\"readQueueNums\":4,\"writeQueueNums\":4}},\"dataVersion\":{\"counter\":1,\"timestamp\":1}}}";
        Map<String, String> fields = Map.of(
                "brokerName",
                "broker-a",
                "brokerAddr",
                "10.6.6.6:10911",
                "clusterName",
                "DefaultCluster",
                "haServerAddr",
                "",
                "brokerId",
                "0");
        for (Person who : List.of(Person.NOBODY, tenant)) {
            try (NativeFrames nameServer = new NativeFrames(SERVER.at().nameServer())) {
                for (int code : new int[] {103, 104, 217, 216, 205, 327, 904}) {
                    Answer answer = nameServer.ask(code, fields, body.getBytes(StandardCharsets.UTF_8), who.key());
                    assertThat(answer.code()).as(code + " by " + who).isEqualTo(NO_PERMISSION);
                }
            }
        }
        // What brokers sign with is a secret, not a name.
        AdminApi.Key guessed = new AdminApi.Key("$broker", "polymq");
        try (NativeFrames nameServer = new NativeFrames(SERVER.at().nameServer())) {
            assertThat(nameServer
                            .ask(103, fields, body.getBytes(StandardCharsets.UTF_8), guessed)
                            .code())
                    .isEqualTo(NO_PERMISSION);
            assertThat(nameServer.ask(106, Map.of(), new byte[0], root.key()).text())
                    .doesNotContain("10.6.6.6");
        }
    }

    // Property smuggling: what names a topic in a native message is what its permission was asked for.
    @Test
    void aSecondPathInANativeMessageIsNotTakenInsteadOfTheOneThatWasChecked() throws Exception {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        try (Listener other = new Listener(root, "other/#", heard);
                Listener mine = new Listener(root, "tenant/#", heard)) {
            String twice = NativeAsker.properties("TOPIC_PATH", "one", "TOPIC_PATH", "two");
            assertThat(ask(tenant, 10, NativeAsker.fields("tenant", twice), "x").code())
                    .isZero();
            String climbing =
                    NativeAsker.properties("TOPIC_PATH", "../other/x", "topic", "other", "REAL_TOPIC", "other");
            assertThat(ask(tenant, 10, NativeAsker.fields("tenant", climbing), "x")
                            .code())
                    .isZero();

            assertThat(heard.poll(20, TimeUnit.SECONDS)).startsWith("tenant/");
            assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo("tenant/../other/x");
            assertThat(heard).isEmpty();
        }
    }

    // Auth bypass through a second protocol: what is denied in one is denied in all, for both of the two user's names.
    @Test
    void whatOneProtocolDeniesNoOtherGives() throws Exception {
        assertThat(new MqttAsker(SERVER.at(), root).publishRetained("wages/may"))
                .isEqualTo(Verdict.DONE);
        assertThat(new JmsAsker(SERVER.at(), root).sendToQueue("payments")).isEqualTo(Verdict.DONE);

        assertThat(new MqttAsker(SERVER.at(), tenant).subscribe("wages/may")).isEqualTo(Verdict.NO_PERMISSION);
        assertThat(new JmsAsker(SERVER.at(), tenant).consumeTopic("wages.may")).isEqualTo(Verdict.NO_PERMISSION);
        assertThat(new NativeAsker(SERVER.at(), tenant).pull("wages", "tenant")).isEqualTo(Verdict.NO_PERMISSION);
        assertThat(new NativeAsker(SERVER.at(), tenant).pull("payments", "tenant"))
                .isEqualTo(Verdict.NO_PERMISSION);
        assertThat(new NativeAsker(SERVER.at(), tenant).pop("payments", "tenant"))
                .isEqualTo(Verdict.NO_PERMISSION);
        assertThat(new NativeAsker(SERVER.at(), tenant).pop("payments", "%QUEUE%payments"))
                .isEqualTo(Verdict.NO_PERMISSION);
        assertThat(new MqttAsker(SERVER.at(), tenant).subscribe("$queue/payments"))
                .isEqualTo(Verdict.NO_PERMISSION);
        assertThat(new JmsAsker(SERVER.at(), tenant).browse("payments")).isEqualTo(Verdict.NO_PERMISSION);
        assertThat(new JmsAsker(SERVER.at(), tenant).consumeQueue("%DLQ%root")).isEqualTo(Verdict.NO_PERMISSION);
        // An access key is no password, and a password signs nothing.
        Person mixed = new Person(
                "mixed", tenant.accessKey().id(), tenant.accessKey().secret(), new AdminApi.Key("tenant", PASSWORD));
        assertThat(new MqttAsker(SERVER.at(), mixed).publish("tenant/x")).isEqualTo(Verdict.NOT_AUTHENTICATED);
        assertThat(new NativeAsker(SERVER.at(), mixed).send("tenant", "x")).isEqualTo(Verdict.NOT_AUTHENTICATED);
    }

    // Wildcard abuse: "#" shows everybody's messages, "$SYS" the broker, "%RETRY%" other groups' messages.
    @Test
    void wildcardsReachNothingThatIsNotPermitted() throws Exception {
        for (String filter :
                List.of("#", "+/#", "+", "$SYS/#", "$share/tenant/#", "%RETRY%root", "RMQ_SYS_TRACE_TOPIC")) {
            assertThat(new MqttAsker(SERVER.at(), tenant).subscribe(filter))
                    .as(filter)
                    .isEqualTo(Verdict.NO_PERMISSION);
        }
        // A denial that a wildcard touches refuses all of it.
        SERVER.admin().createUser("nosy", PASSWORD, "allow SUB topic:#", "deny SUB topic:+/private");
        Person nosy = new Person("nosy", "nosy", PASSWORD, SERVER.admin().createKey("nosy"));
        assertThat(new MqttAsker(SERVER.at(), nosy).subscribe("#")).isEqualTo(Verdict.NO_PERMISSION);
        assertThat(new JmsAsker(SERVER.at(), nosy).consumeTopic("a.*")).isEqualTo(Verdict.NO_PERMISSION);
        assertThat(new MqttAsker(SERVER.at(), nosy).subscribe("a/public")).isEqualTo(Verdict.DONE);
    }

    // CVE-2026-6564: somebody else's session is taken over by its client id.
    @Test
    void cve20266564ASessionIsItsUsersOwn() throws Exception {
        try (Listener victim = new Listener(root, "tenant/alive", new LinkedBlockingQueue<>())) {
            assertThat(new MqttAsker(SERVER.at(), tenant).connect(victim.clientId()))
                    .isEqualTo(Verdict.NO_PERMISSION);
            assertThat(victim.isConnected()).isTrue();
        }
    }

    // CVE-2026-32642: a subscription that may not make an address makes it.
    @Test
    void cve202632642WhoMayNotUseATopicDoesNotMakeIt() throws Exception {
        assertThat(new JmsAsker(SERVER.at(), tenant).consumeQueue("made-by-a-stranger"))
                .isEqualTo(Verdict.NO_PERMISSION);
        assertThat(new MqttAsker(SERVER.at(), tenant).subscribe("$queue/made-by-a-stranger"))
                .isEqualTo(Verdict.NO_PERMISSION);
        assertThat(new NativeAsker(SERVER.at(), tenant).send("made-by-a-stranger", "x"))
                .isEqualTo(Verdict.NO_PERMISSION);
        assertThat(new NativeAsker(SERVER.at(), tenant).heartbeat("c", "tenant", "made-by-a-stranger"))
                .isEqualTo(Verdict.NO_PERMISSION);

        assertThat(ask(root, 21, Map.of(), "").text()).doesNotContain("made-by-a-stranger");
    }

    // A question about a transaction shows its message: it goes to producers that may send it, whatever their group.
    @Test
    void whoJoinsAProducerGroupDoesNotSeeItsTransactions() throws Exception {
        try (NativeFrames spy = new NativeFrames(SERVER.at().nativePort());
                NativeFrames owner = new NativeFrames(SERVER.at().nativePort())) {
            assertThat(spy.ask(34, Map.of(), producer("spy"), tenant.key()).code())
                    .isZero();
            assertThat(owner.ask(34, Map.of(), producer("owner"), root.key()).code())
                    .isZero();
            String properties = NativeAsker.properties(
                    "TRAN_MSG", "true", "PGROUP", "payers", "UNIQ_KEY", "u1", "CHECK_IMMUNITY_TIME_IN_SECONDS", "0");
            for (int i = 0; i < 2; i++) {
                Answer half = owner.ask(10, NativeAsker.fields("payroll", properties), new byte[] {1}, root.key());
                assertThat(half.code()).as(half.header()).isZero();
            }

            assertThat(owner.next().code()).isEqualTo(39);
            assertThat(owner.next().code()).isEqualTo(39);
            assertThat(spy.ask(30, NativeAsker.fields("tenant", ""), new byte[0], tenant.key())
                            .header())
                    .as("nothing else came to the spy")
                    .contains("\"opaque\":2");
        }
    }

    private static byte[] producer(String clientId) {
        return ("{\"clientID\":\"" + clientId + "\",\"producerDataSet\":[{\"groupName\":\"payers\"}]}")
                .getBytes(StandardCharsets.UTF_8);
    }

    // Subscription bomb: one heartbeat of a million groups.
    @Test
    void aHeartbeatOfTooManyGroupsIsRefusedAndMakesNone() throws Exception {
        StringBuilder body = new StringBuilder("{\"clientID\":\"bomb\",\"consumerDataSet\":[");
        for (int i = 0; i < 10_001; i++) {
            body.append(i == 0 ? "" : ",")
                    .append("{\"groupName\":\"bomb-")
                    .append(i)
                    .append("\",\"messageModel\":" + "\"CLUSTERING\",\"subscriptionDataSet\":[]}");
        }
        Answer answer = ask(root, 34, Map.of(), body.append("]}").toString());

        assertThat(answer.header()).contains("limits.subscriptions-per-session");
        assertThat(ask(root, 201, Map.of(), "").text()).doesNotContain("bomb-");
    }

    // Names of tens of thousands of levels (Mosquitto, 2017): a stack overflow in recursive matching.
    @Test
    void aNameOfThousandsOfLevelsIsRefusedByEveryProtocol() throws Exception {
        String jms = "a.".repeat(10_000) + "a";
        assertThatThrownBy(() -> new JmsAsker(SERVER.at(), root).sendToTopic(jms))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("limits.topic-");
        assertThatThrownBy(() -> new JmsAsker(SERVER.at(), root).consumeTopic(jms + ".>"))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("limits.topic-");
        String path = "a/".repeat(10_000);
        Map<String, String> fields = NativeAsker.fields("deep", NativeAsker.properties("TOPIC_PATH", path));
        Answer answer = ask(root, 10, fields, "x");
        assertThat(answer.code()).as(answer.header()).isEqualTo(INVALID_NAME);
        assertThatThrownBy(() -> new MqttAsker(SERVER.at(), root).publish(path + "a"))
                .isInstanceOf(MqttException.class);
    }

    // A body of a few kilobytes that says it is compressed and becomes gigabytes.
    @Test
    void aCompressionBombIsShownAsItCame() throws Exception {
        java.io.ByteArrayOutputStream bomb = new java.io.ByteArrayOutputStream();
        try (var deflater = new java.util.zip.DeflaterOutputStream(bomb)) {
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 200; i++) {
                deflater.write(zeros);
            }
        }
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        try (Listener listener = new Listener(root, "bombs/#", heard);
                NativeFrames client = new NativeFrames(SERVER.at().nativePort())) {
            Map<String, String> fields = NativeAsker.fields("bombs", NativeAsker.properties("TOPIC_PATH", "z"));
            fields.put("sysFlag", "1");
            Answer sent = client.ask(10, fields, bomb.toByteArray(), root.key());
            assertThat(sent.code()).as(sent.header()).isZero();

            assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo("bombs/z");
            assertThat(listener.lastSize()).isEqualTo(bomb.size());
        }
    }

    // Log injection: a client writes lines of its own into logs.
    @Test
    void controlCharactersOfClientsAreEscapedInTheLogs() throws Exception {
        Person forger = new Person("forger", "admin\nFAKE LINE", "x", new AdminApi.Key("k\r\nFAKE LINE", "s"));
        assertThat(new NativeAsker(SERVER.at(), forger).send("tenant", "x")).isEqualTo(Verdict.NOT_AUTHENTICATED);
        assertThat(new JmsAsker(SERVER.at(), forger).sendToTopic("tenant.x")).isEqualTo(Verdict.NOT_AUTHENTICATED);

        await().untilAsserted(() -> assertThat(
                        Files.readString(SERVER.process().data().resolve("audit/audit.log")))
                .contains("admin\\nFAKE LINE")
                .doesNotContain("\nFAKE LINE"));
        assertThat(SERVER.process().log()).doesNotContain("\nFAKE LINE");
    }

    // Secrets in logs, process lists and answers.
    @Test
    void secretsAreNowhere() throws Exception {
        String admin = Files.readString(SERVER.process().data().resolve("admin-password"))
                .strip();
        assertThat(SERVER.admin().call("GET", "users", "").body()).doesNotContain(PASSWORD, admin);
        assertThat(SERVER.admin().call("GET", "access-keys", "").body())
                .doesNotContain(root.accessKey().secret());
        assertThat(ask(root, 26, Map.of(), "").text()).doesNotContain(admin);
        String[] commandLine = ProcessHandle.of(SERVER.process().pid())
                .orElseThrow()
                .info()
                .arguments()
                .orElse(new String[0]);
        assertThat(String.join(" ", commandLine)).doesNotContain(admin, PASSWORD);
        for (String secret : List.of(admin, PASSWORD, root.accessKey().secret())) {
            assertThat(SERVER.process().log()).doesNotContain(secret);
            assertThat(Files.readString(SERVER.process().data().resolve("audit/audit.log")))
                    .doesNotContain(secret);
        }
        assertThat(storedBytes()).doesNotContain(root.accessKey().secret(), admin, PASSWORD);
    }

    private static String storedBytes() throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.list(SERVER.process().data())) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".segment")).toList()) {
                try (var channel = java.nio.channels.FileChannel.open(file)) {
                    ByteBuffer head = ByteBuffer.allocate(4 << 20);
                    channel.read(head);
                    all.append(new String(head.array(), StandardCharsets.ISO_8859_1));
                }
            }
        }
        return all.toString();
    }

    private static MqttConnectionOptions login(Person who) {
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setUserName(who.user());
        options.setPassword(String.valueOf(who.password()).getBytes(StandardCharsets.UTF_8));
        return options;
    }

    /** A connected MQTT subscriber that notes the topics of what it gets. */
    private static final class Listener implements AutoCloseable {
        private final MqttAsyncClient client;
        private volatile int lastSize;

        Listener(Person who, String filter, BlockingQueue<String> heard) throws MqttException {
            client = new MqttAsyncClient(
                    "tcp://" + SERVER.at().mqtt(), "listener-" + System.nanoTime(), new MemoryPersistence());
            client.setCallback(new Heard((topic, message) -> {
                lastSize = message.getPayload().length;
                heard.add(topic);
            }));
            client.connect(login(who)).waitForCompletion(60_000);
            client.subscribe(filter, 1).waitForCompletion(60_000);
        }

        String clientId() {
            return client.getClientId();
        }

        boolean isConnected() {
            return client.isConnected();
        }

        int lastSize() {
            return lastSize;
        }

        @Override
        public void close() throws MqttException {
            client.disconnect().waitForCompletion(60_000);
            client.close();
        }
    }
}
