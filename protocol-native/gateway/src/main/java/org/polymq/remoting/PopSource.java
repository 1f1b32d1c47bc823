/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Done;
import org.polymq.broker.Reply;
import org.polymq.broker.subscription.Consumer;
import org.polymq.broker.subscription.Delivery;

/**
 * What a group can be given of one subscription: messages that are ready, and those that members have for a time. A
 * message whose time is over comes back in its place. Confined to its group's lane.
 */
final class PopSource implements Consumer.Listener {
    private static final int READY_MESSAGES = 32;
    private static final long CREDIT_BYTES = 1L << 40;

    private final Owner owner;
    private final int queueId;
    /** Whether messages are asked for only when a member wants some: others consume from the subscription too. */
    private final boolean shared;
    /** By log position. */
    private final TreeMap<Long, Delivery> ready = new TreeMap<>();

    private final Map<Spot, Lease> leases = new HashMap<>();
    private @Nullable Consumer consumer;
    private int asked;
    private boolean returning;
    private long lastOffset = -1;

    /** Told of what happens here. */
    interface Owner {
        /** Whether a message is to be handed out; false if the owner did something else with it. */
        boolean accepts(PopSource source, Delivery delivery);

        /** There may be something to hand out. */
        void changed();

        /** The subscription is gone. */
        void ended();
    }

    private record Spot(long queue, long offset) {}

    /** A message that a member has; {@code until} and {@code popTime} in ms since the epoch. */
    record Lease(Delivery delivery, long popTime, long until, String attempt) {}

    PopSource(Owner owner, int queueId, boolean shared) {
        this.owner = owner;
        this.queueId = queueId;
        this.shared = shared;
    }

    /** Begins to consume; to be called once. */
    void attached(Consumer to) {
        consumer = to;
        to.credit(0, CREDIT_BYTES);
        if (!shared) {
            ask(READY_MESSAGES);
        }
    }

    /** The queue of the topic; -1 for all. */
    int queueId() {
        return queueId;
    }

    boolean hasReady() {
        return !ready.isEmpty() && !returning;
    }

    int readyCount() {
        return ready.size();
    }

    /** The highest offset seen. */
    long lastOffset() {
        return lastOffset;
    }

    int leaseCount() {
        return leases.size();
    }

    /** Members want so many messages altogether. */
    void want(int messages) {
        int missing = messages - ready.size() - asked;
        if (shared && missing > 0) {
            ask(missing);
        }
    }

    private void ask(int messages) {
        asked += messages;
        consumer().credit(messages, 0);
    }

    private Consumer consumer() {
        if (consumer == null) {
            throw new IllegalStateException("not attached");
        }
        return consumer;
    }

    @Override
    public void delivered(List<Delivery> batch) {
        asked -= batch.size();
        int dropped = 0;
        for (Delivery delivery : batch) {
            lastOffset = Math.max(lastOffset, delivery.offset());
            if (owner.accepts(this, delivery)) {
                ready.put(delivery.position(), delivery);
            } else {
                dropped++;
            }
        }
        if (dropped > 0 && !shared) {
            ask(dropped);
        }
        owner.changed();
    }

    @Override
    public void ended() {
        owner.ended();
    }

    /** Gives what a shared subscription sent and nobody here waits for back to the others. */
    void giveBackReady() {
        if (shared && !ready.isEmpty()) {
            List<Delivery> unused = List.copyOf(ready.values());
            ready.clear();
            consumer().release(unused, false);
        }
    }

    /**
     * Hands messages out.
     *
     * @param order whether what was handed out blocks what follows it; the same attempt gets the same messages again
     */
    List<Delivery> take(int most, boolean order, String attempt, long popTime, long until) {
        if (returning) {
            return List.of();
        }
        if (order && !leases.isEmpty()) {
            return attempt.isEmpty() ? List.of() : takeAgain(attempt, popTime, until);
        }
        List<Delivery> taken = new ArrayList<>();
        while (taken.size() < most && !ready.isEmpty()) {
            Delivery delivery = ready.pollFirstEntry().getValue();
            leases.put(spot(delivery), new Lease(delivery, popTime, until, attempt));
            taken.add(delivery);
        }
        if (!shared && !taken.isEmpty()) {
            ask(taken.size());
        }
        return taken;
    }

    private List<Delivery> takeAgain(String attempt, long popTime, long until) {
        boolean mine =
                leases.values().stream().allMatch(lease -> lease.attempt().equals(attempt));
        if (!mine) {
            return List.of();
        }
        leases.replaceAll((spot, lease) -> new Lease(lease.delivery(), popTime, until, attempt));
        return leases.values().stream()
                .map(Lease::delivery)
                .sorted(Comparator.comparingLong(Delivery::position))
                .toList();
    }

    /** Takes a lease away to settle it; null if it has run out, or the message was handed out again since. */
    @Nullable
    Lease end(long queue, long offset, long popTime) {
        Spot spot = new Spot(queue, offset);
        Lease lease = leases.get(spot);
        if (lease == null || lease.popTime() != popTime) {
            return null;
        }
        leases.remove(spot);
        return lease;
    }

    /** Puts a lease (back). */
    void put(Lease lease) {
        leases.put(spot(lease.delivery()), lease);
    }

    void accept(Lease lease, Reply<Done> reply) {
        consumer().accept(List.of(lease.delivery()), true, reply);
    }

    /** Takes back what members have had for too long; true if that was any. */
    boolean expire(long now, boolean order) {
        List<Delivery> over = new ArrayList<>();
        leases.values().removeIf(lease -> {
            boolean ends = lease.until() <= now;
            if (ends) {
                over.add(lease.delivery());
            }
            return ends;
        });
        if (!over.isEmpty()) {
            comeBack(over, order);
        }
        return !over.isEmpty();
    }

    /** Messages come back: an orderly member gets nothing that is behind them before them. */
    private void comeBack(Collection<Delivery> over, boolean order) {
        int count = over.size();
        if (order) {
            List<Delivery> behind = List.copyOf(ready.values());
            ready.clear();
            count += behind.size();
            returning = true;
            consumer().release(behind, false);
        }
        consumer().release(over, true);
        ask(count);
        if (order) {
            consumer().poll(() -> {
                returning = false;
                owner.changed();
            });
        }
    }

    /** Leaves; what is neither acknowledged nor seen by a member can be had by others at once. */
    void close() {
        ready.clear();
        leases.clear();
        if (consumer != null) {
            consumer.close(false);
        }
    }

    /** For what the owner does with a message itself. */
    Consumer engine() {
        return consumer();
    }

    private static Spot spot(Delivery delivery) {
        return new Spot(delivery.queue(), delivery.offset());
    }
}
