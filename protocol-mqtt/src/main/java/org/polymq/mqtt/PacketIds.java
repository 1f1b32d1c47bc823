/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import org.polymq.broker.cluster.Placement;

/**
 * Which packet identifiers a group sends its messages with. In a cluster of several groups they have one class each, so
 * that who stands between them and the client knows whose message is acknowledged. Immutable.
 */
public final class PacketIds {
    /** All of them: what a group has that is alone. */
    public static final PacketIds ALL = new PacketIds(0, 1);

    private static final int LAST = 65_535;

    private final int slot;
    private final int classes;

    private PacketIds(int slot, int classes) {
        this.slot = slot;
        this.classes = classes;
    }

    /** Those of the group in this slot of a cluster of several. */
    public static PacketIds of(int slot) {
        if (slot < 0 || slot >= Placement.MOST_GROUPS) {
            throw new IllegalArgumentException(
                    "slot " + slot + "; a cluster has from 1 to " + Placement.MOST_GROUPS + " groups");
        }
        return new PacketIds(slot, Placement.MOST_GROUPS);
    }

    /** The slot of the group that an identifier is of, 0 to {@link Placement#MOST_GROUPS} - 1. */
    public static int slotOf(int packetId) {
        return (packetId - 1) % Placement.MOST_GROUPS;
    }

    /** How many there are. */
    int count() {
        return (LAST - 1 - slot) / classes + 1;
    }

    /** The one that follows another of them, or 0; behind the last one comes the first. */
    int after(int packetId) {
        int next = packetId == 0 ? slot + 1 : packetId + classes;
        return next > LAST ? slot + 1 : next;
    }
}
