/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Offsets that an operator gave to groups whose members are online and do not know yet: each member is sent there at
 * its next pull, and what it commits before is not taken. The offset itself is committed by whoever resets. Safe from
 * any thread.
 */
final class OffsetResets {
    /** A member that went on by itself for so long has its own idea of where it is. */
    private static final long MOST_MILLIS = 120_000;

    private final LongSupplier steadyMillis;
    private final Map<Key, Pending> pending = new ConcurrentHashMap<>();

    private record Key(String group, long queue) {}

    private record Pending(long offset, long until, boolean told) {}

    OffsetResets(LongSupplier steadyMillis) {
        this.steadyMillis = steadyMillis;
    }

    /** The member that reads the queue next is to go on at this offset. */
    void put(String group, long queue, long offset) {
        pending.put(new Key(group, queue), new Pending(offset, steadyMillis.getAsLong() + MOST_MILLIS, false));
    }

    /** Where a member that asks for an offset has to go instead; empty if it may go on. */
    OptionalLong redirect(String group, long queue, long asked) {
        if (pending.isEmpty()) {
            return OptionalLong.empty();
        }
        Key key = new Key(group, queue);
        Pending reset = pending.get(key);
        if (reset == null) {
            return OptionalLong.empty();
        }
        boolean arrived = reset.told() && reset.offset() == asked;
        if (arrived || isOver(reset)) {
            pending.remove(key, reset);
            return OptionalLong.empty();
        }
        pending.replace(key, reset, new Pending(reset.offset(), reset.until(), true));
        return OptionalLong.of(reset.offset());
    }

    /** Whether a member's commit counts: one of before a reset does not. */
    boolean allows(String group, long queue, long offset) {
        if (pending.isEmpty()) {
            return true;
        }
        Pending reset = pending.get(new Key(group, queue));
        return reset == null || reset.offset() == offset || isOver(reset);
    }

    private boolean isOver(Pending reset) {
        return steadyMillis.getAsLong() > reset.until();
    }

    /** Forgets what no member came for. */
    void sweep() {
        pending.values().removeIf(this::isOver);
    }
}
