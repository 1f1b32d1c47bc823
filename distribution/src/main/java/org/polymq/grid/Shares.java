/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.grid;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** How many connections a user has in each process, as it lies in the grid. */
record Shares(List<Share> of) {
    Shares {
        of = List.copyOf(of);
    }

    /**
     * One process's.
     *
     * @param id the process's
     * @param count at least 1
     * @param order larger for what it said later
     */
    record Share(long id, int count, long order) {}

    /** With what a process said last, and without processes that are gone. */
    Shares with(Share said, Set<Long> live) {
        List<Share> now = new ArrayList<>();
        Share latest = said;
        for (Share each : of) {
            if (each.id() == said.id()) {
                latest = each.order() > said.order() ? each : said;
            } else if (live.contains(each.id())) {
                now.add(each);
            }
        }
        if (latest.count() > 0) {
            now.add(latest);
        }
        return new Shares(now);
    }

    /** The connections in all other processes. */
    int without(long id) {
        return of.stream()
                .filter(each -> each.id() != id)
                .mapToInt(Share::count)
                .sum();
    }
}
