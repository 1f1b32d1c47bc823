/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.polymq.tck.server.AdminApi;

/**
 * Operation by protocol by who asks: nobody, a user with a wrong password, one without the permission, one with it. The
 * operation has one answer for each of them, whatever the protocol.
 */
class MatrixIT {
    private static final String PASSWORD = "a-good-password";
    private static final String[] PERMISSIONS = {
        "allow PUB,SUB topic:plant/heat/#",
        "allow PUB,SUB,MANAGE topic:heat/#",
        "allow PUB,SUB queue:jobs",
        "allow SUB topic:open/#",
        "allow SUB group:team",
        "allow SUB group:common",
        "allow SUB client:*"
    };

    @RegisterExtension
    static final SecuredServer SERVER = new SecuredServer();

    private static final Map<String, Person> PEOPLE = new LinkedHashMap<>();

    @BeforeAll
    static void makePeople() throws Exception {
        AdminApi admin = SERVER.admin();
        admin.createUser("may", PASSWORD, PERMISSIONS);
        admin.createUser(
                "maynot", PASSWORD, "allow PUB,SUB topic:open/#", "allow SUB group:common", "deny SUB client:device-7");
        admin.createUser("root", PASSWORD, "allow PUB,SUB,MANAGE any:*");
        PEOPLE.put("anonymous", Person.NOBODY);
        PEOPLE.put("may", new Person("may", "may", PASSWORD, admin.createKey("may")));
        PEOPLE.put("maynot", new Person("maynot", "maynot", PASSWORD, admin.createKey("maynot")));
        PEOPLE.put("root", new Person("root", "root", PASSWORD, admin.createKey("root")));
        // What there is: the queue, with a message, and the topics.
        assertThat(new JmsAsker(SERVER.at(), person("root")).sendToQueue("jobs"))
                .isEqualTo(Verdict.DONE);
        assertThat(new NativeAsker(SERVER.at(), person("root")).send("heat", "x"))
                .isEqualTo(Verdict.DONE);
        assertThat(new NativeAsker(SERVER.at(), person("root")).send("open", "x"))
                .isEqualTo(Verdict.DONE);
    }

    private static Person person(String name) {
        return java.util.Objects.requireNonNull(PEOPLE.get(name));
    }

    /** One operation in one protocol. */
    interface Ask {
        Verdict by(Person who) throws Exception;
    }

    /** An operation: what it is in each protocol that has it. */
    record Operation(String name, Map<String, Ask> in, String resource) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static MqttAsker mqtt(Person who) {
        return new MqttAsker(SERVER.at(), who);
    }

    private static JmsAsker jms(Person who) {
        return new JmsAsker(SERVER.at(), who);
    }

    private static NativeAsker rocketmq(Person who) {
        return new NativeAsker(SERVER.at(), who);
    }

    private static Operation operation(String name, String resource, Object... protocolsAndAsks) {
        Map<String, Ask> in = new LinkedHashMap<>();
        for (int i = 0; i < protocolsAndAsks.length; i += 2) {
            in.put((String) protocolsAndAsks[i], (Ask) protocolsAndAsks[i + 1]);
        }
        return new Operation(name, in, resource);
    }

    static Stream<Operation> operations() {
        return Stream.of(
                operation(
                        "publish to a topic",
                        "topic heat/7",
                        "mqtt",
                        (Ask) who -> mqtt(who).publish("heat/7"),
                        "jms",
                        (Ask) who -> jms(who).sendToTopic("heat.7"),
                        "native",
                        (Ask) who -> rocketmq(who).send("heat", "7")),
                operation(
                        "publish in a transaction",
                        "topic heat/7",
                        "jms",
                        (Ask) who -> jms(who).commit("heat.7"),
                        "native",
                        (Ask) who -> rocketmq(who).sendHalf("heat", "7")),
                operation(
                        "publish a retained message",
                        "topic heat/7",
                        "mqtt",
                        (Ask) who -> mqtt(who).publishRetained("heat/7"),
                        "jms",
                        (Ask) who -> jms(who).sendRetained("heat.7"),
                        "native",
                        (Ask) who -> rocketmq(who).sendRetained("heat", "7")),
                operation("leave a will", "topic heat/7", "mqtt", (Ask)
                        who -> mqtt(who).connectWithWill("heat/7")),
                operation(
                        "send to a queue",
                        "queue jobs",
                        "mqtt",
                        (Ask) who -> mqtt(who).publish("$queue/jobs"),
                        "jms",
                        (Ask) who -> jms(who).sendToQueue("jobs"),
                        "native",
                        (Ask) who -> rocketmq(who).sendToQueue("jobs")),
                operation(
                        "subscribe to one topic",
                        "topic heat/7",
                        "mqtt",
                        (Ask) who -> mqtt(who).subscribe("heat/7"),
                        "jms",
                        (Ask) who -> jms(who).consumeTopic("heat.7")),
                operation(
                        "subscribe to everything below",
                        "topic heat/#",
                        "mqtt",
                        (Ask) who -> mqtt(who).subscribe("heat/#"),
                        "jms",
                        (Ask) who -> jms(who).consumeTopic("heat.>"),
                        "native",
                        (Ask) who -> rocketmq(who).pull("heat", "common")),
                operation(
                        "subscribe to a part that is permitted of a whole that is not",
                        "topic plant/heat/+",
                        "mqtt",
                        (Ask) who -> mqtt(who).subscribe("plant/heat/+"),
                        "jms",
                        (Ask) who -> jms(who).consumeTopic("plant.heat.*")),
                operation(
                        "share a subscription",
                        "group team",
                        "mqtt",
                        (Ask) who -> mqtt(who).subscribe("$share/team/open/7"),
                        "jms",
                        (Ask) who -> jms(who).share("open.7", "team"),
                        "native",
                        (Ask) who -> rocketmq(who).heartbeat("device-1", "team", "open")),
                operation(
                        "consume from a queue",
                        "queue jobs",
                        "mqtt",
                        (Ask) who -> mqtt(who).subscribe("$queue/jobs"),
                        "jms",
                        (Ask) who -> jms(who).consumeQueue("jobs"),
                        "native",
                        (Ask) who -> rocketmq(who).pop("jobs", "%QUEUE%jobs")),
                operation("browse a queue", "queue jobs", "jms", (Ask) who -> jms(who).browse("jobs")),
                operation(
                        "connect with a client id",
                        "client device-7",
                        "mqtt",
                        (Ask) who -> mqtt(who).connect("device-7"),
                        "jms",
                        (Ask) who -> jms(who).useClientId("device-7"),
                        "native",
                        (Ask) who -> rocketmq(who).heartbeat("device-7")),
                operation("make a topic", "topic heat/#", "native", (Ask)
                        who -> rocketmq(who).createTopic("heat")));
    }

