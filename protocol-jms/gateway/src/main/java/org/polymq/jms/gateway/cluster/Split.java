/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.polymq.jms.gateway.cluster.Gathering.Message;

/**
 * A transaction by groups. What goes to temporary destinations is in no log: it goes with the group's part if the group
 * has one, else when the rest is stored. Confined to the client's event loop.
 */
final class Split {
    private final Map<Integer, List<Message>> messages = new TreeMap<>();
    private final RangesBySlot ranges;
    private final List<Message> later = new ArrayList<>(0);
    private final Set<Integer> slots;
    private final int first;

    Split(List<Message> all, RangesBySlot ranges, Router router) {
        this.ranges = ranges;
        this.slots = new TreeSet<>(ranges.slots());
        Message kept = null;
        for (Message message : all) {
            if (!isTemporary(message)) {
                kept = kept == null ? message : kept;
                slots.add(router.slotOf(message.wire().destination()));
            }
        }
        for (Message message : all) {
            int slot = router.slotOf(message.wire().destination());
            if (slots.contains(slot)) {
                messages.computeIfAbsent(slot, each -> new ArrayList<>()).add(message);
            } else {
                later.add(message);
            }
        }
        if (kept != null) {
            this.first = router.slotOf(kept.wire().destination());
        } else {
            this.first = slots.isEmpty() ? 0 : slots.iterator().next();
        }
    }

    private static boolean isTemporary(Message message) {
        return message.wire().destination().kind().isTemporary();
    }

    /** The groups whose logs take part. */
    Set<Integer> slots() {
        return slots;
    }

    /** The group of the first message that is kept: a client that lost the answer asks for that one. */
    int first() {
        return first;
    }

    List<Message> messages(int slot) {
        return messages.getOrDefault(slot, List.of());
    }

    RangesBySlot ranges() {
        return ranges;
    }

    /** What goes to temporary destinations in other groups. */
    List<Message> later() {
        return later;
    }
}
