/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.polymq.broker.BrokerException;

class TopicFilterTest {
    @ParameterizedTest
    @CsvSource({
        "a,a",
        "a/b,a/b",
        "#,a",
        "#,a/b/c",
        "#,/",
        "a/#,a",
        "a/#,a/",
        "a/#,a/b/c",
        "+,a",
        "+/+,a/b",
        "+/+,/a",
        "/+,/a",
        "+/+,/",
        "a/+/c,a/b/c",
        "a/+/c,a//c",
        "a/+/#,a/b",
        "+/#,a",
        "$SYS/#,$SYS/x",
        "$SYS/+,$SYS/x",
        "a/+,a/$x",
        "%RETRY%g,%RETRY%g"
    })
    void matches(String filter, String name) {
        assertThat(TopicFilter.of(filter).matches(name)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "a,b",
        "a,a/b",
        "a/b,a",
        "a/#,ab",
        "a/#,b/a",
        "+,a/b",
        "+,/a",
        "a/+,a",
        "a/+,a/b/c",
        "a/+/c,a/b/d",
        "a/+/#,a",
        "a,A",
        "#,$SYS/x",
        "+/x,$SYS/x",
        "#,%RETRY%g",
        "+,%DLQ%g",
        "#,RMQ_SYS_X",
        "+/b,C_REPLY_TOPIC/b"
    })
    void doesNotMatch(String filter, String name) {
        assertThat(TopicFilter.of(filter).matches(name)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a+", "+a", "a/#/b", "#/a", "a#", "##", "++", "a/b+/c", "a\0", "\uD800", "a/#b"})
    void refuses(String filter) {
        assertThatThrownBy(() -> TopicFilter.of(filter)).isInstanceOf(BrokerException.class);
    }

    @Test
    void agreesWithMatchingLevelByLevel() {
        String[] pieces = {"a", "b", "/", "+", "#", "$"};
        Seeded.times(15_000, random -> {
            String filter = Seeded.text(random, pieces).replaceAll("[^ab/+#$]", "a");
            String name = Seeded.text(random, pieces).replaceAll("[^ab/$]", "b");
            if (name.isEmpty() || !isValid(filter)) {
                return;
            }
            assertThat(TopicFilter.of(filter).matches(name))
                    .as("%s against %s", filter, name)
                    .isEqualTo(slowly(filter, name));
        });
    }

    private static boolean isValid(String filter) {
        return filter.matches("(?:[^+#/]*|\\+)(?:/(?:[^+#/]*|\\+))*(?:/#)?|#") && !filter.isEmpty();
    }

    private static boolean slowly(String filter, String name) {
        boolean wild = filter.startsWith("+") || filter.startsWith("#");
        String regex =
                ("/" + filter).replace("$", "\\$").replace("/+", "/[^/]*").replaceAll("/#$", "(?:/.*)?");
        return ("/" + name).matches(regex) && !(wild && name.startsWith("$"));
    }

    @Test
    void tellsItsFirstLevel() {
        assertThat(TopicFilter.of("a/+").firstLevel()).isEqualTo("a");
        assertThat(TopicFilter.of("/a").firstLevel()).isEmpty();
        assertThat(TopicFilter.of("+/a").firstLevel()).isNull();
        assertThat(TopicFilter.of("#").firstLevel()).isNull();
    }
}
