/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.topic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FilterTrieTest {
    private final FilterTrie<String> trie = new FilterTrie<>();

    @ParameterizedTest
    @CsvSource({
        "a/b/c, a/b/c, true",
        "a/b/c, a/b, false",
        "a/+/c, a/b/c, true",
        "a/+/c, a/b/d, false",
        "a/#, a/b/c, true",
        "a/#, a, true",
        "a/#, ab, false",
        "#, a/b, true",
        "+, a, true",
        "+, a/b, false",
        "+/+, /a, true",
        "/+, /a, true",
        "+, $SYS, false",
        "#, $SYS/x, false",
        "$SYS/#, $SYS/x, true",
        "a/+, a/, true",
        "a/+, a, false",
    })
    void matchesAsTheSpecificationSays(String filter, String name, boolean matches) {
        trie.add(filter, filter);

        assertThat(match(name, false)).isEqualTo(matches ? List.of(filter) : List.of());
    }

    @Test
    void systemNamesMatchOnlyThemselves() {
        trie.add("#", "all");
        trie.add("%RETRY%g", "itself");
        trie.add("%RETRY%g/#", "below");

        assertThat(match("%RETRY%g", true)).containsExactly("itself");
    }

    @Test
    void holdsAsManyValuesOfAFilterAsAreAdded() {
        List<String> values = IntStream.range(0, 40).mapToObj(i -> "v" + i).toList();
        for (String filter : List.of("a/b", "a/#")) {
            for (String value : values) {
                assertThat(trie.add(filter, value)).isTrue();
                assertThat(trie.add(filter, value)).isFalse();
            }
            List<String> found = new ArrayList<>();
            trie.match("a/b", false, found::add);
            assertThat(found).containsExactlyInAnyOrderElementsOf(values);
            for (String value : values) {
                assertThat(trie.remove(filter, value)).isTrue();
                assertThat(trie.remove(filter, value)).isFalse();
            }
        }
        for (int count : new int[] {1, 2, 3, 16, 17}) {
            values.subList(0, count).forEach(value -> trie.add("c", value));
            values.subList(1, count).forEach(value -> trie.remove("c", value));
            List<String> found = new ArrayList<>();
            trie.match("c", false, found::add);
            assertThat(found).containsExactly("v0");
            trie.remove("c", "v0");
        }
        assertThat(trie.mayMatch("c")).isFalse();
    }

    @Test
    void forgetsWhatIsRemovedAndPrunesItsBranch() {
        trie.add("a/b/c", "one");
        trie.add("a/b", "two");

        assertThat(trie.remove("a/b/c", "one")).isTrue();
        assertThat(trie.remove("a/b/c", "one")).isFalse();
        assertThat(match("a/b/c", false)).isEmpty();
        assertThat(match("a/b", false)).containsExactly("two");

        trie.remove("a/b", "two");
        assertThat(trie.mayMatch("a")).isFalse();
    }

    @Test
    void tellsWhetherAFilterNamesSomethingBelowATopic() {
        trie.add("a/b/+", "x");
        trie.add("+/c", "y");

        assertThat(trie.hasFirstLevel("a")).isTrue();
        assertThat(trie.hasFirstLevel("b")).isFalse();
        trie.remove("a/b/+", "x");
        assertThat(trie.hasFirstLevel("a")).isFalse();
    }

    private List<String> match(String name, boolean exactOnly) {
        List<String> found = new ArrayList<>();
        trie.match(name, exactOnly, found::add);
        return found;
    }
}
