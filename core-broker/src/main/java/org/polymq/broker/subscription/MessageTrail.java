/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.message.TopicFilter;
import org.polymq.broker.subscription.SubscriptionState.Cursor;
import org.polymq.storage.QueueIndex;

/** Tells which subscriptions have, or had, one message to consume, and how far each is with it. */
final class MessageTrail {
    private final QueueIndex index;
    private final BiPredicate<SubscriptionKey, Spot> inHand;

    /** Where in a queue a message is. */
    record Spot(long queue, long offset) {}

    /** @param inHand whether a consumer of the subscription has the message that is there */
    MessageTrail(QueueIndex index, BiPredicate<SubscriptionKey, Spot> inHand) {
        this.index = index;
        this.inHand = inHand;
    }

    /** See {@link Subscriptions#progress}. */
    List<Progress> of(Collection<SubscriptionState> subscriptions, String name, long queue, long position) {
        List<Progress> all = new ArrayList<>();
        for (SubscriptionState state : subscriptions) {
            Progress progress = null;
            for (Cursor cursor : state.cursors().values()) {
                if (mayHave(cursor, name, queue)) {
                    Progress one = of(state.key(), cursor, position);
                    progress = progress == null || one == null ? one == null ? progress : one : progress.and(one);
                }
            }
            if (progress != null) {
                all.add(progress);
            }
        }
        return all;
    }

    private static boolean mayHave(Cursor cursor, String name, long queue) {
        return cursor.filter().isEmpty()
                ? cursor.queue() == queue
                : TopicFilter.of(cursor.filter()).matches(name);
    }

    private @Nullable Progress of(SubscriptionKey key, Cursor cursor, long position) {
        QueueIndex.Entry entry = new QueueIndex.Entry();
        long offset = index.firstAtOrAfter(cursor.queue(), position);
        if (!index.get(cursor.queue(), offset, entry) || entry.position() != position) {
            return null;
        }
        boolean done = cursor.done().isDone(offset);
        return new Progress(
                key,
                done,
                !done && inHand.test(key, new Spot(cursor.queue(), offset)),
                cursor.done().count(offset));
    }
}
