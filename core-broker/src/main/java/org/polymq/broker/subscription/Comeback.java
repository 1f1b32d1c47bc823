/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.time.InstantSource;
import org.polymq.broker.Done;
import org.polymq.broker.Reply;

/** What becomes of messages that come back: as the policies say, with the dead letters' thread. */
public record Comeback(Redeliveries policies, DeadLetters deadLetters, InstantSource clock)
        implements SubscriptionContext.Redelivery {
    @Override
    public long now() {
        return clock.millis();
    }

    @Override
    public RedeliveryPolicy policy(SubscriptionKey key) {
        return policies.of(key);
    }

    @Override
    public void later(Runnable task, long millis) {
        deadLetters.execute(task, millis);
    }

    @Override
    public void bury(
            SubscriptionKey key, Delivery delivery, Settlement settlement, RedeliveryPolicy policy, Reply<Done> reply) {
        deadLetters.move(key, delivery, settlement, Redeliveries.deadLetterQueue(key, policy), reply);
    }
}
