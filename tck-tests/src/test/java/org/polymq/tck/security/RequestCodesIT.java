/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.polymq.tck.security.RequestCodes.Need;
import org.polymq.tck.security.RequestCodes.Row;
import org.polymq.tck.server.AdminApi;
import org.polymq.tck.server.NativeFrames;
import org.polymq.tck.server.NativeFrames.Answer;

/**
 * Every request code that the broker and the name server answer, sent by nobody, with a wrong signature, by users
 * without the permission and by the user that has it and no other.
 *
 * <p>CVE-2023-33246, CVE-2023-37582, CVE-2024-23321: codes of RocketMQ that anybody could send.
 */
class RequestCodesIT {
    private static final int NOT_SUPPORTED = 3;
    private static final int NO_PERMISSION = 16;
    /** Fewer than the failures after which logins of one address have to wait. */
    private static final int TRIES_OF_AN_ADDRESS = 4;

    @RegisterExtension
    static final SecuredServer SERVER = new SecuredServer();

    private static final Map<Need, AdminApi.Key> KEYS = new EnumMap<>(Need.class);
    private static int address;

    @BeforeAll
    static void makeUsers() throws IOException {
        String topic = " topic:" + RequestCodes.NAME + "/#";
        user(Need.PUBLISH, "allow PUB" + topic);
        user(Need.CONSUME, "allow SUB" + topic, "allow SUB group:" + RequestCodes.NAME);
        user(Need.MANAGE_TOPIC, "allow MANAGE" + topic);
        user(Need.MANAGE_GROUP, "allow MANAGE group:" + RequestCodes.NAME);
        user(Need.MANAGE_CLUSTER, "allow MANAGE cluster:*");
        user(Need.LOGIN, "allow PUB,SUB,MANAGE topic:open/#", "allow SUB,MANAGE group:open");
    }

    private static void user(Need need, String... permissions) throws IOException {
        SERVER.admin().createUser(name(need), "a-good-password", permissions);
        KEYS.put(need, SERVER.admin().createKey(name(need)));
    }

    private static String name(Need need) {
        return need.name().toLowerCase(java.util.Locale.ROOT);
    }

    private static AdminApi.Key key(Need need) {
        return java.util.Objects.requireNonNull(KEYS.get(need));
    }

    @Test
    void everyCodeOfTheBrokerIsForThoseWhoMaySendIt() throws Exception {
        check(SERVER.at().nativePort(), RequestCodes.ofBroker(), "native");
    }

    @Test
    void everyCodeOfTheNameServerIsForThoseWhoMaySendIt() throws Exception {
        check(SERVER.at().nameServer(), RequestCodes.ofNameServer(), "nameserver");
    }

    private static void check(String server, Map<Integer, Row> rows, String protocol) throws Exception {
        Set<Integer> served = served(server);
        assertThat(rows.keySet())
                .as("a code that is answered has a row in RequestCodes")
                .containsAll(served);
        assertThat(served).hasSizeGreaterThan(40);
        long position = store();

        List<String> wrong = new ArrayList<>();
        int badLogins = 0;
        Map<Need, Integer> denied = new EnumMap<>(Need.class);
        try (NativeFrames asked = new NativeFrames(server)) {
            NativeFrames stranger = new NativeFrames(server, nextAddress());
            for (Row row : rows.values()) {
                if (!served.contains(row.code())) {
                    continue;
                }
                Answer nobody = ask(asked, row, position, null);
                expect(wrong, row, "nobody", nobody, NO_PERMISSION, "credentials are required");

                if (badLogins % TRIES_OF_AN_ADDRESS == 0) {
                    stranger.close();
                    stranger = new NativeFrames(server, nextAddress());
                }
                AdminApi.Key forged = new AdminApi.Key(key(row.need()).id(), "a wrong secret");
                expect(wrong, row, "wrong", ask(stranger, row, position, forged), NO_PERMISSION, "wrong access key");
                badLogins++;

                for (Need other : Need.values()) {
                    if (other != row.need() && row.need() != Need.LOGIN) {
                        Answer answer = ask(asked, row, position, key(other));
                        expect(wrong, row, name(other), answer, NO_PERMISSION, "may not");
                        denied.merge(other, 1, Integer::sum);
                    }
                }
            }
            stranger.close();
            for (Row row : rows.values()) {
                if (served.contains(row.code())) {
                    Answer permitted = ask(asked, row, position, key(row.need()));
                    if (permitted.code() == NO_PERMISSION) {
                        wrong.add(row + " is refused to the user who may: " + permitted.header());
                    }
                }
            }
        }

        assertThat(wrong).isEmpty();
        int expected = badLogins;
        await().untilAsserted(() -> {
            AuditLines audit = SERVER.audit();
            denied.forEach((need, count) -> assertThat(audit.count("denied", name(need), protocol))
                    .as("denials of %s", need)
                    .isEqualTo(count.longValue()));
            assertThat(audit.all().stream()
                            .filter(line -> line.event().equals("login_failed")
                                    && line.protocol().equals(protocol)
                                    && line.what().startsWith("wrong access key")))
                    .hasSize(expected);
        });
    }

    private static String nextAddress() {
        address++;
        return "127.1." + address / 200 + "." + (1 + address % 200);
    }

    private static Answer ask(NativeFrames client, Row row, long position, AdminApi.@Nullable Key key)
            throws IOException {
        Map<String, String> fields = RequestCodes.fields(row.code(), position);
        fields.put("m", Boolean.toString(row.code() == 320));
        return client.ask(row.code(), fields, RequestCodes.body(row.code()), key);
    }

    private static void expect(List<String> wrong, Row row, String who, Answer answer, int code, String words) {
        if (answer.code() != code || !answer.header().contains(words)) {
            wrong.add(row + " of " + who + " is answered " + answer.header());
        }
    }

    /** The codes that are not answered with "not supported". */
    private static Set<Integer> served(String server) throws IOException {
        Set<Integer> served = new TreeSet<>();
        int[] codes = RequestCodes.candidates().toArray();
        int batch = 100;
        try (NativeFrames client = new NativeFrames(server)) {
            for (int from = 0; from < codes.length; from += batch) {
                int end = Math.min(codes.length, from + batch);
                for (int i = from; i < end; i++) {
                    client.send(codes[i], Map.of(), new byte[0], null);
                }
                for (int i = from; i < end; i++) {
                    if (client.next().code() != NOT_SUPPORTED) {
                        served.add(codes[i]);
                    }
                }
            }
        }
        return served;
    }

    /** Stores a message and returns its log position. */
    private static long store() throws IOException {
        try (NativeFrames client = new NativeFrames(SERVER.at().nativePort())) {
            Answer sent = client.ask(10, RequestCodes.fields(10, 0), new byte[] {1}, key(Need.PUBLISH));
            assertThat(sent.code()).as(sent.header()).isZero();
            String id = sent.header().replaceAll(".*\"msgId\":\"([^\"]*)\".*", "$1");
            return Long.parseLong(id.substring(id.length() - 16), 16);
        }
    }
}
