/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.retained;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.polymq.broker.retained.RetainedView.Retained;

class RetainedViewTest {
    private final RetainedView view = new RetainedView();

    @BeforeEach
    void fill() {
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

    @Test
    void comesBackFromASnapshot() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        view.save(new DataOutputStream(bytes));
        RetainedView loaded = new RetainedView();
        loaded.load(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));

        assertThat(loaded.matching("#")).containsExactlyInAnyOrderElementsOf(view.matching("#"));
        assertThat(loaded.size()).isEqualTo(6);
    }

    @Test
    void savesTheLongestNameThatMqttAllows() throws IOException {
        String name = "a/" + "\uD83D\uDE00".repeat(16_000);
        view.set(name, 9);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        view.save(new DataOutputStream(bytes));

        RetainedView loaded = new RetainedView();
        loaded.load(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));

        assertThat(loaded.matching(name)).containsExactly(new Retained(name, 9));
    }
}
