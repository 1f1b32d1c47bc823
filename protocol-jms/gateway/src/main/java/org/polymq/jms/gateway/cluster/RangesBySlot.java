/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.polymq.jms.wire.Frame.TagRange;

/** Deliveries by the group that made them, with the tags of that group. Confined to the client's event loop. */
final class RangesBySlot {
    private final Map<Integer, List<TagRange>> bySlot = new TreeMap<>();

    /** Adds a range; one that goes on where the group's last one ends becomes part of it. */
    void add(int slot, TagRange range) {
        List<TagRange> ranges = bySlot.computeIfAbsent(slot, each -> new ArrayList<>());
        int last = ranges.size() - 1;
        if (last >= 0
                && ranges.get(last).consumerId() == range.consumerId()
                && ranges.get(last).last() + 1 == range.first()) {
            ranges.set(last, new TagRange(range.consumerId(), ranges.get(last).first(), range.last()));
        } else {
            ranges.add(range);
        }
    }

    /** Of one group; empty for none. */
    List<TagRange> of(int slot) {
        return bySlot.getOrDefault(slot, List.of());
    }

    /** The groups that have some. */
    Set<Integer> slots() {
        return bySlot.keySet();
    }
}