    @ParameterizedTest
    @MethodSource("operations")
    void eachOperationHasOneAnswerInEveryProtocol(Operation operation) throws Exception {
        List<String> wrong = new ArrayList<>();
        int row = operations().map(Operation::name).toList().indexOf(operation.name());
        for (Map.Entry<String, Ask> cell : operation.in().entrySet()) {
            String protocol = cell.getKey();
            Ask ask = cell.getValue();
            long before = SERVER.audit().count("denied", "maynot", protocol);
            expect(wrong, cell, person("anonymous"), ask, Verdict.NOT_AUTHENTICATED);
            expect(wrong, cell, wrongPassword(protocol, row), ask, Verdict.NOT_AUTHENTICATED);
            expect(wrong, cell, person("maynot"), ask, Verdict.NO_PERMISSION);
            expect(wrong, cell, person("may"), ask, Verdict.DONE);
            await().untilAsserted(() -> assertThat(SERVER.audit().all().stream()
                            .filter(line -> line.event().equals("denied")
                                    && line.user().equals("maynot")
                                    && line.protocol().equals(protocol))
                            .skip(before))
                    .as("audit lines of the denial in %s", protocol)
                    .isNotEmpty()
                    .anyMatch(line -> line.rest().contains(operation.resource())));
        }

        assertThat(wrong).as(operation.name()).isEmpty();
    }

    /** Five failures of one user make it wait: each protocol and row has a user of its own. */
    private static Person wrongPassword(String protocol, int row) throws IOException {
        String user = "wrong-" + protocol + "-" + row;
        SERVER.admin().createUser(user, PASSWORD, PERMISSIONS);
        AdminApi.Key key = SERVER.admin().createKey(user);
        return new Person("wrong password", user, "a-wrong-password", new AdminApi.Key(key.id(), "wrong"));
    }

    private static void expect(List<String> wrong, Map.Entry<String, Ask> cell, Person who, Ask ask, Verdict expected)
            throws Exception {
        Verdict said = ask.by(who);
        if (said != expected) {
            wrong.add(cell.getKey() + " for " + who + ": " + said + ", not " + expected);
        }
    }

    @Test
    void routesAreForUsersAlone() throws Exception {
        assertThat(rocketmq(Person.NOBODY).route("heat")).isEqualTo(Verdict.NOT_AUTHENTICATED);
        assertThat(rocketmq(person("maynot")).route("heat")).isEqualTo(Verdict.DONE);
    }

    @Test
    void temporaryDestinationsAreForEveryUserAndForNobodyElse() throws Exception {
        assertThat(jms(person("may")).replyToTemporary()).isEqualTo(Verdict.DONE);
        assertThat(jms(person("maynot")).replyToTemporary()).isEqualTo(Verdict.DONE);
        assertThat(jms(Person.NOBODY).replyToTemporary()).isEqualTo(Verdict.NOT_AUTHENTICATED);
    }

    @Test
    void whoMayReadAPartMayNotReadTheWhole() throws Exception {
        Person part = person("may");
        assertThat(mqtt(part).subscribe("plant/#")).isEqualTo(Verdict.NO_PERMISSION);
        assertThat(jms(part).consumeTopic("plant.>")).isEqualTo(Verdict.NO_PERMISSION);
        assertThat(rocketmq(part).pull("plant", "common")).isEqualTo(Verdict.NO_PERMISSION);
        assertThat(mqtt(part).subscribe("#")).isEqualTo(Verdict.NO_PERMISSION);
        assertThat(jms(part).consumeTopic(">")).isEqualTo(Verdict.NO_PERMISSION);
    }

    @Test
    void theAdminApiIsForAdministrators() throws Exception {
        String url = "users";
        assertThat(AdminApi.as(SERVER.at(), "may", PASSWORD)
                        .call("GET", url, "")
                        .status())
                .isEqualTo(403);
        assertThat(AdminApi.as(SERVER.at(), "may", "wrong").call("GET", url, "").status())
                .isEqualTo(401);
        assertThat(AdminApi.with(SERVER.at(), "no.such.token")
                        .call("GET", url, "")
                        .status())
                .isEqualTo(401);
        assertThat(AdminApi.as(SERVER.at(), "root", PASSWORD)
                        .call("GET", url, "")
                        .status())
                .isEqualTo(200);
        await().untilAsserted(() -> {
            assertThat(SERVER.audit().count("denied", "may", "http")).isEqualTo(1);
            assertThat(SERVER.audit().count("login_failed", "may", "http")).isEqualTo(1);
        });
    }
}
