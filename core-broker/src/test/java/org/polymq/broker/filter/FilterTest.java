/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;

/** Jakarta Messaging 3.1, 3.8.1, example by example, and what RocketMQ adds. */
class FilterTest {
    /** Values as a test gives them. */
    record Values(Map<String, Object> values, boolean looselyTyped) implements Attributes {
        static Values of(Object... namesAndValues) {
            Map<String, Object> values = new HashMap<>();
            for (int i = 0; i < namesAndValues.length; i += 2) {
                values.put((String) namesAndValues[i], namesAndValues[i + 1]);
            }
            return new Values(values, false);
        }

        Values loose() {
            return new Values(values, true);
        }

        @Override
        public @Nullable Object get(String name) {
            return values.get(name);
        }
    }

    private static final Values NONE = Values.of();

    private static boolean matches(String filter, Attributes attributes) {
        return Filter.compile(filter).matches(attributes);
    }

    @Test
    void selectsByTypeColorAndWeight() {
        String selector = "JMSType = 'car' AND color = 'blue' AND weight > 2500";
        Values car = Values.of("JMSType", "car", "color", "blue", "weight", 2501);
        assertThat(matches(selector, car)).isTrue();
        assertThat(matches(selector, Values.of("JMSType", "car", "color", "blue", "weight", 2500L)))
                .isFalse();
        assertThat(matches(selector, Values.of("JMSType", "car", "color", "Blue", "weight", 2600)))
                .isFalse();
    }

