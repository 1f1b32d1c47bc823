/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlacementTest {
    private static final int NAMES = 30_000;

    @Test
    void sharesNamesOutEvenly() {
        Placement three = new Placement(List.of("a", "b", "c"));

        int[] of = new int[3];
        for (int i = 0; i < NAMES; i++) {
            of[three.ofPath("plant/" + i + "/temperature")]++;
        }

        for (int count : of) {
            assertThat(count).isBetween(NAMES / 3 - 600, NAMES / 3 + 600);
        }
    }

    @Test
    void movesNamesOnlyToTheGroupThatIsAdded() {
        Placement three = new Placement(List.of("a", "b", "c"));
        Placement four = new Placement(List.of("a", "b", "c", "d"));

        int moved = 0;
        for (int i = 0; i < NAMES; i++) {
            int before = three.ofPath("path/" + i);
            int after = four.ofPath("path/" + i);
            if (before != after) {
                moved++;
                assertThat(after).isEqualTo(3);
            }
        }

        assertThat(moved).isBetween(NAMES / 4 - 600, NAMES / 4 + 600);
    }

    /** Nodes of different versions have to agree: these values may never change. */
    @Test
    void decidesAsItAlwaysDid() {
        Placement three = new Placement(List.of("orders", "billing", "devices"));

        assertThat(List.of(
                        three.ofPath("a/b/c"),
                        three.ofPath("orders"),
                        three.ofPath("größe/µ"),
                        three.ofClient("device-17"),
                        three.ofClient("")))
                .containsExactly(0, 2, 1, 0, 1);
    }

    @Test
    void refusesNoGroupsTooManyAndTwoOfOneName() {
        assertThatThrownBy(() -> new Placement(List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Placement(Collections.nCopies(17, "a")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Placement(List.of("a", "a"))).hasMessageContaining("one name");
    }
}
