/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.util.function.LongSupplier;
import org.polymq.broker.Done;
import org.polymq.broker.Reply;
import org.polymq.broker.state.ColdReads;
import org.polymq.broker.state.Committer;
import org.polymq.broker.state.MessageReader;
import org.polymq.broker.state.QueueWatches;
import org.polymq.storage.QueueIndex;

/**
 * What the subscription engine needs from its surroundings.
 *
 * @param appliedBelow the log position below which every record is in all the queues that take it
 */
public record SubscriptionContext(
        QueueIndex index,
        LongSupplier appliedBelow,
        MessageReader reader,
        QueueWatches watches,
        Committer committer,
        ColdReads coldReads,
        Expiry expiry,
        Redelivery redelivery) {

    /** What becomes of messages that were handed over and came back. */
    public interface Redelivery {
        RedeliveryPolicy policy(SubscriptionKey key);

        /** The time, ms since the epoch. */
        long now();

        /** Runs a task so much later, on any thread. */
        void later(Runnable task, long millis);

        /** Acknowledges a message and stores it with the dead letters, both or neither. */
        void bury(
                SubscriptionKey key,
                Delivery delivery,
                Settlement settlement,
                RedeliveryPolicy policy,
                Reply<Done> reply);
    }

    /** Which messages nobody gets any more. */
    @FunctionalInterface
    public interface Expiry {
        /**
         * @param flags the record's flags
         * @param expiresAt ms since the epoch, 0 never
         */
        boolean isOver(SubscriptionKey key, long position, int flags, long expiresAt);
    }
}