    @Test
    void aStringLiteralHasItsQuoteDoubled() {
        assertThat(matches("a = 'literal''s'", Values.of("a", "literal's"))).isTrue();
        assertThat(matches("a = ''", Values.of("a", ""))).isTrue();
        assertThat(matches("a = ''''", Values.of("a", "'"))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "57 = 57",
                "-957 < 0",
                "+62 = 62",
                "0x1F = 31",
                "017 = 15",
                "7L = 7",
                "7E3 = 7000",
                "-57.9E2 = -5790",
                "7. = 7",
                "-95.7 < -95",
                "+6.2 > 6",
                ".5 = 0.5",
                "1f = 1",
                "1.5d = 1.5",
                "0xFFFFFFFFFFFFFFFF = -1",
                "0b101 = 5",
                "9223372036854775807 > 0",
                "-9223372036854775808 < 0",
                "- 9223372036854775808 < 0",
                "--1 = 1",
                "TRUE",
                "NOT FALSE",
                "true or false",
                "(TRUE)",
                "1 + 2 * 3 = 7",
                "(1 + 2) * 3 = 9",
                "7 / 2 = 3",
                "7.0 / 2 = 3.5",
                "10 - 2 - 3 = 5",
                "2 - -2 = 4",
                "TRUE = TRUE",
                "(1 = 1) = TRUE",
                "1 = 1.0",
                "NOT (1 = 2)",
                "NOT NOT TRUE",
                "FALSE OR FALSE OR TRUE",
                "TRUE AND TRUE AND TRUE",
                "FALSE AND FALSE OR TRUE",
                "5 BETWEEN 5 AND 6",
                "NOT 5 BETWEEN 6 AND 5",
                "5 NOT BETWEEN 6 AND 9",
                "1 <> 2",
                "'a' <> 'b'",
                "'a' = 'a'",
                "0.0 = -0.0"
            })
    void constantConditionsThatAreTrue(String filter) {
        assertThat(matches(filter, NONE)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1 = 2",
                "FALSE",
                "NOT TRUE",
                "'a' = 'b'",
                "'1' = 1",
                "'1' <> 1",
                "1 / 0 = 1",
                "1 / 0 <> 1",
                "TRUE AND FALSE",
                "5 BETWEEN 6 AND 5",
                "1 > 1"
            })
    void constantConditionsThatAreNotTrue(String filter) {
        assertThat(matches(filter, NONE)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "a =",
                "= a",
                "a == 1",
                "a != 1",
                "a = 'x",
                "a = \"x\"",
                "a LIKE 5",
                "a LIKE 'x' ESCAPE 'xy'",
                "a LIKE 'x' ESCAPE ''",
                "a LIKE 'xy' ESCAPE 'y'",
                "5 LIKE 'x'",
                "'x' LIKE 'x'",
                "a IN ()",
                "a IN (1)",
                "a IN 'x'",
                "a IN ('x'",
                "a IN ('x',)",
                "5 IN ('x')",
                "a BETWEEN 1",
                "a BETWEEN 1 AND",
                "a BETWEEN 'x' AND 'z'",
                "a IS 5",
                "a IS NOT",
                "5 IS NULL",
                "a NOT 5",
                "a NOT = 5",
                "(a = 1",
                "a = 1)",
                "a = 1 b",
                "a = 1 AND",
                "OR a = 1",
                "NOT",
                "5",
                "'text'",
                "1 + 1",
                "a AND 5",
                "'x' OR a",
                "NOT 5",
                "NOT 'x'",
                "a + 'x' = 1",
                "TRUE + 1 = 2",
                "-'x' = 1",
                "a < 'x'",
                "TRUE > a",
                "a = NULL",
                "a <> NULL",
                "NULL",
                "select = 1 from",
                "AND = 1",
                "like = 1",
                "12abc = 1",
                "1a",
                "08 = 8",
                "9223372036854775808 = 1",
                "0x10000000000000000 = 1",
                "1e999 = 1",
                "99999999999999999999999999999 = 1",
                "TRUE = 0",
                "FALSE = 'x'",
                "1 = (a > 2)",
                "a # 1",
                "a = 1;",
                "a-b",
                "a.b = 1",
                "a = 1 = 1",
                "JMSDestination = 'x'",
                "JMSReplyTo IS NULL",
                "JMSExpiration = 0",
                "JMSRedelivered = TRUE",
                "JMSDeliveryTime > 0",
                "a CONTAINS 5",
                "a STARTSWITH",
                "a = ?",
                "\u0000"
            })
    void refusesWhatDoesNotParse(String filter) {
        assertThatThrownBy(() -> Filter.compile(filter))
                .isInstanceOfSatisfying(
                        BrokerException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID_SELECTOR));
    }

    @Test
    void betweenIsTwoComparisons() {
        String in = "age BETWEEN 15 AND 19";
        String out = "age NOT BETWEEN 15 AND 19";
        for (int age : new int[] {14, 15, 19, 20}) {
            boolean inside = age >= 15 && age <= 19;
            assertThat(matches(in, Values.of("age", age))).isEqualTo(inside);
            assertThat(matches(out, Values.of("age", age))).isEqualTo(!inside);
        }
        assertThat(matches(in, NONE)).isFalse();
        assertThat(matches(out, NONE)).isFalse();
        assertThat(matches("age BETWEEN low AND 5 OR TRUE", Values.of("age", 6)))
                .isTrue();
        assertThat(matches("NOT (age BETWEEN low AND 5)", Values.of("age", 6))).isTrue();
    }

    @Test
    void inIsTrueForOneOfTheWordsAndUnknownForNothing() {
        String in = "Country IN (' UK', 'US', 'France')";
        String out = "Country NOT IN (' UK', 'US', 'France')";
        assertThat(matches(in, Values.of("Country", "US"))).isTrue();
        assertThat(matches(in, Values.of("Country", " UK"))).isTrue();
        assertThat(matches(in, Values.of("Country", "Peru"))).isFalse();
        assertThat(matches(out, Values.of("Country", "Peru"))).isTrue();
        assertThat(matches(in, NONE) || matches(out, NONE)).isFalse();
        assertThat(matches("NOT " + in, NONE)).isFalse();
        assertThat(matches(in, Values.of("Country", 5)) || matches(out, Values.of("Country", 5)))
                .isFalse();
    }

    @Test
    void likeHasWildcardsAndAnEscapeCharacter() {
        assertThat(matches("phone LIKE '12%3'", Values.of("phone", "123"))).isTrue();
        assertThat(matches("phone LIKE '12%3'", Values.of("phone", "12993"))).isTrue();
        assertThat(matches("phone LIKE '12%3'", Values.of("phone", "1234"))).isFalse();
        assertThat(matches("word LIKE 'l_se'", Values.of("word", "lose"))).isTrue();
        assertThat(matches("word LIKE 'l_se'", Values.of("word", "loose"))).isFalse();
        assertThat(matches("underscored LIKE '\\_%' ESCAPE '\\'", Values.of("underscored", "_foo")))
                .isTrue();
        assertThat(matches("underscored LIKE '\\_%' ESCAPE '\\'", Values.of("underscored", "bar")))
                .isFalse();
        assertThat(matches("phone NOT LIKE '12%3'", Values.of("phone", "1234"))).isTrue();
        assertThat(matches("phone NOT LIKE '12%3'", NONE)).isFalse();
        assertThat(matches("a LIKE '%'", Values.of("a", ""))).isTrue();
        assertThat(matches("a LIKE ''", Values.of("a", ""))).isTrue();
        assertThat(matches("a LIKE ''", Values.of("a", "x"))).isFalse();
        assertThat(matches("a LIKE '%a%_b%c'", Values.of("a", "xxa_bb..c"))).isTrue();
        assertThat(matches("a LIKE 'ab%ba'", Values.of("a", "aba"))).isFalse();
        assertThat(matches("a LIKE '5!%' ESCAPE '!'", Values.of("a", "5%"))).isTrue();
        assertThat(matches("a LIKE '5!%' ESCAPE '!'", Values.of("a", "50"))).isFalse();
        assertThat(matches("a LIKE '5'", Values.of("a", 5))).isFalse();
        assertThat(matches("a NOT LIKE '5'", Values.of("a", 5))).isFalse();
    }

    @Test
    void nullTestsLookAtPresence() {
        assertThat(matches("prop_name IS NULL", NONE)).isTrue();
        assertThat(matches("prop_name IS NOT NULL", NONE)).isFalse();
        assertThat(matches("prop_name IS NULL", Values.of("prop_name", ""))).isFalse();
        assertThat(matches("prop_name is not null", Values.of("prop_name", 0))).isTrue();
    }

    @Test
    void logicHasThreeValues() {
        Values values = Values.of("t", true, "f", false);
        assertThat(Stream.of("t AND t", "t OR f", "t OR u", "u OR t", "NOT f", "NOT (f AND u)", "NOT (u AND f)"))
                .allMatch(filter -> matches(filter, values));
        assertThat(Stream.of(
                        "u",
                        "NOT u",
                        "t AND u",
                        "u AND t",
                        "NOT (t AND u)",
                        "f OR u",
                        "NOT (f OR u)",
                        "u OR u",
                        "u = u",
                        "u <> u",
                        "u = 1",
                        "NOT u = 1",
                        "u > 1",
                        "u + 1 = u + 1",
                        "-u = 1",
                        "u = TRUE"))
                .noneMatch(filter -> matches(filter, values));
    }

    @Test
    void valuesOfDifferentTypesAreNeitherEqualNorDifferent() {
        Values values = Values.of("NumberOfOrders", "2", "b", true, "n", 2);
        assertThat(Stream.of(
                        "NumberOfOrders = 2",
                        "NumberOfOrders <> 2",
                        "NumberOfOrders > 1",
                        "b = 'true'",
                        "b <> 1",
                        "n = '2'",
                        "n = TRUE",
                        "NumberOfOrders + 0 = 2",
                        "n AND TRUE",
                        "NOT NumberOfOrders"))
                .noneMatch(filter -> matches(filter, values));
        assertThat(matches("NOT NumberOfOrders = 2", values)).isTrue();
    }

    @Test
    void numbersOfAllTypesAreComparedByValue() {
        Values values = Values.of(
                "b",
                (byte) 1,
                "s",
                (short) 1,
                "i",
                1,
                "l",
                1L,
                "f",
                1f,
                "d",
                1d,
                "big",
                Long.MAX_VALUE,
                "nan",
                Double.NaN);
        assertThat(Stream.of(
                        "b = s",
                        "s = i",
                        "i = l",
                        "l = f",
                        "f = d",
                        "d = b",
                        "big = 9223372036854775807",
                        "big <> 9223372036854775806",
                        "nan <> nan",
                        "b + s + i + l = 4"))
                .allMatch(filter -> matches(filter, values));
        assertThat(matches("nan = nan OR nan > 0 OR nan <= 0", values)).isFalse();
    }

    @Test
    void namesAreCaseSensitiveAndKeywordsAreNot() {
        assertThat(matches("Color = 'red' and not COLOR = 'red' Or FALSE", Values.of("Color", "red", "COLOR", "x")))
                .isTrue();
        assertThat(matches("$a_1 = 1 AND _b = 2 AND größe = 3", Values.of("$a_1", 1, "_b", 2, "größe", 3)))
                .isTrue();
        assertThat(matches("contains CONTAINS 'a' AND endswith IS NULL", Values.of("contains", "bad")))
                .isTrue();
    }

    @Test
    void whatRocketMqAddsLooksForText() {
        Values values = Values.of("a", "hello");
        assertThat(Stream.of(
                        "a CONTAINS 'ell'",
                        "a STARTSWITH 'he'",
                        "a ENDSWITH 'lo'",
                        "a NOT CONTAINS 'x'",
                        "a NOT STARTSWITH 'lo'",
                        "a NOT ENDSWITH 'he'",
                        "a contains ''",
                        "a STARTSWITH 'hello'",
                        "a ENDSWITH 'hello'"))
                .allMatch(filter -> matches(filter, values));
        assertThat(Stream.of("a CONTAINS 'elo'", "a STARTSWITH 'hello!'", "u CONTAINS 'x'", "u NOT CONTAINS 'x'"))
                .noneMatch(filter -> matches(filter, values));
        assertThat(matches(
                        "(TAGS is not null and TAGS in ('TagA', 'TagB')) and (a is not null and a between 0 and 3)",
                        Values.of("TAGS", "TagB", "a", "3").loose()))
                .isTrue();
    }

    @Test
    void textOfUntypedProtocolsIsComparedAsWhatStandsBesideIt() {
        Values values = Values.of("a", "10", "b", "9", "t", "True", "w", "ten", "e", "1e1", "x", "0x1")
                .loose();
        assertThat(Stream.of(
                        "a = 10",
                        "a > 9",
                        "a <> 9",
                        "a + 1 = 11",
                        "a = 10.0",
                        "e = 10",
                        "a > b",
                        "t = TRUE",
                        "t",
                        "a = '10'",
                        "t <> FALSE",
                        "a BETWEEN 9 AND 11",
                        "-a = -10",
                        "NOT w = 10"))
                .allMatch(filter -> matches(filter, values));
        assertThat(Stream.of("w = 10", "w <> 10", "w > 1", "w = TRUE", "x = 1", "a = '10.0'", "w", "NOT w", "a = TRUE"))
                .noneMatch(filter -> matches(filter, values));
    }

    @Test
    void refusesWhatIsTooLongOrTooDeep() {
        String long100k = "a = '" + "x".repeat(100_000) + "'";
        String deep = "(".repeat(10_000) + "a = 1" + ")".repeat(10_000);
        String deepest = "(".repeat(Filter.MAX_DEPTH) + "a = 1" + ")".repeat(Filter.MAX_DEPTH);
        for (String filter : new String[] {long100k, deep, "(" + deepest + ")", "(".repeat(30_000)}) {
            assertThatThrownBy(() -> Filter.compile(filter))
                    .isInstanceOfSatisfying(
                            BrokerException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID_SELECTOR))
                    .hasMessageMatching("(?s).{1,300}");
        }
        assertThat(matches(deepest, Values.of("a", 1))).isTrue();
    }

    @Test
    void longChainsNeedNoStack() {
        String or = "a = 1" + " OR a = 1".repeat(3_000);
        String sum = "a = 1" + " + 1".repeat(8_000);
        String not = "NOT ".repeat(8_000) + "a = 1";
        String signs = "a = " + "- ".repeat(16_000) + "1";
        for (String filter : new String[] {or, sum, not, signs}) {
            assertThat(matches(filter, Values.of("a", filter.equals(sum) ? 8_001 : 1)))
                    .isTrue();
        }
    }

    @Test
    void namesThePlace() {
        assertThatThrownBy(() -> Filter.compile("color = 'red' AND weight >"))
                .hasMessage("selector, at character 27: expected a name, a value or '(', found the end");
    }
}
