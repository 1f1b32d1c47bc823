/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.xa;

import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Lane;
import org.polymq.broker.publish.Outgoing;
import org.polymq.broker.subscription.Consumer;
import org.polymq.broker.subscription.Delivery;
import org.polymq.broker.subscription.Settlement;

/**
 * What one session did for a branch between a start and an end.
 *
 * @param messages what it sent
 * @param taken what it consumed
 * @param committed to be run on the lane once the branch is committed, for what goes to memory only; or null
 * @param lane the session's
 */
public record Work(
        List<Outgoing> messages,
        List<Taken> taken,
        @Nullable Runnable committed,
        Lane lane) {

    /** Deliveries of one consumer that a branch acknowledges. */
    public record Taken(Consumer consumer, Collection<Delivery> deliveries, Settlement settlement) {
        /** Takes them out of flight. */
        public static Taken of(Consumer consumer, Collection<Delivery> deliveries) {
            return new Taken(consumer, List.copyOf(deliveries), consumer.settle(deliveries));
        }

        boolean isEmpty() {
            return deliveries.isEmpty();
        }

        /** Whether the log knows of it, so that preparing locks it. */
        boolean isLogged() {
            return !settlement.records().isEmpty();
        }

        /** They come back to their places, handed over once more. */
        void giveBack() {
            settlement.refused().run();
            consumer.release(deliveries, true);
        }
    }

    public Work {
        messages = List.copyOf(messages);
        taken = List.copyOf(taken);
    }

    void whenCommitted() {
        if (committed != null) {
            committed.run();
        }
    }

    boolean isEmpty() {
        return messages.isEmpty() && committed == null && taken.stream().allMatch(Taken::isEmpty);
    }
}
