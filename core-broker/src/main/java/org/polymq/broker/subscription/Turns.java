/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Lane;

/** The consumers of a subscription, and whose turn it is. Guarded by its {@link Dispatcher}'s monitor. */
final class Turns {
    private final List<DurableConsumer> consumers = new ArrayList<>();
    private int turn;

    void add(DurableConsumer consumer) {
        consumers.add(consumer);
    }

    /** @return whether it was there */
    boolean remove(DurableConsumer consumer) {
        turn = 0;
        return consumers.remove(consumer);
    }

    /** Takes all of them out. */
    List<DurableConsumer> clear() {
        List<DurableConsumer> all = List.copyOf(consumers);
        consumers.clear();
        return all;
    }

    boolean isEmpty() {
        return consumers.isEmpty();
    }

    List<DurableConsumer> all() {
        return consumers;
    }

    /** Whether somebody is there who wants to be alone. */
    boolean hasExclusive() {
        return !consumers.isEmpty() && consumers.get(0).exclusive();
    }

    /** Where the subscription is pumped: the lane of the first consumer; null without one. */
    @Nullable
    Lane lane() {
        return consumers.isEmpty() ? null : consumers.get(0).lane();
    }

    /**
     * How far behind the one whose turn it is the next consumer stands that may get something; -1 if none.
     *
     * @param exhausted readers that have nothing more
     */
    int nextWithCredit(int from, Set<SubscriptionReader> exhausted) {
        int count = consumers.size();
        for (int ahead = from; ahead < count; ahead++) {
            DurableConsumer consumer = consumers.get((turn + ahead) % count);
            if (consumer.hasCredit()
                    && (consumer.hasParked() || exhausted.isEmpty() || !exhausted.contains(consumer.reader()))) {
                return ahead;
            }
        }
        return -1;
    }

    DurableConsumer at(int ahead) {
        return consumers.get((turn + ahead) % consumers.size());
    }

    /** The one behind the consumer that far ahead is next. */
    void passBehind(int ahead) {
        turn = (turn + ahead + 1) % consumers.size();
    }

    /** Of the consumers that share a consumer's reader and may get something the one with the fewest groups. */
    DurableConsumer withFewestGroups(DurableConsumer consumer) {
        DurableConsumer fewest = consumer;
        for (DurableConsumer other : consumers) {
            if (other.groups() < fewest.groups() && other.reader() == consumer.reader() && other.hasCredit()) {
                fewest = other;
            }
        }
        return fewest;
    }
}
