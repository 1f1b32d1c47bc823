/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.util.concurrent.atomic.LongAdder;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.TopicKind;
import org.polymq.storage.QueueIndex;

/** Refuses messages for a queue in which too many wait: {@code limits.queue-depth}. Safe from any thread. */
public final class QueueDepth {
    private final SubscriptionsView subscriptions;
    private final QueueIndex index;
    private final long limit;
    private final LongAdder refused = new LongAdder();

    /** @param limit most messages that wait in one queue; 0 for any number */
    public QueueDepth(SubscriptionsView subscriptions, QueueIndex index, long limit) {
        this.subscriptions = subscriptions;
        this.index = index;
        this.limit = limit;
    }

    /**
     * Checks before a message is stored; those that are on their way at the same time are not counted.
     *
     * @throws BrokerException LIMIT_EXCEEDED
     */
    public void check(Topic topic) {
        if (limit == 0 || topic.kind() != TopicKind.QUEUE) {
            return;
        }
        SubscriptionState consumed = subscriptions.get(SubscriptionKey.queue(topic.name()));
        if (consumed == null) {
            return;
        }
        long waiting = 0;
        for (SubscriptionState.Cursor cursor : consumed.cursors().values()) {
            waiting += cursor.done().pending(index.end(cursor.queue()));
        }
        if (waiting >= limit) {
            refused.increment();
            throw new BrokerException(
                    Reason.LIMIT_EXCEEDED,
                    waiting + " messages wait in queue " + topic.name() + "; the limit is " + limit
                            + " (limits.queue-depth): consume some first");
        }
    }

    /** Messages refused since the start. */
    public long refused() {
        return refused.sum();
    }
}
