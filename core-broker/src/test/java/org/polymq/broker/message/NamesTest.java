/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;

class NamesTest {
    private static final String[] NASTY = {
        "%",
        "%25",
        "%2525",
        "%2E",
        "%41",
        "%00",
        "%C3%A9",
        "%C3",
        "%A9",
        "%2F",
        "25",
        "2E",
        "00",
        "E2%82%AC",
        ".",
        "/",
        "//",
        "*",
        ">",
        "%RETRY%",
        "%DLQ%",
        "%RETRY",
        "%25RETRY",
        "%2525DLQ",
        "DLQ%",
        "é",
        "€",
        "\uD83D\uDE00",
        " ",
        "a",
        "_x",
        "$",
        "|",
        "-",
        "\u0001",
        "\u007F",
        "\uFFFF"
    };

    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            value = {
                "a,      a,  none",
                "a/,     a,  ''",
                "a/b/c,  a,  b/c",
                "/a,     '', a",
                "/,      '', ''",
                "a//b,   a,  /b",
                "' ',    ' ', none",
            })
    void splitsACanonicalNameAtItsFirstSlash(String name, String topic, String path) {
        Address address = Names.ofMqtt(name);

        assertThat(address).isEqualTo(new Address(topic, path));
        assertThat(address.name()).isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource({
        "orders,        orders",
        "orders.new,    orders%2Enew",
        "'',            %00",
        "café,          caf%C3%A9",
        "100%,          100%",
        "100%x,         100%x",
        "100%2E,        100%252E",
        "%41,           %41",
        "%25,           %25",
        "%2541,         %2541",
        "%252E,         %25252E",
        "%00,           %2500",
        "%C3,           %C3",
        "%C3%A9,        %25C3%A9",
        "a b,           a%20b",
        "$queue,        %24queue",
        "%RETRY%g,      %RETRY%g",
        "%RETRY%3Dx,    %RETRY%3Dx",
        "%DLQ%g.x,      %DLQ%g%2Ex",
        "%DLQ=x,        %25DLQ%3Dx",
        "%25DLQ=x,      %2525DLQ%3Dx",
    })
    void writesAFirstLevelWithTheCharactersOfRocketMq(String level, String topic) {
        assertThat(Names.toNative(level)).isEqualTo(topic);
        assertThat(Names.levelOfNative(topic)).isEqualTo(level);
    }

    @Test
    void keepsEveryCanonicalNameOnTheWayToNativeAndBack() {
        Seeded.times(15_000, random -> {
            String name = Seeded.text(random, NASTY).replace("+", "").replace("#", "");
            if (name.isEmpty() || tooLong(name)) {
                return;
            }
            Address address = Names.ofMqtt(name);

            assertThat(Names.ofNative(Names.toNative(address.topic()), address.path()))
                    .isEqualTo(address);
        });
    }

    @Test
    void keepsEveryNativeNameOnTheWayToCanonicalAndBack() {
        String[] pieces = {
            "%",
            "%25",
            "%2525",
            "%2E",
            "%41",
            "%00",
            "%C3%A9",
            "%C3",
            "%A9",
            "%2F",
            "%2B",
            "%23",
            "25",
            "2E",
            "00",
            "%E2%82%AC",
            "%ED%A0%80",
            "%F0%9F%98%80",
            "%C0%80",
            "%RETRY%",
            "%DLQ%",
            "%RETRY",
            "%25RETRY",
            "%2525DLQ",
            "DLQ%",
            "%3D",
            "a"
        };
        Seeded.times(15_000, random -> {
            StringBuilder topic = new StringBuilder("ab".substring(random.nextInt(3)));
            for (int i = random.nextInt(6); i > 0; i--) {
                topic.append(pieces[random.nextInt(pieces.length)]);
            }
            if (topic.isEmpty()) {
                return;
            }
            Address address = Names.ofNative(topic.toString(), random.nextBoolean() ? "" : "x%2E/y");

            assertThat(Names.toNative(address.topic())).isEqualTo(topic.toString());
            assertThat(Names.ofMqtt(address.name())).isEqualTo(address);
        });
    }

    @Test
    void keepsEveryCanonicalNameOnTheWayToJmsAndBack() {
        Seeded.times(15_000, random -> {
            String name = Seeded.text(random, NASTY).replace("+", "").replace("#", "");
            if (name.isEmpty() || tooLong(name)) {
                return;
            }
            Address address = Names.ofMqtt(name);

            String jms = Names.toJms(address);

            assertThat(Names.ofJms(jms)).isEqualTo(address);
            assertThat(Names.jmsToFilter(jms)).isEqualTo(name);
        });
    }

    private static boolean tooLong(String name) {
        return NativeTopics.encode(Address.split(name).topic()).length() > Names.MAX_NATIVE;
    }

    @ParameterizedTest
    @CsvSource({
        "a/b/c,       a.b.c",
        "a.b/c,       a%2Eb.c",
        "50%/*,       50%25.%2A",
        "a/>,         a.%3E",
        "/a//b/,      .a..b.",
        "'a b',       'a b'",
    })
    void writesACanonicalNameAsAJmsTopicName(String name, String jms) {
        assertThat(Names.toJms(Names.ofMqtt(name))).isEqualTo(jms);
        assertThat(Names.ofJms(jms).name()).isEqualTo(name);
    }

    @Test
    void readsAPercentThatStartsNoCodeInAJmsNameAsItself() {
        assertThat(Names.ofJms("100%.x%41").name()).isEqualTo("100%/x%41");
    }

    @ParameterizedTest
    @CsvSource({"a.*.c, a/+/c", "a.>, a/#", "*.b, +/b", ">, #", "a.%2A, a/*", "a.b, a/b", "*, +"})
    void readsTheWildcardsOfAJmsSubscription(String jms, String filter) {
        assertThat(Names.jmsToFilter(jms)).isEqualTo(filter);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.*b", "a.>.c", "a>", "a.+", "a.#", "a\0", ""})
    void refusesABadJmsSubscription(String jms) {
        refused(() -> Names.jmsToFilter(jms));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.*", "a.>", "a*", "a+b", "a#", "a\0b", ""})
    void refusesABadJmsTopicToPublishTo(String jms) {
        refused(() -> Names.ofJms(jms));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a+", "a/#", "+", "\0", "a/\uD800", "\uDC00\uD800"})
    void refusesABadMqttTopic(String name) {
        refused(() -> Names.ofMqtt(name));
    }

    @Test
    void refusesWhatIsTooLong() {
        assertThat(Names.toNative("a".repeat(127))).hasSize(127);
        assertThat(Names.ofMqtt("a/" + "é".repeat(30_000)).path()).hasSize(30_000);

        refused(() -> Names.toNative("a".repeat(128)));
        refused(() -> Names.ofMqtt("é".repeat(22)));
        refused(() -> Names.ofMqtt("a/" + "é".repeat(40_000)));
        refused(() -> Names.ofNative("a".repeat(128), null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a.b", "a/b", "a b", "é", "a+", "$a", "a\n"})
    void refusesANativeTopicThatNoClientMaySend(String topic) {
        refused(() -> Names.ofNative(topic, null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"b/+", "#", "b\0"})
    void refusesABadTopicPath(String path) {
        refused(() -> Names.ofNative("a", path));
    }

    @Test
    void refusesANativeMessageWithoutAnyName() {
        assertThat(Names.ofNative("%00", "a").name()).isEqualTo("/a");

        refused(() -> Names.ofNative("%00", null));
    }

    @Test
    void takesAQueuesNameAsItIs() {
        assertThat(Names.ofQueue("orders.new")).isEqualTo(Address.of("orders.new"));
        assertThat(Names.ofQueue("%DLQ%3D-group")).isEqualTo(Address.of("%DLQ%3D-group"));
        assertThat(Names.toNative("%DLQ%3D-group")).isEqualTo("%DLQ%3D-group");

        refused(() -> Names.ofQueue("a/b"));
        refused(() -> Names.ofQueue(""));
        refused(() -> Names.ofQueue("a+"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"%RETRY%g", "%DLQ%g", "RMQ_SYS_TRACE_TOPIC", "DefaultCluster_REPLY_TOPIC", "$SYS", "$queue"})
    void knowsTheNamesOfTheSystem(String level) {
        assertThat(Names.isSystem(level)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "%", "%x", "RETRY", "a$", "RMQ", "BenchmarkTest"})
    void takesOtherNamesForTheUsers(String level) {
        assertThat(Names.isSystem(level)).isFalse();
    }

    @Test
    void namesWhatItRefusesWithoutControlCharacters() {
        assertThatThrownBy(() -> Names.ofMqtt("a\n+")).hasMessage("topic name \"a?+\" holds the wildcard +");
    }

    private static void refused(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        BrokerException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID_NAME));
    }
}
