/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector.lend;

import java.util.function.IntPredicate;

/**
 * Which group's leader has which task of a source that is spread. Each task has a group of its own, and an order of the
 * others for the time when that has no leader: so few tasks move when one is lost, and the same ones come back.
 *
 * @param groups how many there are
 * @param first the slot of task 0
 */
record TaskDivision(int groups, int first) {
    /** Tasks of different connectors begin with different groups. */
    static TaskDivision of(String connector, int groups) {
        return new TaskDivision(groups, Math.floorMod(connector.hashCode(), groups));
    }

    /**
     * The slot of a task.
     *
     * @param counts whether a slot's leader takes tasks; that of the first does always
     */
    int slot(int task, IntPredicate counts) {
        int own = (first + task) % groups;
        if (groups == 1 || counts.test(own)) {
            return own;
        }
        int turn = task / groups; // so that a group's tasks do not all go to the same one
        for (int step = 0; step < groups - 1; step++) {
            int other = (own + 1 + (turn + step) % (groups - 1)) % groups;
            if (counts.test(other)) {
                return other;
            }
        }
        return 0;
    }
}
