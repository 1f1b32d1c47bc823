/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector.lend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TaskDivisionTest {
    private static List<Integer> slots(TaskDivision division, int tasks, Set<Integer> counting) {
        return IntStream.range(0, tasks)
                .map(task -> division.slot(task, counting::contains))
                .boxed()
                .toList();
    }

    @Test
    void eachGroupHasItsShare() {
        assertThat(slots(new TaskDivision(3, 2), 7, Set.of(0, 1, 2))).containsExactly(2, 0, 1, 2, 0, 1, 2);
        assertThat(slots(new TaskDivision(1, 0), 3, Set.of())).containsExactly(0, 0, 0);
    }

    @Test
    void onlyTheTasksOfALostGroupMoveAndTheOthersShareThem() {
        assertThat(slots(new TaskDivision(3, 0), 12, Set.of(0, 2))).containsExactly(0, 2, 2, 0, 0, 2, 0, 2, 2, 0, 0, 2);
        assertThat(slots(new TaskDivision(3, 0), 6, Set.of(0))).containsOnly(0);
    }

    @Test
    void sourcesOfOneTaskAreDividedByTheirNames() {
        assertThat(IntStream.range(0, 9)
                        .map(number -> TaskDivision.of("source" + number, 3).slot(0, slot -> true)))
                .containsOnly(0, 1, 2);
    }
}
