/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.polymq.mqtt.Packets.*;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.Answer;
import org.polymq.broker.Broker;
import org.polymq.broker.Lane;
import org.polymq.broker.TestBroker;
import org.polymq.broker.cluster.SharedState;
import org.polymq.broker.security.Permission;
import org.polymq.broker.security.ScramClient;
import org.polymq.broker.security.User;

/** Who may do what, byte by byte. */
class AccessTest {
    private static final String METHOD = "15" + text("SCRAM-SHA-256");

    @TempDir
    Path directory;

    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        List<Broker> groups = new ArrayList<>();
        for (int i = 0; i < Math.max(1, TestServer.GROUPS); i++) {
            groups.add(TestBroker.openSecured(directory.resolve("group-" + i)));
        }
        server = new TestServer(groups, MqttConfig.defaults(), 0);
        groups.forEach(AccessTest::addUsers);
    }

    private static void addUsers(Broker broker) {
        TestBroker.addUser(
                broker,
                "ann",
                "annssecret",
                "allow PUB,SUB topic:plant/#",
                "deny SUB topic:plant/secret",
                "allow SUB queue:jobs",
                "allow SUB group:g",
                "allow SUB client:ann-*");
        TestBroker.addUser(broker, "bob", "bobshidden", "allow PUB,SUB topic:plant/open", "allow SUB client:*");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static String connect(String version, String flags, String clientId, String user, String password) {
        String properties = version.equals("05") ? properties(sessionExpiry(1000)) : "";
        return packet(
                "10", text("MQTT"), version, flags, "003c", properties, text(clientId), text(user), text(password));
    }

    private RawClient open(String clientId, String user, String password) throws IOException {
        return new RawClient(server.port()).send(connect("05", "c0", clientId, user, password));
    }

    private RawClient ann() throws IOException {
        RawClient client = open("ann-1", "ann", "annssecret");
        assertThat(client.packet().substring(6, 8)).isEqualTo("00");
        return client;
    }

    @Test
    void refusesAWrongPasswordAndNobody() throws IOException {
        try (RawClient v5 = open("ann-1", "ann", "wrong");
                RawClient v3 = new RawClient(server.port()).send(connect("04", "c2", "ann-2", "nobody", "x"));
                RawClient anonymous = new RawClient(server.port()).send(connect311("a", true))) {
            assertThat(v5.packet().substring(6, 8)).isEqualTo("86");
            v5.expectClosed();
            v3.expect("20020004").expectClosed();
            assertThat(anonymous.packet()).startsWith("200200").isNotEqualTo("20020000");
            anonymous.expectClosed();
        }
    }

    @Test
    void aUserHasSoManyConnectionsAndATakeoverIsNone() throws IOException {
        Path own = directory.resolve("limited");
        try (TestServer limited = new TestServer(
                TestBroker.openSecured(own, null, SharedState.alone(1, InstantSource.system())),
                MqttConfig.defaults(),
                0)) {
            TestBroker.addUser(limited.broker(), "ann", "annssecret", "allow SUB client:*");
            TestBroker.addUser(limited.broker(), "bob", "bobshidden", "allow SUB client:*");
            String first = connect("05", "c0", "ann-1", "ann", "annssecret");
            try (RawClient ann = new RawClient(limited.port()).send(first);
                    RawClient more = new RawClient(limited.port());
                    RawClient old = new RawClient(limited.port());
                    RawClient bob = new RawClient(limited.port())) {
                assertThat(ann.packet().substring(6, 8)).isEqualTo("00");
                assertThat(more.send(connect("05", "c0", "ann-2", "ann", "annssecret"))
                                .packet()
                                .substring(6, 8))
                        .isEqualTo("97");
                more.expectClosed();
                old.send(connect("04", "c2", "ann-3", "ann", "annssecret"))
                        .expect("20020003")
                        .expectClosed();
                assertThat(bob.send(connect("05", "c0", "bob-1", "bob", "bobshidden"))
                                .packet()
                                .substring(6, 8))
                        .isEqualTo("00");
                try (RawClient again = new RawClient(limited.port()).send(first)) {
                    assertThat(again.packet().substring(6, 8)).isEqualTo("00");
                }
            }
            await().untilAsserted(() -> assertThat(limited.connected()).isZero());
            try (RawClient other = new RawClient(limited.port())) {
                assertThat(other.send(connect("05", "c0", "ann-2", "ann", "annssecret"))
                                .packet()
                                .substring(6, 8))
                        .isEqualTo("00");
            }
        }
    }

    @Test
    void refusesAClientIdThatTheUserMayNotUse() throws IOException {
        try (RawClient v5 = open("other", "ann", "annssecret");
                RawClient v3 = new RawClient(server.port()).send(connect("04", "c2", "other", "ann", "annssecret"))) {
            assertThat(v5.packet().substring(6, 8)).isEqualTo("87");
            v3.expect("20020005").expectClosed();
        }
    }

    @Test
    void neitherTakesOverAConnectionNorASessionOfAnotherUser() throws IOException {
        try (RawClient ann = ann()) {
            try (RawClient thief = open("ann-1", "bob", "bobshidden")) {
                assertThat(thief.packet().substring(6, 8)).isEqualTo("87");
            }
            ann.send(PING).expect(PONG);
        }
        await().untilAsserted(() -> assertThat(server.connected()).isZero());
        try (RawClient thief = open("ann-1", "bob", "bobshidden")) {
            assertThat(thief.packet().substring(6, 8)).isEqualTo("87");
        }
        try (RawClient ann = ann()) {
            ann.send(PING).expect(PONG);
        }
    }

    @Test
    void checksEverySubscription() throws IOException {
        try (RawClient ann = ann()) {
            String[][] cases = {
                {"plant/a", "01"},
                {"plant/a/+", "01"},
                {"plant/#", "87"}, // not wholly covered: plant/secret
                {"#", "87"},
                {"plant/secret", "87"},
                {"$queue/jobs", "01"},
                {"$queue/other", "87"},
                {"$share/g/plant/a", "01"},
                {"$share/g/other/a", "87"},
                {"$share/h/plant/a", "87"},
                {"$SYS/#", "87"},
            };
            for (String[] each : cases) {
                ann.send(subscribe5(1, each[0], 1));
                assertThat(ann.packet()).as(each[0]).startsWith("90").endsWith(each[1]);
            }
        }
        try (RawClient v3 = new RawClient(server.port()).send(connect("04", "c2", "ann-2", "ann", "annssecret"))) {
            v3.expect("20020000").send(subscribe311(1, "#", 1)).expect("9003 0001 80");
        }
    }

    @Test
    void checksEveryPublish() throws IOException {
        try (RawClient ann = ann()) {
            ann.send(publish5(2, "plant/a", 1, "x")).expect(puback(1));
            ann.send(publish5(2, "other", 2, "x"));
            assertThat(ann.packet()).startsWith("40").contains("000287");
            ann.send(publish5(4, "$queue/jobs", 3, "x"));
            assertThat(ann.packet()).startsWith("50").contains("000387");
            ann.send(publish5(0, "other", 0, "x")).send(PING).expect(PONG);
        }
        try (RawClient v3 = new RawClient(server.port()).send(connect("04", "c2", "ann-2", "ann", "annssecret"))) {
            v3.expect("20020000").send(publish311(2, "other", 1, "x")).expectClosed();
        }
    }

    @Test
    void refusesAWillThatIsNotPermittedAndDropsOneThatIsNotAnyMore() throws IOException {
        String forbidden = packet(
                "10",
                text("MQTT"),
                "05",
                "c6",
                "003c",
                "00",
                text("ann-1"),
                "00",
                text("other"),
                text("w"),
                text("ann"),
                text("annssecret"));
        try (RawClient client = new RawClient(server.port()).send(forbidden)) {
            assertThat(client.packet().substring(6, 8)).isEqualTo("87");
        }
        String permitted = forbidden.replace(text("other"), text("plant"));
        try (RawClient watcher = ann();
                RawClient client = new RawClient(server.port()).send(permitted.replace(text("ann-1"), text("ann-9")))) {
            watcher.send(subscribe5(1, "plant", 0)).expect("9004 0001 00 00");
            assertThat(client.packet().substring(6, 8)).isEqualTo("00");
            change("ann", "allow SUB topic:plant", "allow SUB client:*");
            client.drop();
            await().untilAsserted(() -> assertThat(server.counted("polymq.mqtt.refused", "reason", "will"))
                    .isEqualTo(1));
            watcher.send(PING).expect(PONG);
        }
    }

    private void change(String user, String... permissions) {
        Answer<User> changed = new Answer<>();
        List<Permission> all =
                java.util.Arrays.stream(permissions).map(Permission::parse).toList();
        server.brokers()
                .forEach(broker -> broker.security()
                        .accounts()
                        .update(user, each -> each.withPermissions(all), Lane.direct(), changed));
        changed.get();
    }

    @Test
    void endsWhatIsNotPermittedAnyMore() throws IOException {
        try (RawClient ann = ann()) {
            ann.send(subscribe5(1, "plant/a", 1)).expect("9004 0001 00 01");

            change("ann", "allow SUB topic:plant/b", "allow SUB client:*");

            assertThat(ann.packet()).startsWith("e0").contains("87");
        }
        try (RawClient ann = ann()) {
            ann.send(unsubscribe5(2, "plant/a")).expect("b004 0002 00 11");
            Answer<Boolean> deleted = new Answer<>();
            server.brokers().forEach(broker -> broker.security().accounts().delete("ann", Lane.direct(), deleted));
            assertThat(ann.packet()).startsWith("e0").contains("87");
        }
    }

    private static String data(byte[] bytes) {
        return "16" + u16(bytes.length) + HexFormat.of().formatHex(bytes);
    }

    /** The value of the authentication data, which stands last in the packet. */
    private static byte[] dataOf(String packet) {
        int at = packet.indexOf(METHOD) + METHOD.length();
        int length = Integer.parseInt(packet.substring(at + 2, at + 6), 16);
        return HexFormat.of().parseHex(packet.substring(at + 6, at + 6 + 2 * length));
    }

    private RawClient scram(ScramClient exchange) throws IOException {
        RawClient client = new RawClient(server.port()).send(connect5("ann-1", true, METHOD, data(exchange.first())));
        String challenge = client.packet();
        assertThat(challenge).startsWith("f0").contains("18");
        return client.send(auth("18", exchange.answer(dataOf(challenge))));
    }

    private static String auth(String reason, byte[] data) {
        return packet("f0", reason, properties(METHOD, data(data)));
    }

    @Test
    @Clauses(v5 = "3.15.2-1 3.15.2-2 3.15.2-3 4.12.0-2 4.12.0-5")
    void authenticatesByScramAndAgainWhileConnected() throws IOException {
        ScramClient first = new ScramClient("ann", "annssecret");
        try (RawClient client = scram(first)) {
            String connAck = client.packet();
            assertThat(connAck.substring(6, 8)).isEqualTo("00");
            assertThat(first.isServers(dataOf(connAck))).isTrue();
            client.send(PING).expect(PONG);

            ScramClient second = new ScramClient("ann", "annssecret");
            client.send(auth("19", second.first())).send(PING);
            String challenge = client.packet();
            client.expect(PONG).send(auth("18", second.answer(dataOf(challenge))));
            String done = client.packet();
            assertThat(done).startsWith("f0");
            assertThat(second.isServers(dataOf(done))).isTrue();
            client.send(PING).expect(PONG);

            ScramClient other = new ScramClient("bob", "bobshidden");
            client.send(auth("19", other.first()));
            client.send(auth("18", other.answer(dataOf(client.packet()))));
            assertThat(client.packet()).startsWith("e0").contains("87");
        }
    }

    @Test
    @Clauses(v5 = "4.12.0-4 4.12.1-2")
    void refusesAWrongProofAnotherMethodAndPacketsInBetween() throws IOException {
        try (RawClient client = scram(new ScramClient("ann", "wrong"))) {
            assertThat(client.packet().substring(6, 8)).isEqualTo("86");
        }
        try (RawClient client = new RawClient(server.port()).send(connect5("ann-1", true, "15" + text("X")))) {
            assertThat(client.packet().substring(6, 8)).isEqualTo("8c");
        }
        ScramClient exchange = new ScramClient("ann", "annssecret");
        try (RawClient client =
                new RawClient(server.port()).send(connect5("ann-1", true, METHOD, data(exchange.first())))) {
            client.packet();
            client.send(PING);
            assertThat(client.packet()).startsWith("20").contains("82");
            client.expectClosed();
        }
        try (RawClient client = ann()) { // [MQTT-4.12.0-7]
            client.send(auth("19", exchange.first()));
            assertThat(client.packet()).startsWith("e0").contains("82");
        }
    }
}
