/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.grid;

import com.hazelcast.map.EntryProcessor;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Says how many connections a user has in one process; answers how many it has in all others. */
record ReportShare(Shares.Share share, Set<Long> live) implements EntryProcessor<String, Shares, Integer> {
    ReportShare {
        live = Set.copyOf(live);
    }

    @Override
    @SuppressWarnings("NullAway") // Hazelcast's entries hold null where there is none
    public Integer process(Map.Entry<String, Shares> entry) {
        @Nullable Shares before = entry.getValue();
        Shares now = (before == null ? new Shares(List.of()) : before).with(share, live);
        entry.setValue(now.of().isEmpty() ? null : now);
        return now.without(share.id());
    }
}
