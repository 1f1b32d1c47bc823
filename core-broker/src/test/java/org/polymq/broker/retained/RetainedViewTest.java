/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.retained;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.polymq.broker.disk.DiskMap;
import org.polymq.broker.disk.NeededPositions;
import org.polymq.broker.retained.RetainedView.Retained;

class RetainedViewTest {
    @TempDir
    private Path directory;

    private RetainedView view;

    @BeforeEach
    void fill() {
        DiskMap map = new DiskMap(directory, 32 << 20);
        view = new RetainedView(map, new NeededPositions(map));
        long position = 0;
        for (String name : List.of("a", "a/b", "a/b/c", "a/", "/a", "$SYS/x")) {
            view.set(name, position++);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a | a",
                "a/# | a a/b a/b/c a/",
                "# | a a/b a/b/c a/ /a",
                "+ | a",
                "+/b | a/b",
                "+/+ | a/b a/ /a",
                "$SYS/# | $SYS/x",
                "/+ | /a",
                "a/+/c | a/b/c",
                "x | ''",
            })
    void findsTheNamesThatAFilterMatches(String filter, String names) {
        assertThat(view.matching(filter))
                .extracting(Retained::name)
                .containsExactlyInAnyOrderElementsOf(names.isEmpty() ? List.of() : List.of(names.split(" ")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"#", "+/#", "a/#", "+/+", "+", "+/b", "a/+/c", "$SYS/#", "a", "/+", "x"})
    void goesOnWhereASearchEnded(String filter) {
        view.set("a b/x", 10);
        view.set("ab/b", 11);
        List<Retained> whole = view.matching(filter);
        for (int limit = 1; limit <= 3; limit++) {
            List<Retained> parts = new ArrayList<>();
            List<Retained> part = view.matching(filter, null, limit);
            while (!part.isEmpty()) {
                assertThat(part).hasSizeLessThanOrEqualTo(limit);
                parts.addAll(part);
                part = view.matching(filter, parts.get(parts.size() - 1).name(), limit);
            }
            assertThat(parts).isEqualTo(whole);
        }
    }

    @Test
    void goesOnBehindANameThatIsGone() {
        view.clear("a/b");

        assertThat(view.matching("a/#", "a/b", 10)).extracting(Retained::name).containsExactly("a/b/c");
    }

    @Test
    void findsNamesWithCharactersBelowTheSeparatorsPlace() {
        view.set("a\u0001/x", 10);
        view.set("a b/x", 11);

        assertThat(view.matching("+/x")).extracting(Retained::position).containsExactlyInAnyOrder(10L, 11L);
        assertThat(view.matching("a/x")).isEmpty();
    }

    @Test
    void findsTheLongestNameThatMqttAllows() {
        String name = "a/" + "\uD83D\uDE00".repeat(16_000);
        view.set(name, 9);

        assertThat(view.matching(name)).containsExactly(new Retained(name, 9));
    }

    @Test
    void forgetsWhatIsCleared() {
        view.clear("a/b");
        view.clear("never/there");

        assertThat(view.matching("a/b")).isEmpty();
        assertThat(view.matching("a/b/c")).hasSize(1);
        assertThat(view.size()).isEqualTo(5);

        view.clearBelow("a");
        assertThat(view.matching("a/#")).isEmpty();
        assertThat(view.size()).isEqualTo(2);
    }
}
